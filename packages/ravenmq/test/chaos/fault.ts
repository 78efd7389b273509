import type { Deeds, Evidence } from './evidence.ts';
import type { Assertion } from './judge.ts';
import type { Load } from './load.ts';
import type { Random } from './random.ts';
import type { Server } from './server.ts';
import type { Place, Role, Stack, StartOptions } from './stack.ts';

/** How much of a fault a trial has. */
export interface Size {
  /** How often it strikes. */
  times: number;
  /** How long it lasts, for faults that are a state and not a blow. */
  seconds: number;
  /** Jobs submitted a second meanwhile. */
  perSecond: number;
}

/** A trial under way, as a fault sees it. */
export interface Trial {
  readonly size: Size;
  readonly random: Random;
  readonly server: Server;
  readonly stack: Stack;
  readonly load: Load;
  readonly deeds: Deeds;
  readonly outages: Evidence['outages'];
  readonly recoveries: Evidence['recoveries'];
  readonly lost: Evidence['lost'];
  readonly stops: number[];
  /** kill -9, and a new process in its place. */
  kill(place: Place): Promise<void>;
  /** SIGSTOP for so long, then SIGCONT. */
  pause(place: Place, ms: number): Promise<void>;
  /** SIGTERM, and when it has ended a new process in its place. */
  roll(place: Place): Promise<void>;
  /** The database is away while `work` runs. */
  outage<T>(work: () => Promise<T>): Promise<T>;
  /** Submits jobs by every way and notes how long it takes until they are acknowledged and anything starts. */
  probe(what: string, since?: number): Promise<void>;
  anyOf(...roles: Role[]): Place;
  /** Starts anew whatever has ended, as a supervisor would. */
  mend(): void;
  /** Something that the checks do not see by themselves does not hold. */
  problem(assertion: Assertion, text: string): void;
  note(text: string): void;
  /** For the logs of a trial that fails. */
  trace(text: string): void;
}

export interface Fault {
  readonly id: string;
  readonly title: string;
  readonly workers?: number;
  readonly slots?: number;
  readonly start?: StartOptions;
  /** Stale finishes must be seen: it holds workers up for longer than their leases. */
  readonly stale?: boolean;
  /** Time from the end of the fault to the first start of a new job, in milliseconds; 5,000 by default. */
  readonly recoverWithinMs?: number | ((stack: Stack) => number);
  /** Longest time without a leader, in milliseconds; a term and two seconds by default. */
  readonly leaderlessMs?: number;
  /** Time that a stop by SIGTERM may take afterwards, in milliseconds; the grace and two seconds by default. */
  readonly stopWithinMs?: number;
  /** A worker of the command line stands beside the others, for jobs of the built-in types. */
  readonly builtInWorker?: boolean;
  /** PostgreSQL gets a disk of its own, and a small one. */
  readonly smallDisk?: boolean;
  /** Why it cannot be run on this machine; undefined when it can. */
  skipped?(): string | undefined;
  /** Strikes; resolves when the system is left alone again. */
  run(trial: Trial): Promise<void>;
}
