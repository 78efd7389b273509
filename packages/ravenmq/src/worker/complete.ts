/**
 * An attempt that ends inside its handler's own transaction: whatever the handler writes there and the end of its job
 * become true together, or neither does. The guard of every finish (id, fence, running) holds here too, so of two
 * attempts that both believe they run only one can commit.
 */
import type { Pool, Queryable } from '../db/connect.ts';
import { type ClaimRequest, type Finish, finishAndClaim } from '../jobs/turnover.ts';

export type Complete = (tx: Queryable, finish: Finish) => Promise<void>;

/** The attempt's lease is gone: somebody else runs the job, and nothing of this attempt may be committed. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

const noClaim: Omit<ClaimRequest, 'workerId'> = {
  ...{ leaseMs: 0, count: 0, freeSlots: 0, budgetMs: null, underMs: null, means: new Map() },
  ...{ queues: null, types: null, lanes: 0, spread: false, cursors: [] },
};

export function createComplete(pool: Pool, workerId: string): Complete {
  let schema: Promise<string> | undefined;

  async function findSchema(): Promise<string> {
    const { rows } = await pool.query<{ name: string }>('select quote_ident(current_schema()) as name');
    return rows[0]?.name as string;
  }

  return async (tx, finish) => {
    schema ??= findSchema();
    schema.catch(() => {
      schema = undefined;
    });
    const ours = await schema;
    const { rows } = await tx.query<{ path: string }>(`select current_setting('search_path') as path`);
    await setPath(tx, ours);
    // Written out, not by its name: the client is the handler's, and may be behind a pooler.
    const plain: Queryable = {
      query: (statement, values) =>
        typeof statement === 'string'
          ? tx.query(statement, values)
          : tx.query(statement.text, statement.values),
    };
    const { refused } = await finishAndClaim(plain, [finish], { ...noClaim, workerId });
    await setPath(tx, rows[0]?.path as string);
    if (refused.length > 0)
      throw new LeaseLost('the lease of this attempt is lost: roll the transaction back');
  };
}

/** For the rest of the transaction; a rollback restores it too. */
async function setPath(tx: Queryable, path: string): Promise<void> {
  await tx.query(`select set_config('search_path', $1, true)`, [path]);
}
