/** Commands that go straight to the database, as whoever may read its address. */

import type { Queryable } from '../db/connect.ts';
import { connect, type Pool } from '../db/connect.ts';
import { writeAudit } from '../tenants/audit.ts';
import { requireDatabase } from './require-database.ts';
import type { Context } from './roles.ts';

export async function onDatabase<Answer>(
  context: Context,
  use: (pool: Pool) => Promise<Answer>,
): Promise<Answer> {
  requireDatabase(context);
  const { databaseUrl: url, schema } = context.config;
  const pool = connect({ url, schema, max: 1, applicationName: 'ravenmq command', log: context.log });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}

/** Writes the record of what the command changes; call it in the transaction of the change. */
export const auditCommand = (
  db: Queryable,
  action: string,
  target: string,
  detail: Record<string, unknown>,
  orgId: string | null = null,
): Promise<void> =>
  writeAudit(db, { userId: null, orgId, requestId: 'command line' }, action, target, detail);

/** Rows of text in columns, without spaces at the ends of lines. */
export function columns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((cells) => (cells[n] as string).length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, n) => cell.padEnd(widths[n] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
