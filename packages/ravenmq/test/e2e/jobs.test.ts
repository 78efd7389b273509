import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { organization, type Person, register } from './http-person.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let ann: Person;
beforeAll(async () => {
  system = await startSystem({ RAVENMQ_REGISTER_PER_MINUTE: '1000', RAVENMQ_LOGIN_PER_MINUTE: '1000' });
  ann = await register(system.baseUrl);
});
afterAll(() => system.stop());

const mine = (more: object = {}) => ({ name: 'a job', type: 'mine', payload: {}, ...more });
const echo = (more: object = {}) => ({
  name: 'echo',
  type: 'shell',
  payload: { argv: ['/bin/echo', 'hi'] },
  ...more,
});

const until = (id: string, status: string) =>
  eventually(async () => {
    const { body } = await ann.call('GET', `/jobs/${id}`);
    return body.status === status ? body : undefined;
  });

test.each(['/jobs', '/jobs/'])('POST %s answers the job with all its fields', async (path) => {
  const { status, body } = await ann.call('POST', path, mine({ payload: { deep: { ä: [1, null, 'x'] } } }));

  expect(status).toBe(201);
  expect(body).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'a job',
    type: 'mine',
    payload: { deep: { ä: [1, null, 'x'] } },
    status: 'queued',
    user_id: ann.id,
    org_id: null,
    started_at: null,
    finished_at: null,
    retry_count: 0,
    error_msg: null,
    lease_expires_at: null,
  });
  expect(body.priority).toBeCloseTo(1 / (1 + body.predicted_runtime_ms / 3000), 9);
  expect(Date.parse(body.created_at)).toBeGreaterThan(Date.now() - 60_000);
  expect((await ann.call('GET', `/jobs/${body.id}`)).body).toEqual(body);
});

test('an http job and a shell job do real work and are picked up within 100 ms', async () => {
  const waits: number[] = [];
  for (let n = 0; n < 5; n++) {
    const shell = (await ann.call('POST', '/jobs/', echo())).body;
    const done = await until(shell.id, 'done');
    expect(done.result).toMatchObject({ exit_code: 0, stdout: 'hi\n' });
    expect(done).toMatchObject({ error_msg: null, retry_count: 0 });
    waits.push(Date.parse(done.started_at) - Date.parse(done.created_at));
  }
  expect(Math.min(...waits)).toBeLessThan(100);
  const payload = { url: `${system.baseUrl}/health` };
  const http = (await ann.call('POST', '/jobs/', { name: 'ping', type: 'http', payload })).body;
  expect((await until(http.id, 'done')).result).toMatchObject({ status: 200, body: '{"status":"ok"}' });
});

test('a failing job shows its retries and its error, ends failed, and can be taken back', async () => {
  const failing = {
    name: 'fails',
    type: 'shell',
    payload: { script: 'echo no luck >&2; exit 4' },
    max_retries: 1,
  };
  const { id } = (await ann.call('POST', '/jobs/', failing)).body;

  const failed = await until(id, 'failed');
  expect(failed.retry_count).toBe(1);
  expect(failed.error_msg).toContain('no luck');
  expect((await ann.call('POST', `/jobs/${id}/retry`)).body).toMatchObject({ id, retry_count: 0 });
  await until(id, 'failed');
  expect(
    (await ann.call('POST', `/jobs/${(await ann.call('POST', '/jobs/', mine())).body.id}/retry`)).status,
  ).toBe(409);
});

test('a delayed job waits as scheduled; cancelling ends it; a second cancel comes too late', async () => {
  const run_at = new Date(Date.now() + 3_600_000).toISOString();
  const { body } = await ann.call('POST', '/jobs/', mine({ run_at }));
  expect(body.status).toBe('scheduled');
  expect(Date.parse(body.run_at)).toBe(Date.parse(run_at));

  expect((await ann.call('POST', `/jobs/${body.id}/cancel`)).body.status).toBe('cancelled');
  expect((await ann.call('POST', `/jobs/${body.id}/cancel/`)).status).toBe(409);

  const soon = await ann.call('POST', '/jobs/', echo({ run_at: new Date(Date.now() + 500).toISOString() }));
  const done = await until(soon.body.id, 'done');
  expect(Date.parse(done.started_at)).toBeGreaterThanOrEqual(Date.parse(done.run_at) - 5);
});

test('a running job is stopped by a cancel, and by its timeout', async () => {
  const sleep = (more: object) => ({
    name: 'sleeps',
    type: 'shell',
    payload: { argv: ['/bin/sleep', '60'] },
    ...more,
  });
  const { id } = (await ann.call('POST', '/jobs/', sleep({}))).body;
  const running = await until(id, 'running');
  expect(Date.parse(running.lease_expires_at) - Date.now()).toBeGreaterThan(10_000);
  await ann.call('POST', `/jobs/${id}/cancel`);
  await until(id, 'cancelled');

  const limited = (await ann.call('POST', '/jobs/', sleep({ timeout_ms: 200, max_retries: 0 }))).body;
  expect((await until(limited.id, 'failed')).error_msg).toContain('200 ms');
});

