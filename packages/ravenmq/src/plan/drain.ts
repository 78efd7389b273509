/**
 * Plays what will happen once: slots come free, lanes take turns by the predicted work they were given, in a lane the
 * smallest rank goes first, limits let in as many as they have places, new jobs come meanwhile. The rules are those of
 * the claim (jobs/turnover.ts) and of the gates; nothing is ever interrupted.
 */
import { Heap } from '../simulator/heap.ts';
import { type Board, gateKey } from './board.ts';
import type { Arrival, Arrivals, Lane, RunningJob, Spread, WaitingJob } from './state.ts';

/** How long things take in one play. */
export interface Luck {
  runtimeMs(job: Spread & { type: number }): number;
  leftMs(job: RunningJob): number;
  /** Time to the next arrival, and its place among those it may be like. Infinite: nobody comes. */
  nextArrival(arrivals: Arrivals): { afterMs: number; like: number };
  /** Which of so many queues has its turn. */
  pick(count: number): number;
}

export interface Play {
  /** By waiting job: when it starts and ends, in milliseconds from now; infinite where nothing will run it. */
  startMs: Float64Array;
  endMs: Float64Array;
  /** Its slot, -1 for none. */
  slot: Int32Array;
  /** Its place in the order of its queue, from 1; jobs behind the listed ones and new ones count. 0: none. */
  position: Int32Array;
  /** By running job: when it ends. */
  runningEndMs: Float64Array;
}

/** Starts in one play for every listed job, and some: past it new jobs come faster than they can run. */
const startsPerJob = 4;
const moreStarts = 2_000;

const none = -1;

export function drain(board: Board, luck: Luck): Play {
  return new Drain(board, luck).play();
}

/** What may be started next: a listed job or one that came (`job`), or one behind the listed ones of its lane. */
interface Next {
  lane: number;
  job: number;
  runtime: Spread & { type: number };
  scopes: readonly number[];
}

class Drain {
  readonly #board: Board;
  readonly #luck: Luck;
  readonly #listed: number;
  /** Listed jobs, then those that came. */
  readonly #jobs: WaitingJob[];
  /** By kind: how many of the ready ones have started, and jobs that became ready meanwhile. */
  readonly #started: Int32Array;
  readonly #late: Heap[];
  readonly #gateHeaps: Heap[];
  readonly #places: number[];
  readonly #vtime: Float64Array;
  readonly #beyond: Int32Array;
  /** By queue: lanes by virtual time; with entries that are out of date, and lanes that are empty. */
  readonly #turns: Heap[];
  readonly #queued: Uint8Array;
  readonly #buffered: number[][];
  readonly #byQueue: Int32Array;
  readonly #play: Play;

