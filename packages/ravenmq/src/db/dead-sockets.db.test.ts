import { expect, onTestFinished } from 'vitest';
import { startProxy } from '../../test/chaos/proxy.ts';
import { test } from '../../test/fixtures.ts';
import { silentLogger } from '../log.ts';
import { connect } from './connect.ts';
import { endPool } from './dead-sockets.ts';

/** A pool whose network can be taken away, with `warm` open connections. */
async function poolBehindProxy({ url, schema }: { url: string; schema: string }, warm: number) {
  const { hostname: host, port } = new URL(url);
  const proxy = await startProxy({ target: () => ({ host, port: Number(port) }) });
  onTestFinished(() => proxy.stop());
  const through = new URL(url);
  through.port = String(proxy.port);
  const pool = connect({
    url: through.href,
    schema,
    max: warm,
    applicationName: schema,
    log: silentLogger,
    statementTimeoutMs: 200,
  });
  await Promise.all(Array.from({ length: warm }, () => pool.query('select pg_sleep(0.05)')));
  return { pool, proxy };
}

test('after one answer that does not come, the other dead connections cost nobody a wait', async ({ db }) => {
  const { pool, proxy } = await poolBehindProxy(db, 4);
  proxy.swallow(['to server', 'to client']);
  await expect(pool.query('select 1')).rejects.toThrow('Query read timeout');
  proxy.swallow([]);

  const { rows } = await pool.query('select 1 as one');
  expect(rows).toEqual([{ one: 1 }]);
  await endPool(pool);
});

test('a pool ends although its connections lead nowhere', async ({ db }) => {
  const { pool, proxy } = await poolBehindProxy(db, 3);
  proxy.swallow(['to server', 'to client']);
  await endPool(pool);
});

test('a pool ends with connections that it gave up before, whose goodbye nobody answered', async ({ db }) => {
  const { pool, proxy } = await poolBehindProxy(db, 2);
  const client = await pool.connect();
  const { stream } = (client as unknown as { connection: { stream: { destroyed: boolean } } }).connection;
  proxy.swallow(['to server', 'to client']);
  client.release(new Error('given up'));
  expect(stream.destroyed).toBe(false);

  await endPool(pool);
  expect(stream.destroyed).toBe(true);
});
