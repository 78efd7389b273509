import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';

/** An administrator, an org_admin with a member, and a person without an organization. */
async function people(db: TestDatabase) {
  const api = await anApi(db);
  const [root, boss, member, loner] = await Promise.all(
    ['root', 'boss', 'member', 'loner'].map((name) => signedUp(api, name)),
  );
  await db.pool.query(`update users set role = 'admin' where id = $1`, [root?.id]);
  const as =
    (who: typeof root) => async (method: 'GET' | 'PUT' | 'PATCH' | 'POST', url: string, payload?: object) => {
      const answer = await api.app.inject({
        method,
        url,
        headers: who?.headers ?? {},
        ...(payload && { payload }),
      });
      return { status: answer.statusCode, body: answer.json() };
    };
  const made = await as(boss)('POST', '/orgs', { name: 'acme' });
  await as(boss)('POST', `/orgs/${made.body.org.id}/invite`, { username: 'member' });
  return {
    ...{ api, org: made.body.org.id as string, lonerId: loner?.id as string },
    ...{ root: as(root), boss: as(boss), member: as(member), loner: as(loner) },
  };
}

test('an administrator changes a queue’s order, promise, limits and pause, and the record says so', async ({
  db,
}) => {
  const { api, root } = await people(db);
  const change = { policy: 'shortest', promise_ms: 60_000, concurrency: 3, paused: true };

  const answer = await root('PATCH', '/queues/mail', { ...change, starts: { starts: 100, per_seconds: 60 } });

  expect(answer).toMatchObject({
    status: 200,
    body: { name: 'mail', ...change, starts_per_second: 100 / 60, burst: 2 },
  });
  expect((await root('GET', '/limits')).body).toMatchObject([
    { of: 'queue', queue: 'mail', running: 3, held: 0, waiting: 0, burst: 2 },
  ]);
  expect((await root('PATCH', '/queues/mail', { promise_ms: null, concurrency: null })).body).toMatchObject({
    policy: 'shortest',
    promise_ms: null,
    concurrency: null,
  });
  const { rows } = await db.pool.query(
    `select action, target, detail from audit where target = 'mail' order by id`,
  );
  expect(rows.map((row) => row.detail)).toMatchObject([change, { promise_ms: null, concurrency: null }]);
  expect(await root('PATCH', '/queues/mail', { policy: 'lifo' })).toMatchObject({ status: 422 });
  await api.stop();
});

test('keys are limited by the org_admin, or by who has no organization; never those of others', async ({
  db,
}) => {
  const { api, org, lonerId, root, boss, member, loner } = await people(db);
  await submitted(db.pool, { orgId: org, concurrencyKey: 'a/b c' }, { orgId: org, concurrencyKey: 'a/b c' });
  const key = `/limits/keys/${encodeURIComponent('a/b c')}`;

  expect((await boss('PUT', key, { running: 1 })).body).toMatchObject([
    { of: 'key', tenant_id: org, key: 'a/b c', running: 1, held: 1, waiting: 1 },
  ]);
  expect((await member('PUT', key, { running: 5 })).status).toBe(403);
  expect((await loner('PUT', `${key}?tenant=${org}`, { running: 5 })).status).toBe(403);
  expect((await loner('PUT', '/limits/keys/mine', { running: 2 })).status).toBe(200);
  expect((await boss('PUT', `/limits/keys/mine?tenant=${lonerId}`, { running: 5 })).status).toBe(403);
  expect((await root('PUT', `/limits/keys/mine?tenant=${lonerId}`, { running: 4 })).status).toBe(200);

  const seen = async (who: typeof root) =>
    (await who('GET', '/limits')).body.map((row: { key: string; running: number }) => [row.key, row.running]);
  expect(await seen(member)).toEqual([['a/b c', 1]]);
  expect(await seen(loner)).toEqual([['mine', 4]]);
  expect(await seen(root)).toHaveLength(2);
  expect((await db.pool.query(`select from audit where action = 'limit.change'`)).rowCount).toBe(3);
  expect((await boss('PUT', key, { running: null })).body).toEqual([]);
  await api.stop();
});

test('weight and limits of an organization are the administrator’s, its pause also its org_admin’s', async ({
  db,
}) => {
  const { api, org, root, boss, member } = await people(db);

  expect(await root('PATCH', `/orgs/${org}`, { weight: 4, concurrency: 7 })).toMatchObject({
    status: 200,
    body: { tenant_id: org, weight: 4, paused: false, limits: [{ of: 'organization', running: 7 }] },
  });
  expect((await boss('PATCH', `/orgs/${org}`, { paused: true })).body).toMatchObject({
    weight: 4,
    paused: true,
  });
  for (const change of [{ weight: 9 }, { concurrency: null }, { starts: null }])
    expect((await boss('PATCH', `/orgs/${org}`, change)).status).toBe(403);
  expect((await member('PATCH', `/orgs/${org}`, { paused: false })).status).toBe(403);
  expect((await root('PATCH', '/orgs/nowhere', { weight: 1 })).status).toBe(404);
  expect((await root('GET', '/shares')).body).toEqual([{ tenant_id: org, weight: 4, paused: true }]);
  await api.stop();
});

test('everything is paused and resumed by an administrator, for all to see', async ({ db }) => {
  const { api, root, boss, member } = await people(db);

  expect((await boss('PUT', '/pause', { paused: true })).status).toBe(403);
  expect((await root('PUT', '/pause', { paused: true })).body).toEqual({ paused: true });
  expect((await member('GET', '/pause')).body).toEqual({ paused: true });
  await root('PUT', '/pause', { paused: false });
  expect((await member('GET', '/pause')).body).toEqual({ paused: false });
  await api.stop();
});
