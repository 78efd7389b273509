import { sqlOptions } from './direct.ts';
import type { Ending, Transport } from './raven.ts';

export interface RemoteOptions {
  url: string;
  apiKey: string;
}

interface WireJob {
  id: string;
  status: string;
  result: unknown;
  error_msg: string | null;
}

/** Jobs go through the REST API, in the name of the key's owner and organization. */
export function createRemote({ url, apiKey }: RemoteOptions): Transport {
  const base = url.replace(/\/$/, '');

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { detail?: string; title?: string };
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${answer.detail ?? answer.title}`);
    return answer as T;
  }

  return {
    async submit(jobs) {
      const wire = jobs.map((job) => ({ type: job.type, payload: job.payload, ...sqlOptions(job) }));
      const answers = await call<WireJob[]>('POST', '/jobs/bulk', { jobs: wire });
      return answers.map((job) => job.id);
    },
    async submitIn() {
      throw new Error('A transaction needs the database: construct Raven with databaseUrl and organization.');
    },
    async ending(id): Promise<Ending | undefined> {
      const { status, result, error_msg: errorMsg } = await call<WireJob>('GET', `/jobs/${id}`);
      if (status !== 'done' && status !== 'failed' && status !== 'cancelled') return undefined;
      return { status, result, errorMsg };
    },
    async close() {},
  };
}
