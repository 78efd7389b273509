/** One fault, from the start of a fresh system to the verdicts. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { type Deeds, type Evidence, noDeeds, readChildren, readDatabase } from './evidence.ts';
import type { Fault, Size, Trial } from './fault.ts';
import { type Assertion, judge, type Verdicts } from './judge.ts';
import { keepLogs } from './keep-logs.ts';
import { type Load, startLoad } from './load.ts';
import { clear } from './proxy.ts';
import { createRandom, seedFor } from './random.ts';
import type { Server } from './server.ts';
import { graceMs, type Place, type Stack, startStack, termMs } from './stack.ts';

export interface Counts extends Deeds {
  jobs: number;
  starts: number;
  staleFinishes: number;
  refusedEffects: number;
  terms: number;
  longestRecoveryMs: number;
}

export interface Result {
  fault: string;
  title: string;
  seed: number;
  seconds: number;
  /** Why it was not run. */
  skipped?: string;
  counts?: Counts;
  verdicts?: Verdicts;
  notes: string[];
  ok: boolean;
}

const drainWithinMs = 90_000;

export async function runTrial(fault: Fault, server: Server, size: Size, seed: number): Promise<Result> {
  const about = { fault: fault.id, title: fault.title, seed };
  const skipped = fault.skipped?.();
  if (skipped) return { ...about, seconds: 0, skipped, notes: [], ok: true };
  const began = performance.now();
  const random = createRandom(seedFor(seed, fault.id));
  const { workers = 3, slots = 3, builtInWorker = false, start } = fault;
  const network = createRandom(seedFor(seed, `network of ${fault.id}`));
  const stack = await startStack({
    server,
    random: network,
    workers,
    slots,
    builtInWorker,
    ...(start && { start }),
  });
  try {
    const load = await startLoad(stack, createRandom(seedFor(seed, `load of ${fault.id}`)));
    const notes: string[] = [];
    const problems: [Assertion, string][] = [];
    const traces: string[] = [];
    const trial = createTrial({ size, random, server, stack, load, notes, problems, traces });
    load.run(size.perSecond);
    await fault.run(trial);
    const healedAt = Date.now();
    const evidence = await settle(trial, workers * slots, healedAt);
    const verdicts = judge(evidence, {
      stale: fault.stale === true,
      recoverWithinMs: recoverWithinMs(fault, stack),
      leaderlessMs: fault.leaderlessMs ?? termMs + 2_000,
      stopWithinMs: fault.stopWithinMs ?? graceMs + 2_000,
      healedAt,
    });
    const slowest = evidence.recoveries.toSorted((a, b) => b.ms - a.ms)[0];
    if (slowest) notes.push(`slowest: ${slowest.what}, ${slowest.ms.toFixed(0)} ms`);
    for (const [assertion, text] of problems) verdicts[assertion] = [...(verdicts[assertion] ?? []), text];
    const ok = Object.values(verdicts).every((problems) => !problems?.length);
    if (!ok || process.env.CHAOS_LOGS)
      notes.push(`logs: ${keepLogs(`${fault.id}-${seed}`, stack.children, traces)}`);
    return {
      ...about,
      seconds: (performance.now() - began) / 1_000,
      counts: countsOf(evidence),
      verdicts,
      notes,
      ok,
    };
  } finally {
    await stack.stop();
  }
}

function recoverWithinMs({ recoverWithinMs: limit = 5_000 }: Fault, stack: Stack): number {
  return typeof limit === 'number' ? limit : limit(stack);
}

/** After the heal: the system has to go on by itself, drain, stop, and leave nothing behind. */
async function settle(trial: Trial, slots: number, healedAt: number): Promise<Evidence> {
  const { stack, load, server, deeds, outages, recoveries, stops } = trial;
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

function countsOf(evidence: Evidence): Counts {
  return {
    ...evidence.deeds,
    jobs: evidence.jobs.length,
    starts: evidence.reports.filter((report) => report.event === 'start').length,
    staleFinishes: evidence.staleFinishes,
    refusedEffects: evidence.reports.filter((report) => report.event === 'refused').length,
    terms: evidence.terms.length,
    longestRecoveryMs: Math.round(Math.max(0, ...evidence.recoveries.map(({ ms }) => ms))),
  };
}

interface Parts {
  size: Size;
  random: Trial['random'];
  server: Server;
  stack: Stack;
  load: Load;
  notes: string[];
  problems: [Assertion, string][];
  traces: string[];
}

function createTrial(parts: Parts): Trial {
  const { random, stack, server, load, notes, problems, traces } = parts;
  const deeds = noDeeds();
  const outages: Evidence['outages'] = [];
  const recoveries: Evidence['recoveries'] = [];
  const stops: number[] = [];

  function trace(text: string): void {
    traces.push(`${new Date().toISOString()} ${text}`);
  }

  /** A start without a database would end at once. */
  async function restart(place: Place): Promise<void> {
    await eventually(() => server.up, { timeoutMs: 120_000, everyMs: 20 });
    if (place.child.exit) stack.restart(place);
  }

  return {
    ...parts,
    deeds,
    outages,
    recoveries,
    stops,
    async kill(place) {
      deeds.kills++;
      trace(`kill ${place.name}`);
      await place.child.kill();
      await restart(place);
    },
    async pause(place, ms) {
      deeds.pauses++;
      trace(`pause ${place.name} for ${ms.toFixed(0)} ms`);
      const { child } = place;
      child.signal('SIGSTOP');
      await pause(ms);
      child.signal('SIGCONT');
    },
    async roll(place) {
      deeds.rolls++;
      trace(`roll ${place.name}`);
      const { child } = place;
      stops.push(await child.terminate(40_000));
      await restart(place);
    },
    mend() {
      for (const place of stack.places) if (place.child.exit) stack.restart(place);
    },
    problem: (assertion, text) => void problems.push([assertion, text]),
    async outage(work) {
      const from = Date.now();
      await work();
      outages.push({ from, to: Date.now() });
      trace(`the database was away for ${Date.now() - from} ms`);
    },
    async probe(what, since = Date.now()) {
      const probes = await Promise.all(
        load.orgs.flatMap((org) => [load.probe(org, 'api'), load.probe(org, 'library')]),
      );
      const acked = Math.max(...probes.map((probe) => probe.ackedAt ?? Number.POSITIVE_INFINITY));
      for (const { route, tries, ackedAt = 0 } of probes)
        trace(`probe by ${route}: ${ackedAt - since} ms, ${tries} tries`);
      recoveries.push({ what: `the first submission ${what}`, ms: acked - since });
      recoveries.push({ what: `the first start ${what}`, ms: (await firstStart(stack, since)) - since });
    },
    anyOf: (...roles) => random.pick(stack.places.filter(({ role }) => roles.includes(role))) as Place,
    note: (text) => void notes.push(text),
    trace,
  };
}

/** When the first job since then was claimed, on the database's clock. */
async function firstStart({ server, schema }: Stack, since: number): Promise<number> {
  const seen = async () => {
    const [row] = await server.query<{ at: number | null }>(
      `select min(at) as at from ${schema}.chaos_event where to_status = 'running' and at >= $1`,
      [since],
    );
    return row?.at;
  };
  return eventually(seen, { timeoutMs: 60_000, everyMs: 20 }).catch(() => Number.POSITIVE_INFINITY);
}
