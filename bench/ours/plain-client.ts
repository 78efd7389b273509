/** The plainest HTTP client there is, so that a server is measured rather than its client: JSON, connections kept alive. */
import { Agent, request } from 'node:http';
import type { Payload, Producer } from '../contestant.ts';

export const wireJob = ({ level, ...payload }: Payload) => ({
  type: 'bench',
  name: 'bench',
  payload,
  ...(level !== undefined && { weight: 0.1 + level / 100 }),
});

export interface Served {
  url: string;
  key: string;
  stop(): Promise<void>;
}

/** Submits over HTTP; closing it stops the server too. */
export function plainProducer(served: Served): Producer {
  const agent = new Agent({ keepAlive: true });
  const post = (path: string, body: object) => send(`${served.url}${path}`, served.key, agent, body);
  return {
    one: (payload) => post('/jobs', wireJob(payload)),
    many: (payloads) => post('/jobs/bulk', { jobs: payloads.map(wireJob) }),
    async close() {
      agent.destroy();
      await served.stop();
    },
  };
}

function send(url: string, key: string, agent: Agent, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        if (response.statusCode === 201) resolve(JSON.parse(answer));
        else reject(new Error(`${url} answered ${response.statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
