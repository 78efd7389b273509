import type { Queryable } from '../db/connect.ts';
import type { Guard } from '../workers/leader.ts';
import type { MadeReady } from './job.ts';

/** How many rows were looked at, of which `count` moved; `firstRank` as for whatever becomes ready. */
export interface Reranked extends MadeReady {
  looked: number;
}

/**
 * Ranks follow estimates that moved: one batch of the waiting jobs of a tenant in the table `rerank`, into which the
 * predictor puts it. Jobs whose estimate changed by more than a fifth move, in one walk over all of the tenant's.
 */
export async function rerankWaiting(db: Queryable, guard: Guard, limit: number): Promise<Reranked> {
  const { rows } = await db.query<Reranked & Record<string, unknown>>({
    name: 'rerank',
    text: `select looked, changed as count, first_rank as "firstRank"
      from rerank_waiting(case when leads($1) then $2 else 0 end)`,
    values: [guard.proof, limit],
  });
  return rows[0] as Reranked;
}

/** Ranks follow policies that changed: one batch of the live jobs, as for estimates. */
export async function rerankQueues(db: Queryable, guard: Guard, limit: number): Promise<Reranked> {
  const { rows } = await db.query<Reranked & Record<string, unknown>>({
    name: 'rerank_queues',
    text: `select looked, changed as count, first_rank as "firstRank"
      from rerank_queues(case when leads($1) then $2 else 0 end)`,
    values: [guard.proof, limit],
  });
  return rows[0] as Reranked;
}
