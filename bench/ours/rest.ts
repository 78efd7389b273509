/** RavenMQ through its REST API: an API process of its own, one API key, connections kept alive. */
import { createClient } from '@ravenmq/client';
import type { Contestant, Place } from '../contestant.ts';
import { startApi } from './api-process.ts';
import { library } from './library.ts';

export function rest(place: Place): Contestant {
  const underneath = library(place);
  return {
    ...underneath,
    async produce() {
      const api = await startApi(place.databaseUrl);
      const client = createClient({ url: api.url, token: api.key });
      const job = (payload: object) => ({
        type: 'bench',
        name: 'bench',
        payload: payload as Record<string, unknown>,
      });
      return {
        one: (payload) => client.jobs.submit(job(payload)),
        many: (payloads) => client.jobs.submitMany(payloads.map(job)),
        close: () => api.stop(),
      };
    },
  };
}
