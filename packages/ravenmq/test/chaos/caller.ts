/** One person of one organization at the REST API, with a deadline for every call. */
import { Agent, request as httpRequest } from 'node:http';

const deadlineMs = 4_000;

export interface Caller {
  /** Makes the person and the organization; answers the organization's id. */
  signUp(org: string): Promise<string>;
  /** Answers the job's id. */
  submit(job: Record<string, unknown>): Promise<string>;
  /** Resolves also when the job has already ended. */
  cancel(id: string): Promise<void>;
  close(): void;
}

export function createCaller(url: string): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let token = '';

  function post(path: string, body: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${url}${path}`, {
        agent,
        method: 'POST',
        signal: AbortSignal.timeout(deadlineMs),
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(text || '{}') }),
        );
      });
      request.end(JSON.stringify(body));
    });
  }

  async function expectOk(path: string, body: unknown): Promise<Record<string, unknown>> {
    const { status, json } = await post(path, body);
    if (status >= 300) throw new Error(`POST ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  return {
    async signUp(org) {
      const answer = await expectOk('/auth/register', { username: `user-of-${org}`, password: 'chaos-user' });
      token = answer.token as string;
      const made = await expectOk('/orgs/', { name: org });
      return (made.org as { id: string }).id;
    },
    submit: async (job) => (await expectOk('/jobs/', job)).id as string,
    async cancel(id) {
      const { status } = await post(`/jobs/${id}/cancel`, {});
      if (status >= 300 && status !== 409) throw new Error(`cancel: ${status}`);
    },
    close: () => agent.destroy(),
  };
}
