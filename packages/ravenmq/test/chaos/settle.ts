/** After a fault: the system has to go on by itself, drain, stop, and leave nothing behind. */
import { eventually } from '../eventually.ts';
import { type Evidence, readChildren, readDatabase } from './evidence.ts';
import type { Trial } from './fault.ts';
import { clear } from './proxy.ts';
import type { Server } from './server.ts';
import type { Stack } from './stack.ts';

const drainWithinMs = 90_000;

export async function settle(trial: Trial, slots: number, healedAt: number): Promise<Evidence> {
  const { stack, load, server, deeds, outages, recoveries, stops, lost } = trial;
  for (const place of stack.places) {
    deeds.cuts += place.proxy.cuts;
    place.proxy.weather = clear;
    place.proxy.swallow([]);
    place.proxy.refuse(false);
    place.proxy.cutAfter(undefined);
  }
  trial.mend();
  await trial.probe('after the fault', healedAt);
  await load.rest();
  await drained(stack);
  stops.push(
    ...(await Promise.all(
      stack.children.filter(({ exit }) => !exit).map((child) => child.terminate(40_000)),
    )),
  );
  await load.close();
  const database = await readDatabase(stack);
  const left = await leftOvers(server, stack);
  return {
    ...database,
    ...readChildren(stack.children),
    submissions: [...load.submissions],
    cancels: [...load.cancels],
    left,
    recoveries,
    outages,
    lost,
    deeds,
    slots,
    stops,
  };
}

/** Jobs that do not end are a finding, not an error of the harness. */
async function drained({ server, schema }: Stack): Promise<void> {
  await eventually(
    async () => {
      const [row] = await server.query<{ n: number }>(`select count(*)::int as n from ${schema}.job_live`);
      return row?.n === 0;
    },
    { timeoutMs: drainWithinMs, everyMs: 50 },
  ).catch(() => {});
}

async function leftOvers(server: Server, stack: Stack): Promise<Evidence['left']> {
  const processes = stack.children.filter(({ exit }) => !exit).length;
  await stack.disconnect();
  const count = async () => {
    const [row] = await server.query<{ connections: number; locks: number }>(
      `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend'
         and application_name <> 'chaos harness') as connections,
       (select count(*)::int from pg_locks where locktype = 'advisory') as locks`,
    );
    return row ?? { connections: 0, locks: 0 };
  };
  const none = async () => Object.values(await count()).every((n) => n === 0);
  await eventually(none, { timeoutMs: 3_000, everyMs: 20 }).catch(() => {});
  return { processes, ...(await count()) };
}
