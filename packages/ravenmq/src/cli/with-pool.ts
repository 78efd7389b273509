import { connect, type Pool } from '../db/connect.ts';
import { requireDatabase } from './require-database.ts';
import type { Context } from './roles.ts';

/** For a command that asks the database a few things and ends. */
export async function withPool<Answer>(
  context: Context,
  applicationName: string,
  use: (pool: Pool) => Promise<Answer>,
): Promise<Answer> {
  requireDatabase(context);
  const { databaseUrl: url, schema } = context.config;
  const pool = connect({ url, schema, max: 1, applicationName, log: context.log });
  try {
    return await use(pool);
  } finally {
    await pool.end();
  }
}
