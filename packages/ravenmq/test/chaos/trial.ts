/** One fault, from the start of a fresh system to the verdicts. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { lostAcknowledgements } from './checks/submissions.ts';
import { type Deeds, type Evidence, noDeeds, nothingLost } from './evidence.ts';
import type { Fault, Size, Trial } from './fault.ts';
import { type Assertion, judge, type Verdicts } from './judge.ts';
import { keepLogs } from './keep-logs.ts';
import { type Load, startLoad } from './load.ts';
import { createRandom, seedFor } from './random.ts';
import type { Server } from './server.ts';
import { settle } from './settle.ts';
import { graceMs, type Place, type Stack, startStack, termMs } from './stack.ts';

export interface Counts extends Deeds {
  jobs: number;
  starts: number;
  staleFinishes: number;
  refusedEffects: number;
  terms: number;
  longestRecoveryMs: number;
  /** Jobs that were acknowledged and went with a primary, in failovers to an asynchronous standby. */
  lostAcknowledgements: number;
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

function countsOf(evidence: Evidence): Counts {
  return {
    ...evidence.deeds,
    jobs: evidence.jobs.length,
    starts: evidence.reports.filter((report) => report.event === 'start').length,
    staleFinishes: evidence.staleFinishes,
    refusedEffects: evidence.reports.filter((report) => report.event === 'refused').length,
    terms: evidence.terms.length,
    lostAcknowledgements: lostAcknowledgements(evidence).length,
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
    lost: nothingLost(),
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
      const answer = await work();
      outages.push({ from, to: Date.now() });
      trace(`the database was away for ${Date.now() - from} ms`);
      return answer;
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