test('the list is newest first, 50 by default, filtered and paged', async () => {
  const { founder } = await organization(system.baseUrl);
  const jobs = Array.from({ length: 60 }, (_, n) =>
    mine({ name: `n${n}`, queue: n % 2 ? 'odd' : 'even', labels: n % 3 ? {} : { team: 'x' } }),
  );
  const bulk = await founder.call('POST', '/jobs/bulk', { jobs });
  expect(bulk.status).toBe(201);
  expect(bulk.body.map((job: { name: string }) => job.name)).toEqual(jobs.map((job) => job.name));

  const list = await founder.call('GET', '/jobs/');
  const names = (answer: typeof list) => answer.body.map((job: { name: string }) => job.name);
  expect(names(list)).toEqual(Array.from({ length: 50 }, (_, n) => `n${59 - n}`));
  const next = /<([^>]+)>; rel="next"/.exec(list.headers.get('link') ?? '')?.[1] as string;
  const rest = await founder.call('GET', next);
  expect(names(rest)).toEqual(Array.from({ length: 10 }, (_, n) => `n${9 - n}`));
  expect(rest.headers.get('link')).toBeNull();

  expect(names(await founder.call('GET', '/jobs?queue=odd&limit=200'))).toHaveLength(30);
  expect(names(await founder.call('GET', '/jobs?label.team=x&limit=200'))).toHaveLength(20);
  expect(names(await founder.call('GET', '/jobs?name=n7'))).toEqual(['n7']);
  expect(names(await founder.call('GET', '/jobs/?status=queued'))).toHaveLength(50);
  expect(names(await founder.call('GET', '/jobs/?status=done'))).toEqual([]);
  expect(names(await founder.call('GET', '/jobs/?type=other'))).toEqual([]);
  expect(
    names(await founder.call('GET', `/jobs?created_after=${new Date(Date.now() + 60_000).toISOString()}`)),
  ).toEqual([]);
  for (const bad of [
    'status=nonsense',
    'limit=0',
    'limit=201',
    'before=x',
    'colour=red',
    'created_after=yesterday',
  ]) {
    expect([bad, (await founder.call('GET', `/jobs/?${bad}`)).status]).toEqual([bad, 422]);
  }
});

test('an idempotency key answers the first job again, and 409 for another request', async () => {
  const key = { 'idempotency-key': 'order-7' };
  const first = await ann.call('POST', '/jobs/', mine(), key);
  const again = await ann.call('POST', '/jobs/', mine({ idempotency_key: 'order-7' }));
  const other = await ann.call('POST', '/jobs/', mine({ name: 'other' }), key);

  expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
  expect(again.body.id).toBe(first.body.id);
  expect((await (await register(system.baseUrl)).call('POST', '/jobs/', mine(), key)).status).toBe(201);
});

const ofLength = (chars: number) => ({ p: 'x'.repeat(chars - '{"p":""}'.length) });
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

test.each<[string, unknown, number]>([
  ['name of 64', mine({ name: 'x'.repeat(64) }), 201],
  ['name of 65', mine({ name: 'x'.repeat(65) }), 422],
  ['no name', mine({ name: '' }), 422],
  ['no payload', { name: 'a', type: 'mine' }, 422],
  ['payload a list', mine({ payload: [] }), 422],
  ['payload a text', mine({ payload: 'x' }), 422],
  ['payload null', mine({ payload: null }), 422],
  ['payload of 10,000 characters', mine({ payload: ofLength(10_000) }), 201],
  ['payload of 10,001 characters', mine({ payload: ofLength(10_001) }), 422],
  ['payload 32 levels deep', mine({ payload: nested(32) }), 201],
  ['payload 33 levels deep', mine({ payload: nested(33) }), 422],
  ['a NUL character', mine({ payload: { a: 'x\0y' } }), 422],
  ['half a surrogate', `{"name":"a","type":"mine","payload":{"a":"\\ud800"}}`, 422],
  ['type with a capital', mine({ type: 'Mine' }), 422],
  ['unknown field', mine({ org_id: '00000000-0000-4000-8000-000000000000' }), 422],
  ['status of one’s own', mine({ status: 'done' }), 422],
  ['weight of zero', mine({ weight: 0 }), 422],
  ['a deadline that is no time', mine({ deadline: 'soon' }), 422],
  ['not JSON', '{"name":', 400],
  ['a prototype', '{"name":"a","type":"mine","payload":{"__proto__":{"polluted":true}}}', 400],
  ['http without url', mine({ type: 'http' }), 422],
  ['shell without program', mine({ type: 'shell' }), 422],
  ['etl, which cannot run yet', mine({ type: 'etl' }), 422],
  ['ml, which cannot run yet', mine({ type: 'ml' }), 422],
])('a submission with %s', async (_, body, status) => {
  const answer = await ann.call('POST', '/jobs/', body, { 'content-type': 'application/json' });
  expect([answer.status, answer.body.detail]).toEqual([
    status,
    status === 201 ? undefined : expect.any(String),
  ]);
});

test('a job that nobody has is 404, whatever its id looks like', async () => {
  for (const id of ['00000000-0000-7000-8000-000000000000', 'x', '1', '%00', "'; drop table jobs"]) {
    expect([id, (await ann.call('GET', `/jobs/${encodeURIComponent(id)}`)).status]).toEqual([id, 404]);
  }
});
