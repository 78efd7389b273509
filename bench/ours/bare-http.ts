/** The floor of any HTTP API on Node: bare-http-server.ts, driven by the same plain client as the REST API. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Contestant, Place } from '../contestant.ts';
import { direct } from './direct.ts';
import { plainProducer, type Served } from './plain-client.ts';

export function bareHttp(place: Place): Contestant {
  return { ...direct(place), produce: async () => plainProducer(await startServer(place.databaseUrl)) };
}

async function startServer(databaseUrl: string): Promise<Served> {
  const file = fileURLToPath(new URL('./bare-http-server.ts', import.meta.url));
  const child = fork(file, [databaseUrl]);
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The bare HTTP server did not start; it says why above.');
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    key: 'nobody asks for it',
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
