import { randomBytes } from 'node:crypto';
import { test as base, inject } from 'vitest';
import { connect, type Pool } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { silentLogger } from '../src/log.ts';

export interface TestDatabase {
  /** Connects as the engine does; its application name is the schema's. */
  pool: Pool;
  schema: string;
  /** What the pool connects to; it may lead to a transaction pooler. */
  url: string;
  /** PostgreSQL itself. */
  directUrl: string;
}

/** A schema of its own with every migration applied; `drop` removes it. */
export async function freshDatabase(): Promise<TestDatabase & { drop(): Promise<void> }> {
  const url = inject('databaseUrl');
  const schema = `t_${randomBytes(6).toString('hex')}`;
  const pool = connect({ url, schema, max: 10, applicationName: schema, log: silentLogger });
  await migrate(pool, schema);
  return {
    pool,
    schema,
    url,
    directUrl: inject('directUrl'),
    async drop() {
      await pool.query(`drop schema ${schema} cascade`);
      await pool.query(`drop role if exists ${schema}_api`);
      await pool.end();
    },
  };
}

/** A test with `db`: a fresh database of its own, dropped afterwards. */
export const test = base.extend<{ db: TestDatabase }>({
  // biome-ignore lint/correctness/noEmptyPattern: the signature that vitest asks for
  db: async ({}, use) => {
    const { drop, ...db } = await freshDatabase();
    await use(db);
    await drop();
  },
});
