/** RavenMQ through its REST API: an API process of its own, one API key, connections kept alive. */
import { createClient } from '@ravenmq/client';
import type { Contestant, Place } from '../contestant.ts';
import { startApi } from './api-process.ts';
import { direct } from './direct.ts';
import { plainProducer, wireJob } from './plain-client.ts';

/** With the plainest client there is. */
export function rest(place: Place): Contestant {
  return { ...direct(place), produce: async () => plainProducer(await startApi(place.databaseUrl)) };
}

/** With our own client. */
export function sdk(place: Place): Contestant {
  return {
    ...direct(place),
    async produce() {
      const api = await startApi(place.databaseUrl);
      const client = createClient({ url: api.url, token: api.key });
      return {
        one: (payload) => client.jobs.submit(wireJob(payload)),
        many: (payloads) => client.jobs.submitMany(payloads.map(wireJob)),
        close: () => api.stop(),
      };
    },
  };
}
