/** The picture laid out for playing it many times: who waits where in which order, which slots can take what. */
import type { PlanState, WaitingJob } from './state.ts';

export interface Slot {
  /** Place in the list of workers. */
  worker: number;
  /** Its number within the worker. */
  number: number;
  /** Slots of one class can run the same jobs. */
  slotClass: number;
}

export interface SlotClass {
  queues: readonly number[];
  /** By kind: whether its slots can run it. */
  runs: readonly boolean[];
}

export interface Gate {
  scopes: readonly number[];
  /** Waiting jobs, the smallest rank first. */
  jobs: readonly number[];
}

export interface Board {
  state: PlanState;
  /** Lane and type of a job, in one number. */
  kindOf(job: { lane: number; type: number }): number;
  kindsOfLane: readonly (readonly number[])[];
  /** By kind: jobs that may start, the smallest rank first. */
  ready: readonly (readonly number[])[];
  gates: readonly Gate[];
  gatesOfScope: readonly (readonly number[])[];
  gateOf: ReadonlyMap<string, number>;
  slots: readonly Slot[];
  classes: readonly SlotClass[];
  /** By slot: the running job that has it; -1: it is free. */
  occupant: readonly number[];
  /** By worker: jobs that it has claimed beyond its slots. */
  buffered: readonly (readonly number[])[];
  /** Free places of each limit. */
  places: readonly number[];
}

export const gateKey = (scopes: readonly number[]): string => scopes.join('|');

export function layOut(state: PlanState): Board {
  const kindNumbers = new Map<number, number>();
  const kindsOfLane: number[][] = state.lanes.map(() => []);
  const kindOf = ({ lane, type }: { lane: number; type: number }) => {
    const key = lane * state.types.length + type;
    let kind = kindNumbers.get(key);
    if (kind === undefined) {
      kind = kindNumbers.size;
      kindNumbers.set(key, kind);
      kindsOfLane[lane]?.push(kind);
    }
    return kind;
  };
  for (const job of [...state.waiting, ...state.arrivals.like.flat()]) kindOf(job);

  const byRank = state.waiting.map((_, n) => n).sort((a, b) => compareRank(state.waiting, a, b));
  const ready: number[][] = Array.from({ length: kindNumbers.size }, () => []);
  const gates: { scopes: readonly number[]; jobs: number[] }[] = [];
  const gateOf = new Map<string, number>();
  const gatesOfScope: number[][] = state.limits.map(() => []);
  const gateNumber = (scopes: readonly number[]) => {
    const key = gateKey(scopes);
    let gate = gateOf.get(key);
    if (gate === undefined) {
      gate = gates.push({ scopes, jobs: [] }) - 1;
      gateOf.set(key, gate);
      for (const scope of scopes) gatesOfScope[scope]?.push(gate);
    }
    return gate;
  };
  for (const n of byRank) {
    const job = state.waiting[n] as WaitingJob;
    if (job.gated) gates[gateNumber(job.scopes)]?.jobs.push(n);
    else ready[kindOf(job)]?.push(n);
  }
  for (const { gated, scopes } of state.arrivals.like.flat()) if (gated) gateNumber(scopes);

  return {
    ...{ state, kindOf, kindsOfLane, ready, gates, gatesOfScope, gateOf },
    ...layOutSlots(state, kindNumbers),
    places: state.limits.map(({ max, held }) => Math.max(0, max - held)),
  };
}

function compareRank(jobs: readonly WaitingJob[], a: number, b: number): number {
  const [one, other] = [jobs[a] as WaitingJob, jobs[b] as WaitingJob];
  return one.rank - other.rank || (one.id < other.id ? -1 : 1);
}

function layOutSlots(state: PlanState, kinds: ReadonlyMap<number, number>) {
  const slots: Slot[] = [];
  const occupant: number[] = [];
  const classNumbers = new Map<string, number>();
  const classes: SlotClass[] = [];
  const buffered: number[][] = state.workers.map(() => []);
  const held = Map.groupBy(
    state.running.map((_, n) => n),
    (n) => state.running[n]?.worker,
  );
  state.workers.forEach(({ slots: count, queues, types }, worker) => {
    const key = `${queues ? [...queues].sort() : '*'} ${types ? [...types].sort() : '*'}`;
    let slotClass = classNumbers.get(key);
    if (slotClass === undefined) {
      slotClass = classes.length;
      classNumbers.set(key, slotClass);
      const runs: boolean[] = [];
      for (const [lanesType, kind] of kinds) {
        const type = lanesType % state.types.length;
        const lane = state.lanes[Math.floor(lanesType / state.types.length)];
        runs[kind] = (!types || types.has(type)) && (!queues || queues.has(lane?.queue ?? -1));
      }
      const served = state.queues.map((_, n) => n).filter((n) => !queues || queues.has(n));
      classes.push({ queues: served, runs });
    }
    // Those that began have the slots; what is only claimed waits for one.
    const own = (held.get(worker) ?? []).sort(
      (a, b) => (state.running[b]?.elapsedMs ?? 0) - (state.running[a]?.elapsedMs ?? 0),
    );
    for (let number = 0; number < count; number++) {
      slots.push({ worker, number, slotClass });
      occupant.push(own[number] ?? -1);
    }
    buffered[worker]?.push(...own.slice(count));
  });
  return { slots, classes, occupant, buffered };
}
