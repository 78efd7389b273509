/** The table of questions: asked by people, taken up by the leader. */
import type { Queryable } from '../db/connect.ts';
import { newJobId } from '../jobs/id.ts';
import type { Guard } from '../workers/leader.ts';
import type { Answer, Question } from './question.ts';

export interface WhatifRow {
  id: string;
  status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  progress: number;
  asked: Question & { everything: boolean };
  asked_at: string;
  ended_at: string | null;
  error: string | null;
  result: Answer | null;
}

/** Questions of one tenant that may be open at a time. */
export const mostOpen = 5;
/** Without a sign of life for so long somebody else takes it up. */
const lost = `interval '15 seconds'`;

const columns = `id, status, progress::float8 as progress, asked || jsonb_build_object('everything', everything) as asked,
  asked_at, ended_at, error, result`;

export interface Asker {
  tenantId: string;
  userId: string;
  everything: boolean;
}

/** Undefined when the tenant has too many open. */
export async function ask(
  db: Queryable,
  { tenantId, userId, everything }: Asker,
  question: Question,
): Promise<WhatifRow | undefined> {
  const { rows } = await db.query<WhatifRow & Record<string, unknown>>(
    `insert into whatif (id, tenant_id, user_id, everything, asked)
     select $1, $2, $3, $4, $5 where (
       select count(*) from whatif where tenant_id = $2 and status in ('waiting', 'running')) < ${mostOpen}
     returning ${columns}`,
    [newJobId(), tenantId, userId, everything, JSON.stringify(question)],
  );
  return rows[0];
}

/** In a scope: row level security picks whose. */
export async function readWhatif(db: Queryable, id: string): Promise<WhatifRow | undefined> {
  const { rows } = await db.query<WhatifRow & Record<string, unknown>>(
    `select ${columns} from whatif where id = $1`,
    [id],
  );
  return rows[0];
}

/** The last of them, without their answers. */
export async function listWhatifs(db: Queryable): Promise<WhatifRow[]> {
  const { rows } = await db.query<WhatifRow & Record<string, unknown>>(
    `select ${columns.replace(', result', ', null as result')} from whatif order by id desc limit 20`,
  );
  return rows;
}

/** In a scope. One that nobody works on ends at once. */
export async function cancelWhatif(db: Queryable, id: string): Promise<WhatifRow | undefined> {
  await db.query(
    `update whatif set cancel_requested = true,
       status = case status when 'waiting' then 'cancelled' else status end,
       ended_at = case status when 'waiting' then clock_timestamp() end
     where id = $1 and status in ('waiting', 'running')`,
    [id],
  );
  return readWhatif(db, id);
}

export interface TakenUp {
  id: string;
  tenant_id: string;
  everything: boolean;
  asked: Question;
}

/** The oldest that waits, or whose worker is lost. */
export async function takeUp(db: Queryable, guard: Guard): Promise<TakenUp | undefined> {
  const { rows } = await db.query<TakenUp & Record<string, unknown>>({
    name: 'whatif_take_up',
    text: `update whatif set status = 'running', seen_at = clock_timestamp(), progress = 0
      where leads($1) and id = (
        select id from whatif
        where status = 'waiting' or (status = 'running' and seen_at < clock_timestamp() - ${lost})
        order by asked_at limit 1 for update skip locked)
      returning id, tenant_id, everything, asked`,
    values: [guard.proof],
  });
  return rows[0];
}

/** Says how far it is. False: it is to stop. */
export async function progressed(db: Queryable, guard: Guard, id: string, share: number): Promise<boolean> {
  const { rows } = await db.query<{ on: boolean }>({
    name: 'whatif_progressed',
    text: `update whatif set progress = $3, seen_at = clock_timestamp() where id = $2 and status = 'running' and leads($1)
      returning not cancel_requested as on`,
    values: [guard.proof, id, share],
  });
  return rows[0]?.on ?? false;
}

export type Ending =
  | { status: 'done'; result: Answer }
  | { status: 'failed'; error: string }
  | { status: 'cancelled' };

export async function ended(db: Queryable, guard: Guard, id: string, ending: Ending): Promise<void> {
  await db.query({
    name: 'whatif_ended',
    text: `update whatif set status = $3, result = $4, error = $5, ended_at = clock_timestamp(),
        progress = case $3 when 'done' then 1 else progress end
      where id = $2 and status = 'running' and leads($1)`,
    values: [
      ...[guard.proof, id, ending.status],
      ending.status === 'done' ? JSON.stringify(ending.result) : null,
      ending.status === 'failed' ? ending.error : null,
    ],
  });
}
