/** What operators do: rolling restarts with a migration beside them, and a restart of everything. */
import { setTimeout as pause } from 'node:timers/promises';
import { startChild } from '../child.ts';
import type { Fault } from '../fault.ts';

export const rollingDeploy: Fault = {
  id: 'F14',
  title: 'rolling restarts by SIGTERM while a migration runs',
  async run({ size, random, stack, roll }) {
    const order = random.some(stack.places, stack.places.length);
    for (let n = 0; n < size.times; n++) {
      const place = order[n % order.length];
      const migration = startChild('migration', [process.execPath, stack.program, 'migrate'], {
        DATABASE_URL: stack.server.url,
        RAVENMQ_SCHEMA: stack.schema,
      });
      if (place) await roll(place);
      await migration.ended;
      if (migration.exit?.code !== 0) throw new Error(`The migration failed: ${migration.log.join('\n')}`);
      await pause(random.between(100, 300));
    }
  },
};

export const restartOfTheWorld: Fault = {
  id: 'W1',
  title: 'kill -9 of everything, PostgreSQL included, and a start of everything',
  // On a machine that is busy with other things, three times what the first start took.
  recoverWithinMs: ({ startedWithinMs }) => Math.max(10_000, 3 * startedWithinMs),
  async run({ size, random, stack, server, deeds, outage, recoveries, probe, trace }) {
    for (let n = 0; n < size.times; n++) {
      await pause(random.between(2_000, 4_000));
      let began = 0;
      await outage(async () => {
        await Promise.all([...stack.places.map(({ child }) => child.kill()), server.crash()]);
        deeds.kills += stack.places.length;
        deeds.crashes++;
        began = Date.now();
        await server.start();
        trace(`server up after ${Date.now() - began} ms`);
        for (const place of stack.places) stack.restart(place);
        await stack.ready();
      });
      recoveries.push({ what: 'everything ready again', ms: Date.now() - began });
      trace(`ready after ${Date.now() - began} ms`);
      await probe('after a restart of everything', began);
    }
  },
};
