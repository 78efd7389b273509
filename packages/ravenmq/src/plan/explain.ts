/**
 * The explanation of one job: what the plan says of it, the terms of its number, the jobs around it. Those of others are
 * counted and placed, but not named.
 */
import type { Pool } from '../db/connect.ts';
import { inScope, type Scope } from '../db/scope.ts';
import type { JobRow } from '../jobs/job.ts';
import { getJob } from '../jobs/list.ts';
import { isFarOver } from './alarms.ts';
import { isAtRisk } from './eta.ts';
import { readLimits, readStanding } from './facts.ts';
import { instant, type Range, rangeOf } from './range.ts';
import { type PlanEntry, type PlanHead, type RunEntry, readPlace } from './read-plan.ts';
import { reasonOf } from './reasons.ts';
import { type Ahead, type Reason, reasonText, sentenceOf } from './sentence.ts';
import { isTime, startByOf, type Terms, termsOf } from './terms.ts';

/** Jobs shown before and behind it. */
const around = 3;

export interface Neighbour {
  position: number;
  own: boolean;
  self: boolean;
  job_id: string | null;
  name: string | null;
  type: string | null;
  start_by: string | null;
  start: Range | null;
}

export interface Explanation {
  job_id: string;
  status: string;
  queue: string;
  sentence: string;
  planned_at: string | null;
  position: number | null;
  waiting: number | null;
  exact: boolean;
  start: Range | null;
  finish: Range | null;
  predicted: { p50_ms: number; p90_ms: number; mean_ms: number };
  reason: Reason | null;
  terms: Terms | null;
  ahead: Ahead | null;
  neighbours: Neighbour[];
  running_long: boolean;
  deadline_at_risk: boolean | null;
}

export interface Viewer {
  pool: Pool;
  schema: string;
  scope: Scope;
}

/** Undefined when the viewer may not see the job, or there is none. */
export async function explainJob(viewer: Viewer, id: string): Promise<Explanation | undefined> {
  const { pool, schema, scope } = viewer;
  const job = await inScope(pool, schema, scope, (client) => getJob(client, id));
  if (!job) return undefined;
  const place = await readPlace(pool, job.queue, id, around);
  const waits = job.status === 'queued' || job.status === 'scheduled';
  const standing = waits ? await readStanding(pool, id) : undefined;
  const entry = place && job.status === 'queued' ? place.near[place.self] : undefined;
  const nowMs = standing?.nowMs ?? Date.now();
  const names = await namesOf(viewer, place?.near ?? []);
  const before = entry && place ? place.near[place.self - 1] : undefined;
  const ahead = before ? aheadOf(before, names.get(before.id), job) : null;
  const { start, finish } = rangesOf(place, entry, job);
  const farBehind = job.status === 'queued' && place !== undefined && !entry && standing?.scope == null;
  const position = entry?.position ?? (farBehind ? await positionBehind(pool, job) : null);
  // The plan knows no rates: a job that waits for one it takes for one that could start.
  const told = standing?.scope?.startsWith('r:') ? undefined : entry?.reason;
  const code = standing && (told ?? reasonOf({ ...standing, othersFirst: farBehind }));
  const blocking = entry ? entry.scope : (standing?.scope ?? null);
  const limit = blocking === null ? null : ((await readLimits(pool, [blocking])).get(blocking) ?? null);
  const reason = code ? reasonText(code, { job, nowMs, scope: blocking, limit, ahead }) : null;
  const runningLong =
    job.status === 'running' &&
    job.started_at !== null &&
    isFarOver(nowMs - Date.parse(job.started_at), job.predicted_p90_ms);
  const waiting = place && waits ? place.head.waiting : null;
  const meanMs = standing?.meanMs ?? job.predicted_runtime_ms;
  const ended = reason === null && job.status !== 'running';
  return {
    job_id: id,
    status: job.status,
    queue: job.queue,
    sentence: sentenceOf({ job, nowMs, position, waiting, start, finish, reason, runningLong }),
    planned_at: place && !ended ? instant(place.head.plannedAtMs) : null,
    ...{ position, waiting, start, finish, reason, ahead },
    exact: entry !== undefined,
    predicted: { p50_ms: job.predicted_runtime_ms, p90_ms: job.predicted_p90_ms, mean_ms: meanMs },
    terms: waits ? termsOf(job, meanMs) : null,
    neighbours: (entry && place ? place.near : []).map((near) =>
      neighbourOf(near, names.get(near.id), id, place),
    ),
    running_long: runningLong,
    deadline_at_risk: ended ? null : isAtRisk(job.deadline, finish, job.predicted_p90_ms, nowMs),
  };
}

type Place = { head: PlanHead; run: RunEntry | undefined };
type Name = { name: string; type: string };

/** What the viewer may know of jobs in the plan. */
export async function namesOf(
  viewer: Viewer,
  jobs: { id: string }[],
): Promise<Map<string, Name & { org_id: string | null }>> {
  if (jobs.length === 0) return new Map();
  const { rows } = await inScope(viewer.pool, viewer.schema, viewer.scope, (client) =>
    client.query<Name & { id: string; org_id: string | null }>(
      'select id, name, type, org_id from job_live where id = any ($1)',
      [jobs.map(({ id }) => id)],
    ),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function rangesOf(
  place: Place | undefined,
  entry: PlanEntry | undefined,
  job: JobRow,
): { start: Range | null; finish: Range | null } {
  if (!place) return { start: null, finish: null };
  const { plannedAtMs } = place.head;
  if (entry) return { start: rangeOf(plannedAtMs, entry.start), finish: rangeOf(plannedAtMs, entry.end) };
  const runs = job.status === 'running' && place.run;
  return { start: null, finish: runs ? rangeOf(plannedAtMs, runs.end) : null };
}

function aheadOf(before: PlanEntry, name: Name | undefined, job: JobRow): Ahead {
  if (!name) {
    const hidden = { job_id: null, name: null, type: null, start_by: null, sooner_ms: null };
    return { position: before.position, own: false, ...hidden };
  }
  return {
    position: before.position,
    own: true,
    job_id: before.id,
    name: name.name,
    type: name.type,
    start_by: startByOf(before.rank),
    sooner_ms:
      job.rank === null || !isTime(job.rank) || !isTime(before.rank) ? null : (job.rank - before.rank) / 1e3,
  };
}

function neighbourOf(
  near: PlanEntry,
  name: Name | undefined,
  id: string,
  place: Place | undefined,
): Neighbour {
  const own = name !== undefined;
  return {
    position: near.position,
    own,
    self: near.id === id,
    job_id: own ? near.id : null,
    name: name?.name ?? null,
    type: name?.type ?? null,
    start_by: own ? startByOf(near.rank) : null,
    start: place ? rangeOf(place.head.plannedAtMs, near.start) : null,
  };
}

/** Where nothing is listed any more only the own lane is counted, up to a bound. */
async function positionBehind(pool: Pool, job: JobRow): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*) as n from (
       select from job_live where status = 'queued' and gate is null and queue = $1 and tenant_id = $2 and rank <= $3
       limit 20000) own`,
    [job.queue, job.tenant_id, job.rank],
  );
  return rows[0]?.n ?? 1;
}
