import { randomBytes } from 'node:crypto';
import { test as base, inject } from 'vitest';
import { connect, type Pool } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { silentLogger } from '../src/log.ts';
export const test = base.extend<{ db: { pool: Pool; schema: string; url: string } }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants it
  db: async ({}, use) => {
    const url = inject('databaseUrl');
    const schema = `t_${randomBytes(6).toString('hex')}`;
    const pool = connect({ url, schema, max: 10, applicationName: schema, log: silentLogger });
    await migrate(pool, schema);
    await use({ pool, schema, url });
    await pool.query(`drop schema ${schema} cascade; drop role if exists ${schema}_api`);
    await pool.end();
  },
});