  constructor(board: Board, luck: Luck) {
    const { state } = board;
    this.#board = board;
    this.#luck = luck;
    this.#listed = state.waiting.length;
    this.#jobs = [...state.waiting];
    this.#started = new Int32Array(board.ready.length);
    this.#late = board.ready.map(() => new Heap());
    this.#gateHeaps = board.gates.map(({ jobs }) => {
      const heap = new Heap();
      for (const job of jobs) heap.push((state.waiting[job] as WaitingJob).rank, job);
      return heap;
    });
    this.#places = [...board.places];
    this.#vtime = Float64Array.from(state.lanes, ({ vtime }) => vtime);
    this.#beyond = Int32Array.from(state.lanes, ({ beyond }) => beyond.jobs);
    this.#turns = state.queues.map(() => new Heap());
    this.#queued = new Uint8Array(state.lanes.length);
    this.#buffered = board.buffered.map((jobs) => [...jobs]);
    this.#byQueue = new Int32Array(state.queues.length);
    this.#play = {
      startMs: new Float64Array(this.#listed).fill(Number.POSITIVE_INFINITY),
      endMs: new Float64Array(this.#listed).fill(Number.POSITIVE_INFINITY),
      slot: new Int32Array(this.#listed).fill(none),
      position: new Int32Array(this.#listed),
      runningEndMs: new Float64Array(state.running.length).fill(Number.POSITIVE_INFINITY),
    };
    state.lanes.forEach((_, lane) => {
      this.#wake(lane);
    });
  }

  play(): Play {
    const { state, slots, occupant } = this.#board;
    const free = new Heap();
    const idle: number[] = [];
    /** By slot: what it runs. */
    const scopesOf: (readonly number[])[] = slots.map(() => []);
    const run = (slot: number, atMs: number, job: RunningJob, place: number) => {
      const endMs = atMs + this.#luck.leftMs(job);
      this.#play.runningEndMs[place] = endMs;
      scopesOf[slot] = job.scopes;
      free.push(endMs, slot);
    };
    occupant.forEach((place, slot) => {
      if (place === none) free.push(0, slot);
      else run(slot, 0, state.running[place] as RunningJob, place);
    });
    for (let gate = 0; gate < this.#gateHeaps.length; gate++) this.#open(gate);

    let arrival = this.#luck.nextArrival(state.arrivals);
    let arrivesMs = arrival.afterMs;
    let left = this.#startable();
    let starts = startsPerJob * this.#listed + moreStarts;
    while (left > 0 && starts > 0) {
      const nowMs = Math.min(arrivesMs, free.leastKey);
      if (!Number.isFinite(nowMs)) break;
      if (arrivesMs <= nowMs) {
        for (const pattern of state.arrivals.like[arrival.like] ?? []) this.#arrive(pattern, arrivesMs);
        arrival = this.#luck.nextArrival(state.arrivals);
        arrivesMs += arrival.afterMs;
        starts--;
        for (const slot of idle.splice(0)) free.push(nowMs, slot);
        continue;
      }
      const slot = free.pop();
      const { worker, slotClass } = slots[slot] as { worker: number; slotClass: number };
      if (this.#release(scopesOf[slot] as readonly number[]))
        for (const other of idle.splice(0)) free.push(nowMs, other);
      scopesOf[slot] = [];
      const claimed = this.#buffered[worker]?.shift();
      if (claimed !== undefined) {
        run(slot, nowMs, state.running[claimed] as RunningJob, claimed);
        continue;
      }
      const next = this.#next(slotClass);
      if (!next) {
        idle.push(slot);
        continue;
      }
      const endMs = nowMs + this.#luck.runtimeMs(next.runtime);
      scopesOf[slot] = next.scopes;
      free.push(endMs, slot);
      starts--;
      const queue = (state.lanes[next.lane] as Lane).queue;
      const position = (this.#byQueue[queue] ?? 0) + 1;
      this.#byQueue[queue] = position;
      if (next.job !== none && next.job < this.#listed) {
        this.#play.startMs[next.job] = nowMs;
        this.#play.endMs[next.job] = endMs;
        this.#play.slot[next.job] = slot;
        this.#play.position[next.job] = position;
        left--;
      }
    }
    return this.#play;
  }

  /** Listed jobs that something may run one day as things are. */
  #startable(): number {
    const { state, classes, kindOf } = this.#board;
    return state.waiting.filter((job) => {
      const { paused, queue } = state.lanes[job.lane] as Lane;
      if (paused || state.queues[queue]?.paused) return false;
      if (job.gated && job.scopes.some((scope) => state.limits[scope]?.max === 0)) return false;
      return classes.some(({ runs }) => runs[kindOf(job)]);
    }).length;
  }

  /** The lane stands in the order of turns, behind the least served one if it was empty. */
  #wake(lane: number): void {
    const { queue, paused } = this.#board.state.lanes[lane] as Lane;
    if (this.#queued[lane] || paused || this.#board.state.queues[queue]?.paused) return;
    const turns = this.#turns[queue] as Heap;
    const clock = turns.size > 0 ? turns.leastKey : (this.#vtime[lane] as number);
    this.#vtime[lane] = Math.max(this.#vtime[lane] as number, clock);
    this.#queued[lane] = 1;
    turns.push(this.#vtime[lane] as number, lane);
  }

  #arrive(pattern: Arrival, atMs: number): void {
    const { state, gateOf } = this.#board;
    const rank = (state.nowMs + atMs) * 1e3 + pattern.rankAhead;
    const job = this.#jobs.push({ ...pattern, id: '', rank }) - 1;
    const gate = pattern.gated ? gateOf.get(gateKey(pattern.scopes)) : undefined;
    if (gate === undefined) this.#makeReady(job);
    else {
      this.#gateHeaps[gate]?.push(rank, job);
      this.#open(gate);
    }
  }

  #makeReady(job: number): void {
    const { rank, lane, type } = this.#jobs[job] as WaitingJob;
    this.#late[this.#board.kindOf({ lane, type })]?.push(rank, job);
    this.#wake(lane);
  }

  /** Lets in as many as all of the gate's limits have places for. Answers whether there was one. */
  #open(gate: number): boolean {
    const heap = this.#gateHeaps[gate] as Heap;
    const { scopes } = this.#board.gates[gate] as { scopes: readonly number[] };
    let opened = false;
    while (heap.size > 0 && scopes.every((scope) => (this.#places[scope] ?? 0) > 0)) {
      for (const scope of scopes) (this.#places[scope] as number)--;
      this.#makeReady(heap.pop());
      opened = true;
    }
    return opened;
  }

  #release(scopes: readonly number[]): boolean {
    let opened = false;
    for (const scope of scopes) (this.#places[scope] as number)++;
    for (const scope of scopes)
      for (const gate of this.#board.gatesOfScope[scope] ?? []) opened = this.#open(gate) || opened;
    return opened;
  }

  #next(slotClass: number): Next | undefined {
    const { queues, runs } = this.#board.classes[slotClass] as {
      queues: readonly number[];
      runs: readonly boolean[];
    };
    const offset = this.#luck.pick(queues.length);
    for (let n = 0; n < queues.length; n++) {
      const next = this.#nextOf(queues[(offset + n) % queues.length] as number, runs);
      if (next) return next;
    }
    return undefined;
  }

  #nextOf(queue: number, runs: readonly boolean[]): Next | undefined {
    const turns = this.#turns[queue] as Heap;
    const passedOver: number[] = [];
    let found: Next | undefined;
    while (!found && turns.size > 0) {
      const lane = turns.pop();
      const next = this.#firstOf(lane, runs);
      if (next === 'empty') this.#queued[lane] = 0;
      else if (next === undefined) passedOver.push(lane);
      else {
        found = next;
        (this.#vtime[lane] as number) += next.runtime.p50Ms / (this.#board.state.lanes[lane] as Lane).weight;
        passedOver.push(lane);
      }
    }
    for (const lane of passedOver) turns.push(this.#vtime[lane] as number, lane);
    return found;
  }

  /** Takes the first job of the lane that can run; undefined when the others cannot. */
  #firstOf(lane: number, runs: readonly boolean[]): Next | 'empty' | undefined {
    let [best, bestKind, bestRank, any, isLate] = [none, none, Number.POSITIVE_INFINITY, false, false];
    for (const kind of this.#board.kindsOfLane[lane] as readonly number[]) {
      const ready = this.#board.ready[kind] as readonly number[];
      const late = this.#late[kind] as Heap;
      const job = ready[this.#started[kind] as number] ?? none;
      if (job !== none || late.size > 0) any = true;
      if (!runs[kind]) continue;
      const rank = job === none ? Number.POSITIVE_INFINITY : (this.#jobs[job] as WaitingJob).rank;
      if (rank < bestRank) [best, bestKind, bestRank, isLate] = [job, kind, rank, false];
      if (late.leastKey < bestRank)
        [best, bestKind, bestRank, isLate] = [late.leastThing, kind, late.leastKey, true];
    }
    if (best !== none) {
      if (isLate) this.#late[bestKind]?.pop();
      else (this.#started[bestKind] as number)++;
      const job = this.#jobs[best] as WaitingJob;
      return { lane, job: best, runtime: job, scopes: job.scopes };
    }
    if (any) return undefined;
    if ((this.#beyond[lane] as number) <= 0) return 'empty';
    (this.#beyond[lane] as number)--;
    const { meanMs } = (this.#board.state.lanes[lane] as Lane).beyond;
    return { lane, job: none, runtime: { p50Ms: meanMs, p90Ms: 2 * meanMs, type: none }, scopes: [] };
  }
}
