import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, login, organization, register } from './http-person.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ RAVENMQ_REGISTER_PER_MINUTE: '1000', RAVENMQ_LOGIN_PER_MINUTE: '1000' });
});
afterAll(() => system.stop());

test('the creator of an organization is its org_admin at once, with the token in hand', async () => {
  const founder = await register(system.baseUrl);
  expect((await founder.call('GET', '/orgs/me')).status).toBe(404);
  expect((await founder.call('GET', '/orgs/me/members')).status).toBe(403);

  const made = await founder.call('POST', '/orgs/', { name: 'Umbrella' });

  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    org: { id: expect.any(String), name: 'Umbrella', created_at: expect.any(String) },
    message: expect.any(String),
  });
  const members = await founder.call('GET', '/orgs/me/members/');
  expect(members.status).toBe(200);
  expect(members.body).toEqual([
    { id: founder.id, username: founder.username, role: 'org_admin', created_at: expect.any(String) },
  ]);
  expect((await founder.call('GET', '/orgs/me/')).body).toEqual({ ...made.body.org, member_count: 1 });
  expect((await founder.call('POST', '/orgs', { name: 'Second' })).status).toBe(400);
});

test('names of organizations have 2 to 64 characters and are taken once', async () => {
  const found = async (name: string) =>
    (await (await register(system.baseUrl)).call('POST', '/orgs', { name })).status;
  expect(await found('a')).toBe(422);
  expect(await found('ab')).toBe(201);
  expect(await found('x'.repeat(64))).toBe(201);
  expect(await found('x'.repeat(65))).toBe(422);
  expect(await found('ab')).toBe(400);
});

test('inviting: by the org_admin or an administrator; unknown 404, member of any organization 400', async () => {
  const { id, founder, member } = await organization(system.baseUrl);
  const other = await organization(system.baseUrl);
  const admin = await login(system.baseUrl, system.adminUsername, system.adminPassword);
  const guest = await register(system.baseUrl);
  const invite = (by: typeof guest, orgId: string, username: string) =>
    by.call('POST', `/orgs/${orgId}/invite/`, { username }).then((answer) => answer.status);

  expect(await invite(member, id, guest.username)).toBe(403);
  expect(await invite(other.founder, id, guest.username)).toBe(403);
  expect(await invite(founder, id, 'nobody-at-all')).toBe(404);
  expect(await invite(founder, id, other.member.username)).toBe(400);
  expect(await invite(founder, id, member.username)).toBe(400);
  expect(await invite(founder, '00000000-0000-4000-8000-000000000000', guest.username)).toBe(404);
  expect(await invite(founder, 'no-id', guest.username)).toBe(404);
  expect(await invite(founder, id, guest.username)).toBe(200);
  const another = await register(system.baseUrl);
  expect(await invite(admin, id, another.username)).toBe(200);

  expect((await founder.call('GET', '/orgs/me')).body.member_count).toBe(4);
  expect((await guest.call('GET', '/orgs/me')).body.id).toBe(id);
  expect((await member.call('GET', '/orgs/me/members')).status).toBe(403);
});

test('members see the organization’s jobs; a member’s earlier own jobs stay theirs; others see nothing', async () => {
  const { id, founder, member } = await organization(system.baseUrl);
  const other = await organization(system.baseUrl);
  const admin = await login(system.baseUrl, system.adminUsername, system.adminPassword);
  const loner = await register(system.baseUrl);
  const submit = async (by: typeof loner, name: string) =>
    (await by.call('POST', '/jobs/', { name, type: 'mine', payload: { secret: name } })).body;
  const own = await submit(loner, 'before joining');
  const ours = await submit(member, 'of the organization');
  await founder.call('POST', `/orgs/${id}/invite`, { username: loner.username });
  const joined = await submit(loner, 'after joining');

  expect([own.org_id, ours.org_id, joined.org_id]).toEqual([null, id, id]);
  const names = async (by: typeof loner) =>
    (await by.call('GET', '/jobs/')).body.map((job: { name: string }) => job.name).sort();
  expect(await names(founder)).toEqual(['after joining', 'of the organization']);
  expect(await names(loner)).toEqual(['after joining', 'before joining', 'of the organization']);
  expect(await names(other.member)).toEqual([]);
  expect(await names(admin)).toEqual(
    expect.arrayContaining(['after joining', 'before joining', 'of the organization']),
  );

  // Nobody else reads or changes them, in any way that takes an id.
  for (const [method, path] of [
    ['GET', `/jobs/${ours.id}`],
    ['GET', `/jobs/${ours.id}/`],
    ['POST', `/jobs/${ours.id}/cancel`],
    ['POST', `/jobs/${ours.id}/retry`],
  ] as const) {
    const answer = await other.founder.call(method, path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(JSON.stringify(answer.body)).not.toContain('of the organization');
  }
  expect((await founder.call('GET', `/jobs/${own.id}`)).status).toBe(404);
  expect((await other.founder.call('GET', `/jobs/?before=${joined.id}`)).body).toEqual([]);
  const summary = (await other.member.call('GET', '/analytics/summary')).body;
  expect(summary.counts).toMatchObject({ total_queued: 0, total_done: 0 });
  expect((await founder.call('GET', `/jobs/${ours.id}`)).body.payload).toEqual({
    secret: 'of the organization',
  });
  expect((await admin.call('GET', `/jobs/${ours.id}`)).status).toBe(200);
  expect((await call(system.baseUrl, 'GET', `/jobs/${ours.id}`)).status).toBe(401);
});
