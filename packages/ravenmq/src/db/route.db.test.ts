import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { type PoolerOptions, startPooler } from '../../test/pooler/pooler.ts';
import { silentLogger } from '../log.ts';
import { connect, type Pool, transaction } from './connect.ts';
import { routeOf, sessionUrl } from './route.ts';

async function aPooler(db: TestDatabase, options: Partial<PoolerOptions> = {}): Promise<string> {
  const pooler = await startPooler({ url: db.directUrl, size: 3, startupSettings: 'refuse', ...options });
  onTestFinished(() => pooler.close());
  return pooler.url;
}

function aPool(url: string, schema: string, max = 5): Pool {
  const pool = connect({ url, schema, max, applicationName: schema, log: silentLogger });
  onTestFinished(() => pool.end());
  return pool;
}

/** What somebody finds who is lent the sessions that a pool used. */
async function foundIn(url: string, sessions: number) {
  const clients = Array.from({ length: sessions }, () => new pg.Client({ connectionString: url }));
  const found = [];
  for (const client of clients) {
    await client.connect();
    await client.query('begin');
    const { rows } = await client.query(
      `select current_setting('search_path') as path, current_setting('enable_seqscan') as seqscan,
         (select count(*)::int from pg_prepared_statements) as prepared`,
    );
    found.push(rows[0]);
  }
  await Promise.all(clients.map((client) => client.end()));
  return found;
}

test('PostgreSQL itself gives a session of its own', async ({ db }) => {
  expect(await routeOf(db.directUrl)).toEqual({
    ownSession: true,
    startupSettings: true,
    preparedStatements: true,
  });
});

test.for<Partial<PoolerOptions>>([
  { startupSettings: 'refuse' },
  { startupSettings: 'ignore' },
  { size: 1 },
  { managesStatements: true },
])('a transaction pooler is recognized: %o', async (options, { db }) => {
  expect(await routeOf(await aPooler(db, options))).toEqual({
    ownSession: false,
    startupSettings: false,
    preparedStatements: options.managesStatements === true,
  });
});

test('a server that cannot be reached is asked again', async () => {
  const unreachable = 'postgres://nobody@127.0.0.1:1/nothing';
  await expect(routeOf(unreachable)).rejects.toThrow('ECONNREFUSED');
  await expect(routeOf(unreachable)).rejects.toThrow('ECONNREFUSED');
});

test('listener and leader refuse a pooled address and say which setting to change', async ({ db }) => {
  const pooled = await aPooler(db);
  const general = { url: pooled, setting: 'DATABASE_URL' };
  const direct = (url: string) => ({ url, setting: 'DATABASE_DIRECT_URL' });

  await expect(sessionUrl(general, direct(''))).rejects.toThrow(
    /^DATABASE_URL leads to a transaction pooler.*set DATABASE_DIRECT_URL to the address of PostgreSQL itself/,
  );
  await expect(sessionUrl(general, direct(pooled))).rejects.toThrow(
    /^DATABASE_DIRECT_URL leads to a transaction pooler/,
  );
  expect(await sessionUrl(general, direct(db.directUrl))).toBe(db.directUrl);
});

test.for([{ managesStatements: false }, { managesStatements: true }])(
  'statements of several installations share sessions without meeting: %o',
  async (options, { db }) => {
    const url = await aPooler(db, options);
    const schemas = ['one', 'two', 'three'];
    const pools = schemas.map((schema) => aPool(url, schema));

    const seen = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const pool = pools[n % 3] as Pool;
        const named = { name: 'same', text: `select current_setting($1) as value`, values: ['search_path'] };
        const { rows } = await pool.query(n % 2 ? named : 'show search_path');
        return n % 2 ? rows[0].value : rows[0].search_path;
      }),
    );

    expect(seen).toEqual(seen.map((_, n) => schemas[n % 3]));
    const left = await foundIn(url, 3);
    expect(left.map(({ path, seqscan }) => [path, seqscan])).toEqual(
      Array(3).fill(['"$user", public', 'on']),
    );
    if (!options.managesStatements) expect(left.map(({ prepared }) => prepared)).toEqual([0, 0, 0]);
  },
);

test('settings hold for the whole of a transaction, however it ends', async ({ db }) => {
  const url = await aPooler(db, { size: 1 });
  const pool = aPool(url, 'mine', 1);
  const path = async (client: Pick<Pool, 'query'>) =>
    (await client.query('show search_path')).rows[0].search_path;

  await transaction(pool, async (client) => {
    await client.query(`select set_config('statement_timeout', '1234', true)`);
    expect(await path(client)).toBe('mine');
    expect((await client.query('show statement_timeout')).rows[0].statement_timeout).toBe('1234ms');
  });
  await expect(transaction(pool, (client) => client.query('select 1 / 0'))).rejects.toThrow(
    'division by zero',
  );
  await expect(pool.query('select 1 / $1::int', [0])).rejects.toThrow('division by zero');

  expect(await path(pool)).toBe('mine');
  expect(await foundIn(url, 1)).toEqual([{ path: '"$user", public', seqscan: 'on', prepared: 0 }]);
});

test('answers are those of the statement alone', async ({ db }) => {
  const pool = aPool(await aPooler(db), 'mine');
  expect(await pool.query('select 1 as n union select 2')).toMatchObject({
    command: 'SELECT',
    rowCount: 2,
    rows: [{ n: 1 }, { n: 2 }],
  });
  const several = await pool.query('select 1 as a; select 2 as b');
  expect((several as unknown as pg.QueryResult[]).map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
  expect((await pool.query('select $1::int as n where false', [1])).rows).toEqual([]);
  expect((await pool.query('set local lock_timeout = 5')).command).toBe('SET');
});
