import { createClient, type NewJob } from '@ravenmq/client';
import { wireOptions } from './direct.ts';
import type { Transport } from './raven.ts';

export interface RemoteOptions {
  url: string;
  apiKey: string;
}

/** Jobs go through the REST API, in the name of the key's owner and organization. */
export function createRemote({ url, apiKey }: RemoteOptions): Transport {
  const client = createClient({ url, token: apiKey });
  return {
    async submit(jobs) {
      const wire = jobs.map(
        (job) => ({ type: job.type, payload: job.payload, ...wireOptions(job) }) as NewJob,
      );
      return (await client.jobs.submitMany(wire)).map((job) => job.id);
    },
    async submitIn() {
      throw new Error('A transaction needs the database: construct Raven with databaseUrl and organization.');
    },
    async ending(id) {
      const { status, result, error_msg: errorMsg } = await client.jobs.get(id);
      return status === 'done' || status === 'failed' || status === 'cancelled'
        ? { status, result, errorMsg }
        : undefined;
    },
    async close() {},
  };
}
