/** Submitting, reading and listing jobs; nothing here runs, as no worker has a handler for the type. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  type Caller,
  echoJob,
  expectStatus,
  foundOrganization,
  inviteMember,
  type Json,
  type Member,
  manySignIns,
  register,
  run,
  signInAsAdmin,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let admin: Account;
let founder: Member;
let member: Member;
let loner: Account;
beforeAll(async () => {
  system = await startSystem(manySignIns);
  admin = await signInAsAdmin(system);
  founder = await foundOrganization(system);
  member = await inviteMember(system, founder);
  loner = await register(system);
});
afterAll(() => system?.stop());

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ids = async (as: Caller, path: string): Promise<string[]> =>
  expectStatus(200, await as.get(path)).map((job: Json) => job.id);

describe('a submission', () => {
  test.each(['/jobs/', '/jobs'])('by POST %s answers 201 and the job', async (path) => {
    const answer = await member.post(path, { name: 'report', type: 'my.type', payload: { a: [1] } });

    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: 'report',
      type: 'my.type',
      payload: { a: [1] },
      status: 'queued',
      user_id: member.id,
      org_id: member.orgId,
      created_at: expect.stringMatching(rfc3339),
      started_at: null,
      finished_at: null,
      retry_count: 0,
      error_msg: null,
      lease_expires_at: null,
    });
    expect(answer.body.priority).toBeGreaterThan(0);
    expect(answer.body.priority).toBeLessThanOrEqual(1);
    expect(Math.abs(Date.parse(answer.body.created_at) - Date.now())).toBeLessThan(10_000);
  });

  test('by a user without an organization belongs to nobody else', async () => {
    expect(await submit(loner, waitingJob())).toMatchObject({ user_id: loner.id, org_id: null });
  });

  test('can be read by its id in both forms of the path', async () => {
    // When it is expected to start is another matter from one moment to the next.
    const { eta: _, ...job } = await submit(member, waitingJob());
    for (const path of [`/jobs/${job.id}`, `/jobs/${job.id}/`])
      expect(expectStatus(200, await member.get(path))).toMatchObject(job);
  });

  test('takes every field that it may have', async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const job = await submit(member, {
      ...waitingJob('all fields'),
      queue: 'reports',
      run_at: later,
      deadline: new Date(Date.now() + 7_200_000).toISOString(),
      weight: 2.5,
      max_retries: 7,
      timeout_ms: 1_500,
      idempotency_key: randomBytes(8).toString('hex'),
      concurrency_key: 'customer-7',
      labels: { team: 'blue' },
      size_hint: 12,
      variant: 'large',
    });

    expect(job).toMatchObject({
      status: 'scheduled',
      queue: 'reports',
      weight: 2.5,
      max_retries: 7,
      timeout_ms: 1_500,
      concurrency_key: 'customer-7',
      labels: { team: 'blue' },
    });
    expect(Date.parse(job.run_at)).toBe(Date.parse(later));
  });

  test('of a type that no worker has a handler for waits', async () => {
    const job = await submit(member, waitingJob());
    await run(member, echoJob('runs meanwhile'));
    expect((await member.get(`/jobs/${job.id}`)).body.status).toBe('queued');
  });
});

test('a job that does not exist answers 404', async () => {
  expect((await member.get(`/jobs/${crypto.randomUUID()}`)).status).toBe(404);
  expect([404, 422]).toContain((await member.get('/jobs/no-such-id')).status);
});

describe('an idempotency key', () => {
  const key = () => randomBytes(8).toString('hex');

  test.each(['body', 'header'])(
    'in the %s makes the second submission answer the first job',
    async (where) => {
      const value = key();
      const send = (name: string) =>
        where === 'body'
          ? member.post('/jobs/', { ...waitingJob(name), idempotency_key: value })
          : member.post('/jobs/', waitingJob(name), { 'idempotency-key': value });
      const first = await send('once');
      const second = await send('once');
      const other = await send('another');

      expect(first.status).toBe(201);
      expect([200, 201]).toContain(second.status);
      expect(second.body.id).toBe(first.body.id);
      expect(other.status).toBe(409);
    },
  );

  test('used by many at once makes one job', async () => {
    const job = { ...waitingJob('crowd'), idempotency_key: key() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => member.post('/jobs/', job)));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  });

  test('still holds when its job has ended', async () => {
    const job = { ...echoJob('ended'), idempotency_key: key() };
    const first = await run(member, job);
    expect(first.status).toBe('done');
    expect((await member.post('/jobs/', job)).body.id).toBe(first.id);
  });
});

describe('many jobs at once', () => {
  test.each(['/jobs/bulk', '/jobs/bulk/'])('are submitted by POST %s in their order', async (path) => {
    const jobs = ['a', 'b', 'c'].map((name) => waitingJob(name));
    const answer = await member.post(path, { jobs });
    expect(answer.status).toBe(201);
    expect(answer.body.map((job: Json) => job.name)).toEqual(['a', 'b', 'c']);
    for (const { id } of answer.body)
      expect((await member.get(`/jobs/${id}`)).body.org_id).toBe(member.orgId);
  });

  test('are refused together when one is invalid', async () => {
    const name = randomBytes(8).toString('hex');
    const answer = await member.post('/jobs/bulk', {
      jobs: [waitingJob(name), { ...waitingJob(name), name: '' }],
    });
    expect(answer.status).toBe(422);
    expect(await ids(member, `/jobs/?name=${name}`)).toEqual([]);
  });

  test('are at least one', async () => {
    expect((await member.post('/jobs/bulk', { jobs: [] })).status).toBe(422);
    expect((await member.post('/jobs/bulk', {})).status).toBe(422);
  });
});

describe('the list', () => {
  let lister: Account;
  let submitted: Json[];
  beforeAll(async () => {
    lister = await register(system);
    const jobs = Array.from({ length: 60 }, (_, n) => ({
      ...waitingJob(n % 2 === 0 ? 'even' : 'odd'),
      type: n < 30 ? 'first.half' : 'second.half',
      queue: n < 10 ? 'few' : 'many',
      labels: { third: String(n % 3), all: 'yes' },
    }));
    submitted = expectStatus(201, await lister.post('/jobs/bulk', { jobs }));
    await submit(lister, { ...waitingJob('later'), run_at: new Date(Date.now() + 3_600_000).toISOString() });
  });

  test.each(['/jobs/', '/jobs'])('at %s holds the newest 50, newest first', async (path) => {
    const jobs = expectStatus(200, await lister.get(path));
    const times = jobs.map((job: Json) => Date.parse(job.created_at));
    expect(jobs).toHaveLength(50);
    expect(jobs[0].name).toBe('later');
    expect(times).toEqual(times.toSorted((a: number, b: number) => b - a));
    expect(jobs.slice(1).map((job: Json) => job.id)).toEqual(
      submitted
        .slice(-49)
        .reverse()
        .map((job) => job.id),
    );
  });

  test('is cut by status', async () => {
    expect(await ids(lister, '/jobs/?status=scheduled')).toHaveLength(1);
    expect(await ids(lister, '/jobs/?status=queued&limit=200')).toHaveLength(60);
    for (const status of ['running', 'done', 'failed', 'cancelled'])
      expect(await ids(lister, `/jobs/?status=${status}`), status).toEqual([]);
  });

  test.each([
    ['type=first.half', 30],
    ['queue=few', 10],
    ['name=odd', 30],
    ['label.third=1', 20],
    ['label.third=1&label.all=yes', 20],
    ['label.third=1&label.all=no', 0],
    ['type=second.half&name=even', 15],
  ])('is cut by %s', async (filter, count) => {
    expect(await ids(lister, `/jobs/?limit=200&${filter}`)).toHaveLength(count);
  });

  test('is cut by time', async () => {
    const before = encodeURIComponent(submitted[0].created_at);
    expect(await ids(lister, `/jobs/?created_before=${before}`)).toEqual([]);
    const early = encodeURIComponent(new Date(Date.now() - 60_000).toISOString());
    expect(await ids(lister, `/jobs/?limit=200&created_after=${early}`)).toHaveLength(61);
  });

  test('is walked page by page, every job once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/jobs/?limit=25';
    for (let page = 0; path !== undefined && page < 5; page++) {
      const answer = await lister.get(path);
      seen.push(...expectStatus(200, answer).map((job: Json) => job.id));
      path = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toHaveLength(61);
    expect(new Set(seen).size).toBe(61);
    expect(await ids(lister, `/jobs/?limit=200&before=${seen[24]}`)).toEqual(seen.slice(25));
  });

  test('shows the administrator all, members the organization, a user without one their own', async () => {
    const [ofFounder, ofMember, ofLoner] = [
      await submit(founder, waitingJob()),
      await submit(member, waitingJob()),
      await submit(loner, waitingJob()),
    ].map((job) => job.id as string);

    expect(await ids(admin, '/jobs/')).toEqual(expect.arrayContaining([ofFounder, ofMember, ofLoner]));
    for (const one of [founder, member]) {
      expect((await ids(one, '/jobs/')).slice(0, 2)).toEqual([ofMember, ofFounder]);
      expect(await ids(one, '/jobs/?limit=200')).not.toContain(ofLoner);
    }
    expect((await ids(loner, '/jobs/'))[0]).toBe(ofLoner);
    const jobs = expectStatus(200, await loner.get('/jobs/?limit=200'));
    expect(new Set(jobs.map((job: Json) => job.user_id))).toEqual(new Set([loner.id]));
  });
});
