import { randomBytes } from 'node:crypto';
import { test as base, inject } from 'vitest';
import { connect, type Pool } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { silentLogger } from '../src/log.ts';

export interface TestDatabase {
  /** Connects as the engine does; its application name is the schema's. */
  pool: Pool;
  schema: string;
  url: string;
}

/** A test with `db`: a schema of its own with every migration applied, dropped afterwards. */
export const test = base.extend<{ db: TestDatabase }>({
  // biome-ignore lint/correctness/noEmptyPattern: the signature that vitest asks for
  db: async ({}, use) => {
    const url = inject('databaseUrl');
    const schema = `t_${randomBytes(6).toString('hex')}`;
    const pool = connect({ url, schema, max: 10, applicationName: schema, log: silentLogger });
    await migrate(pool, schema);
    await use({ pool, schema, url });
    await pool.query(`drop schema ${schema} cascade`);
    await pool.query(`drop role if exists ${schema}_api`);
    await pool.end();
  },
});
