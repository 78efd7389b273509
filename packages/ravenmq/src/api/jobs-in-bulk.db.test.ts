import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, submitted } from '../../test/jobs.ts';

const many = (count: number, of: object) => Array.from({ length: count }, () => of);

test('counting, cancelling and retrying all that a filter finds, batch by batch, own jobs only', async ({
  db,
}) => {
  const api = await anApi(db);
  const [me, other] = [await signedUp(api, 'myself'), await signedUp(api, 'other')];
  await submitted(db.pool, ...many(230, { orgId: null, userId: me.id, type: 'mine' }));
  await submitted(db.pool, { orgId: null, userId: other.id, type: 'mine' });
  const post = async (url: string, payload: object, as = me) =>
    (await api.app.inject({ method: 'POST', url, headers: as.headers, payload })).json();
  const count = async (query: string) =>
    (await api.app.inject({ url: `/jobs/count?${query}`, headers: me.headers })).json();

  expect(await count('status=queued')).toEqual({ count: 230, capped: false });
  const filter = { status: 'queued', type: 'mine' };
  const first = await post('/jobs/cancel', { filter });
  expect(first).toMatchObject({ matched: 200, changed: 200 });
  expect(await post('/jobs/cancel', { filter, before: first.next })).toEqual({
    matched: 30,
    changed: 30,
    next: null,
  });
  expect(await count('status=cancelled')).toMatchObject({ count: 230 });
  expect((await db.pool.query('select from job_live')).rowCount).toBe(1);
  const audit = await db.pool.query(`select from audit where action = 'job.cancel' and actor_id = $1`, [
    me.id,
  ]);
  expect(audit.rowCount).toBe(230);
  await api.stop();
});

test('a selection: failed jobs go back, the others stay, another tenant’s are unknown', async ({ db }) => {
  const api = await anApi(db);
  const [me, other] = [await signedUp(api, 'myself'), await signedUp(api, 'other')];
  const made = await submitted(db.pool, ...many(3, { orgId: null, userId: me.id, maxRetries: 0 }));
  const claimed = await claim(db.pool, { count: 2 });
  await finish(db.pool, ...claimed.map((job) => aFinish(job, { outcome: 'failed', errorMsg: 'no' })));
  const ids = made.map(({ id }) => id);
  const retry = async (as: typeof me, payload: object = { ids }) =>
    api.app.inject({ method: 'POST', url: '/jobs/retry', headers: as.headers, payload });

  expect((await retry(other)).json()).toMatchObject({ changed: 0 });
  expect((await retry(me)).json()).toEqual({ matched: 3, changed: 2, next: null });
  expect((await retry(me)).json()).toMatchObject({ changed: 0 });
  const failed = claimed[0]?.id as string;
  const attempts = (as: typeof me) =>
    api.app.inject({ url: `/jobs/${failed}/attempts`, headers: as.headers });
  expect((await attempts(me)).json()).toMatchObject([{ attempt: 1, outcome: 'failed', error_msg: 'no' }]);
  expect((await attempts(other)).statusCode).toBe(404);
  await api.stop();
});

test.for([
  [{}, 'give either ids or filter'],
  [{ filter: {} }, 'it has to be failed'],
  [{ filter: { status: 'done' } }, 'it has to be failed'],
  [{ filter: { status: 'failed', colour: 'red' } }, 'colour: is no filter'],
  [{ ids: ['x'] }, 'ids'],
])('a bulk change that could mean anything is refused: %j', async ([payload, reason], { db }) => {
  const api = await anApi(db);
  const { headers } = await signedUp(api, 'myself');
  const answer = await api.app.inject({
    method: 'POST',
    url: '/jobs/retry',
    headers,
    payload: payload as object,
  });
  expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining(reason as string)]);
  await api.stop();
});
