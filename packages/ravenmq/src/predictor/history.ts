/**
 * What the candidates share: for every level of a job's series the last runs and shrunk running statistics. Adding a
 * run costs the same whatever the history; memory is bounded by dropping the levels that were not used for longest.
 */
import type { Job, Outcome, Run } from './candidate.ts';
import {
  baseMs,
  count,
  type Estimate,
  emptyStat,
  estimate,
  learn,
  priorOf,
  type Stat,
} from './running-stats.ts';

/** Successful runs that a level remembers one by one. */
export const runsKept = 16;

/** Levels of a job, finest first: see `placesOf`. */
export const levelCount = 6;

/** Levels kept of one tenant, and of all together; a level is about 16 references and 30 numbers. */
const perTenant = 5_000;
const inTotal = 100_000;

export interface Level {
  /** Of the successful runs; counts the others. */
  stat: Stat;
  /** The last successful runs, oldest first, in the order in which they finished. */
  runs: Run[];
  /** Of the runs that ended otherwise, by how they did. */
  apart: Partial<Record<Outcome, Stat>>;
  /** How the last run of all ended. */
  lastOutcome: Outcome;
}

const everyone = '';

interface Place {
  tenant: string;
  key: string;
}

/**
 * The series and its variant; what was asked for under its name; the series; the user's habits in the type; the type in
 * the tenant; and what is known beyond: of a built-in type the runs of all tenants, of any other all runs of the
 * tenant, as nothing of its own types may show elsewhere. Undefined: the job has no such level.
 */
function placesOf({ tenant, user, type, name, variant, requestedMs }: Job): (Place | undefined)[] {
  return [
    { tenant, key: JSON.stringify([type, name, variant]) },
    requestedMs === undefined ? undefined : { tenant, key: JSON.stringify({ name, requestedMs }) },
    { tenant, key: JSON.stringify([type, name]) },
    { tenant, key: JSON.stringify({ type, user }) },
    { tenant, key: JSON.stringify([type]) },
    baseMs.has(type) ? { tenant: everyone, key: JSON.stringify([type]) } : { tenant, key: '' },
  ];
}

export class History {
  /** By tenant and key; both in the order of last use. */
  readonly #tenants = new Map<string, Map<string, Level>>();
  #size = 0;
  readonly #limits: { perTenant: number; inTotal: number };
  /** The job that was asked for last: all candidates ask for the same one. */
  #asked: { job: Job; levels: (Level | undefined)[]; estimate?: Estimate } | undefined;

  constructor(limits = { perTenant, inTotal }) {
    this.#limits = limits;
  }

  /** Levels in memory. */
  get size(): number {
    return this.#size;
  }

  /** The levels of a job, finest first, undefined where no run was seen. The same object until a run is added. */
  levels(job: Job): readonly (Level | undefined)[] {
    return this.#ask(job).levels;
  }

  /** Layer 1: the shrunk estimate of the finest level. */
  estimate(job: Job): Estimate {
    const asked = this.#ask(job);
    asked.estimate ??= asked.levels.reduceRight<Estimate>(
      (above, level) => estimate(level?.stat, above),
      priorOf(job.type),
    );
    return asked.estimate;
  }

  add(run: Run): void {
    this.#asked = undefined;
    for (const place of placesOf(run)) if (place) remember(this.#use(place), run);
  }

  #ask(job: Job) {
    if (this.#asked?.job !== job) {
      const levels = placesOf(job).map((place) => place && this.#tenants.get(place.tenant)?.get(place.key));
      this.#asked = { job, levels };
    }
    return this.#asked;
  }

  /** The level to be changed, as the last used one. */
  #use({ tenant, key }: Place): Level {
    const levels = this.#tenants.get(tenant) ?? new Map<string, Level>();
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, levels);
    const known = levels.get(key);
    const level = known ?? { stat: emptyStat(), runs: [], apart: {}, lastOutcome: 'done' };
    levels.delete(key);
    levels.set(key, level);
    if (!known) this.#makeRoom(levels);
    return level;
  }

  #makeRoom(grown: Map<string, Level>): void {
    this.#size++;
    if (grown.size > this.#limits.perTenant) {
      for (const [key] of grown) {
        grown.delete(key);
        this.#size--;
        break;
      }
    }
    for (const [tenant, levels] of this.#tenants) {
      if (this.#size <= this.#limits.inTotal || levels === grown) break;
      this.#tenants.delete(tenant);
      this.#size -= levels.size;
    }
  }
}

function remember(level: Level, run: Run): void {
  level.lastOutcome = run.outcome;
  if (run.outcome === 'done') {
    level.stat = learn(level.stat, run.runtimeMs);
    level.runs.push(run);
    if (level.runs.length > runsKept) level.runs.shift();
    return;
  }
  level.stat = count(level.stat, run.outcome);
  level.apart[run.outcome] = learn(level.apart[run.outcome] ?? emptyStat(), run.runtimeMs);
}
