import type { Pool } from '../src/db/connect.ts';
import { eventually } from './eventually.ts';

/**
 * Waits until followers may read every attempt logged so far. Any transaction open in the whole server, also one of
 * another test, holds them back.
 */
export async function settled(pool: Pool): Promise<void> {
  await eventually(async () => {
    const { rows } = await pool.query(
      'select not exists (select from execution_logs where xid >= pg_snapshot_xmin(pg_current_snapshot())) as yes',
    );
    return rows[0]?.yes;
  });
}
