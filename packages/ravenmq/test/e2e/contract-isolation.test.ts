/** Two organizations and a user without one see nothing of each other, on every path. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
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

const failing = { name: 'false', type: 'shell', payload: { argv: ['/bin/false'] }, max_retries: 0 };
const secret = `secret-${randomBytes(6).toString('hex')}`;
let system: System;
let admin: Account;
let owner: Member;
let colleague: Member;
let strangers: Account[];
let waiting: Json;
let done: Json;
let failed: Json;
beforeAll(async () => {
  system = await startSystem(manySignIns);
  admin = await signInAsAdmin(system);
  owner = await foundOrganization(system);
  colleague = await inviteMember(system, owner);
  const founder = await foundOrganization(system);
  strangers = [founder, await inviteMember(system, founder), await register(system)];
  waiting = await submit(owner, {
    ...waitingJob(secret),
    queue: secret,
    labels: { secret },
    idempotency_key: secret,
  });
  done = await run(owner, echoJob(secret, secret));
  failed = await run(colleague, { ...failing, name: secret });
});
afterAll(() => system?.stop());

const summaryOf = async (as: Account): Promise<Json> => expectStatus(200, await as.get('/analytics/summary'));

test('a job of another organization answers 404 to everybody outside and 200 inside', async () => {
  for (const { id } of [waiting, done, failed]) {
    for (const stranger of strangers) {
      for (const path of [`/jobs/${id}`, `/jobs/${id}/`]) {
        const answer = await stranger.get(path);
        expect(answer.status).toBe(404);
        expect(answer.text).not.toContain(secret);
      }
    }
    for (const insider of [owner, colleague, admin])
      expect((await insider.get(`/jobs/${id}`)).status).toBe(200);
  }
});

test('nobody outside can cancel or start it again, and it stays as it was', async () => {
  for (const stranger of strangers) {
    expect((await stranger.post(`/jobs/${waiting.id}/cancel`)).status).toBe(404);
    expect((await stranger.post(`/jobs/${failed.id}/retry`)).status).toBe(404);
  }
  expect((await owner.get(`/jobs/${waiting.id}`)).body.status).toBe('queued');
  expect((await owner.get(`/jobs/${failed.id}`)).body).toEqual(failed);
});

test('no answer differs between a job of another organization and one that does not exist', async () => {
  const [stranger] = strangers as [Account];
  for (const [method, end] of [
    ['GET', ''],
    ['POST', '/cancel'],
    ['POST', '/retry'],
  ] as const) {
    const foreign = await stranger.send(method, `/jobs/${failed.id}${end}`);
    const missing = await stranger.send(method, `/jobs/${crypto.randomUUID()}${end}`);
    expect({ ...foreign.body, request_id: '' }).toEqual({ ...missing.body, request_id: '' });
  }
});

test('no list shows it, however it is filtered', async () => {
  const queries = [
    '',
    '?limit=200',
    '?status=queued',
    '?status=done',
    '?status=failed',
    '?type=shell',
    `?name=${secret}`,
    `?queue=${secret}`,
    `?label.secret=${secret}`,
    '?created_after=2000-01-01T00:00:00Z',
    '?before=ffffffff-ffff-7fff-bfff-ffffffffffff',
  ];
  for (const stranger of strangers) {
    for (const query of queries)
      expect(expectStatus(200, await stranger.get(`/jobs/${query}`)), query).toEqual([]);
  }
  for (const insider of [owner, colleague, admin]) {
    const jobs = expectStatus(200, await insider.get(`/jobs/?name=${secret}`));
    expect(jobs.map((job: Json) => job.id)).toEqual([failed.id, done.id, waiting.id]);
  }
});

test('an idempotency key of one organization means nothing in another', async () => {
  for (const stranger of strangers.slice(1)) {
    const answer = await stranger.post('/jobs/', { ...waitingJob('own'), idempotency_key: secret });
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(waiting.id);
    await stranger.post(`/jobs/${answer.body.id}/cancel`);
  }
});

test('nobody outside reads or changes the membership', async () => {
  const guest = await register(system);
  for (const stranger of strangers) {
    const answer = await stranger.post(`/orgs/${owner.orgId}/invite`, { username: guest.username });
    expect([403, 404]).toContain(answer.status);
    const [mine, members] = [await stranger.get('/orgs/me'), await stranger.get('/orgs/me/members')];
    for (const { text } of [mine, members]) {
      for (const word of [owner.orgId, owner.username, colleague.username]) expect(text).not.toContain(word);
    }
  }
  expect((await owner.get('/orgs/me')).body.member_count).toBe(2);
});

describe('analytics', () => {
  test('count for members the organization, for everybody outside nothing of it', async () => {
    const own = await eventually(async () => {
      const summary = await summaryOf(colleague);
      return summary.counts.total_done === 1 && summary.counts.total_failed === 1 && summary;
    });
    expect(own.counts).toMatchObject({ total_queued: 1, total_running: 0 });
    expect((await summaryOf(owner)).counts).toEqual(own.counts);
    expect((await summaryOf(admin)).counts).toMatchObject({ total_done: 1, total_failed: 1 });
    for (const stranger of strangers) {
      const summary = await summaryOf(stranger);
      expect(summary.counts).toMatchObject({
        total_done: 0,
        total_failed: 0,
        total_queued: 0,
        total_running: 0,
      });
      expect(summary.by_type).toEqual([]);
      expect(summary.queue_health.jobs_last_hour).toBe(0);
    }
  });

  test('show everybody outside no run and no depth', async () => {
    for (const stranger of strangers) {
      expect(expectStatus(200, await stranger.get('/analytics/prediction-accuracy'))).toEqual([]);
      const throughput = expectStatus(200, await stranger.get('/analytics/throughput'));
      for (const bucket of throughput) expect(bucket).toMatchObject({ done: 0, failed: 0 });
      const depth = expectStatus(200, await stranger.get('/analytics/queue-depth'));
      for (const { bucket: _, ...counts } of depth)
        for (const count of Object.values(counts)) expect(count).toBe(0);
    }
    for (const insider of [owner, colleague, admin]) {
      const rows = expectStatus(200, await insider.get('/analytics/prediction-accuracy'));
      expect(rows.length).toBeGreaterThan(0);
    }
  });
});

test('the jobs of one member are seen by the other, whoever submitted them', async () => {
  const jobs = expectStatus(200, await colleague.get('/jobs/'));
  expect(new Set(jobs.map((job: Json) => job.user_id))).toEqual(new Set([owner.id, colleague.id]));
  expect(new Set(jobs.map((job: Json) => job.org_id))).toEqual(new Set([owner.orgId]));
});

test('a member may cancel and start again what another submitted', async () => {
  const job = await submit(owner, waitingJob());
  expect((await colleague.post(`/jobs/${job.id}/cancel`)).status).toBe(200);
  expect((await admin.post(`/jobs/${failed.id}/retry`)).status).toBe(200);
});
