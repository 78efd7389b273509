import { expect } from 'vitest';
import { z } from 'zod';
import { anApi, signedUp } from '../../test/an-api.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { createWorker, defineJob, InvalidPayload, JobFailed, NonRetryable, Raven } from '../index.ts';
import { silentLogger } from '../log.ts';

const add = defineJob({
  type: 'math/add',
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  timeout: '10s',
  run: ({ a, b }) => ({ sum: a + b }),
});
const refuse = defineJob({
  type: 'refuse',
  input: z.object({}),
  run: () => {
    throw new NonRetryable('not today');
  },
});

async function working<T>(db: TestDatabase, work: () => Promise<T>): Promise<T> {
  const { url: databaseUrl, directUrl: databaseDirectUrl, schema } = db;
  const jobs = [add, refuse];
  const worker = createWorker({ databaseUrl, databaseDirectUrl, schema, jobs, log: silentLogger });
  await worker.start();
  try {
    return await work();
  } finally {
    await worker.stop(1_000);
  }
}

async function ravenOf(db: TestDatabase, organization = 'acme'): Promise<Raven> {
  await db.pool.query(`insert into organizations (name) values ('acme') on conflict do nothing`);
  return new Raven({ databaseUrl: db.url, schema: db.schema, organization });
}

test('straight in PostgreSQL: enqueue, many, result, failure', async ({ db }) => {
  const raven = await ravenOf(db);
  await working(db, async () => {
    expect(await (await raven.enqueue(add, { a: 2 })).result()).toEqual({ sum: 3 });
    const many = await raven.enqueueMany([
      [add, { a: 1, b: 1 }],
      [add, { a: 2, b: 2 }, { name: 'twice', labels: { team: 'x' } }],
    ]);
    expect(await Promise.all(many.map((handle) => handle.result()))).toEqual([{ sum: 2 }, { sum: 4 }]);
    const failed = await (await raven.enqueue(refuse, {})).result().catch((error) => error);
    expect(failed).toBeInstanceOf(JobFailed);
    expect(failed).toMatchObject({ status: 'failed', message: 'not today' });
  });
  const { rows } = await db.pool.query(`select name, labels, timeout_ms from jobs where name = 'twice'`);
  expect(rows).toEqual([{ name: 'twice', labels: { team: 'x' }, timeout_ms: 10_000 }]);
  await raven.close();
});

test('a payload that does not fit is refused before it is sent, and before it is run', async ({ db }) => {
  const raven = await ravenOf(db);
  await expect(raven.enqueue(add, { a: 'two' } as never)).rejects.toThrow(InvalidPayload);
  await expect(raven.enqueue(add, { a: 'two' } as never)).rejects.toThrow('Payload of math/add: a:');
  const loose = defineJob({ type: 'math/add', input: z.object({ a: z.any() }), run: () => ({ sum: 0 }) });
  await working(db, async () => {
    await expect((await raven.enqueue(loose, { a: 'two' })).result()).rejects.toThrow('Payload of math/add');
  });
  await raven.close();
});

test('inside the caller’s transaction the job exists exactly when it commits', async ({ db }) => {
  const raven = await ravenOf(db);
  const client = await db.pool.connect();
  const count = async () => (await db.pool.query('select count(*) as n from jobs')).rows[0].n;
  try {
    await client.query('begin');
    await raven.tx(client).enqueue(add, { a: 1 });
    await client.query('rollback');
    expect(await count()).toBe(0);
    await client.query('begin');
    const handle = await raven
      .tx(client)
      .enqueue(add, { a: 1 }, { queue: 'later', runAt: new Date('2100-01-01') });
    await client.query('commit');
    const { rows } = await db.pool.query('select id, queue, status from jobs');
    expect(rows).toEqual([{ id: handle.id, queue: 'later', status: 'scheduled' }]);
  } finally {
    client.release();
    await raven.close();
  }
});

test('an organization that does not exist, and a reused idempotency key, are said', async ({ db }) => {
  const nobody = await ravenOf(db, 'nobody');
  await expect(nobody.enqueue(add, { a: 1 })).rejects.toThrow('No organization is named nobody');
  const raven = await ravenOf(db);
  const first = await raven.enqueue(add, { a: 1 }, { idempotencyKey: 'k' });
  const again = await raven.enqueue(add, { a: 1 }, { idempotencyKey: 'k' });
  expect(again.id).toBe(first.id);
  await expect(raven.enqueue(add, { a: 2 }, { idempotencyKey: 'k' })).rejects.toThrow(
    'was used with another request',
  );
  await expect(again.result({ timeoutMs: 20 })).rejects.toThrow('has not ended within 20 ms');
  await Promise.all([nobody.close(), raven.close()]);
});

test('through the REST API, in the name of an API key’s owner', async ({ db }) => {
  const api = await anApi(db);
  const { url } = await api.start();
  const owner = await signedUp(api, 'owner');
  await api.app.inject({ method: 'POST', url: '/orgs', headers: owner.headers, payload: { name: 'acme' } });
  const made = await api.app.inject({
    method: 'POST',
    url: '/api-keys',
    headers: owner.headers,
    payload: { name: 'ci' },
  });
  const raven = new Raven({ url, apiKey: made.json().key });
  try {
    await working(db, async () => {
      expect(await (await raven.enqueue(add, { a: 5, b: 5 }, { weight: 2 })).result()).toEqual({ sum: 10 });
    });
    const { rows } = await db.pool.query(
      'select o.name, weight, j.user_id from jobs j join organizations o on o.id = j.org_id',
    );
    expect(rows).toEqual([{ name: 'acme', weight: 2, user_id: owner.id }]);
    await expect(raven.tx(db.pool).enqueue(add, { a: 1 })).rejects.toThrow(
      'A transaction needs the database',
    );
    await expect(new Raven({ url, apiKey: 'rmq_wrong' }).enqueue(add, { a: 1 })).rejects.toMatchObject({
      status: 401,
    });
  } finally {
    await raven.close();
    await api.stop();
  }
});
