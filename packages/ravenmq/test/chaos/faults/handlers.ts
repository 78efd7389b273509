/** Handlers that harm the process they run in. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Trial } from '../fault.ts';
import type { Draft } from '../mix.ts';

/** Each kills its worker as often as it is allowed to start: then it has failed, and everybody else is done. */
const poison: Draft[] = (['kill', 'exit', 'memory', 'throw'] as const).map((die) => ({
  kind: 'poison',
  payload: { ms: 20, die },
  maxRetries: 2,
}));

/** Holds the event loop for half a lease. */
const blocking: Draft = { kind: 'plain', payload: { ms: 600, spin: true }, maxRetries: 90 };

export const harmfulHandlers: Fault = {
  id: 'F15',
  title: 'handlers that kill, exhaust or block their process',
  workers: 4,
  start: { env: { NODE_OPTIONS: '--max-old-space-size=120' } },
  async run(trial) {
    const { size, stack, load, deeds } = trial;
    for (let n = 0; n < size.times; n++) {
      const harmful = await Promise.all([...poison, blocking, blocking].map((draft) => load.submit(draft)));
      const ids = harmful.flatMap(({ ids }) => ids);
      while (await anyOpen(trial, ids)) {
        // Deaths are what is wanted here; a supervisor starts the next.
        for (const place of stack.of('worker')) {
          if (!place.child.exit) continue;
          deeds.kills++;
          stack.restart(place);
        }
        await pause(50);
      }
    }
    // One that runs out of memory may still be dying when its job has been given up.
    for (const child of stack.children) if (child.name.startsWith('worker')) child.doomed = true;
  },
};

async function anyOpen({ server, stack }: Trial, ids: string[]): Promise<boolean> {
  const rows = await server.query(`select from ${stack.schema}.job_live where id = any($1) limit 1`, [ids]);
  return rows.length > 0;
}
