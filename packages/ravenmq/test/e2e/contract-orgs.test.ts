/** Organizations: founding, inviting, membership, and what each role may do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  caller,
  expectStatus,
  foundOrganization,
  inviteMember,
  type Json,
  type Member,
  manySignIns,
  register,
  signInAsAdmin,
  submit,
  uniqueName,
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

describe('a new organization', () => {
  test.each(['/orgs/', '/orgs'])('is answered 201 by POST %s with itself and a message', async (path) => {
    const creator = await register(system);
    const name = uniqueName('org');
    const answer = await creator.post(path, { name });

    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      org: { id: expect.any(String), name },
      message: expect.stringMatching(/./),
    });
  });

  test('makes its creator org_admin for the token in hand', async () => {
    const creator = await register(system);
    const { org } = (await creator.post('/orgs/', { name: uniqueName('org') })).body;

    const members = expectStatus(200, await creator.get('/orgs/me/members'));
    expect(members).toEqual([
      expect.objectContaining({ id: creator.id, username: creator.username, role: 'org_admin' }),
    ]);
    const guest = await register(system);
    const invited = await creator.post(`/orgs/${org.id}/invite`, { username: guest.username });
    expect(invited.status).toBe(200);
    const job = await submit(creator, waitingJob());
    expect(job.org_id).toBe(org.id);
    const again = await caller(system.baseUrl).post('/auth/login', {
      username: creator.username,
      password: creator.password,
    });
    expect(again.body.user.role).toBe('org_admin');
  });

  test('is refused to a user who is in one', async () => {
    for (const taken of [founder, member])
      expect((await taken.post('/orgs/', { name: uniqueName('second') })).status).toBe(400);
  });

  test('is made once when asked for twice at the same time', async () => {
    const creator = await register(system);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => creator.post('/orgs/', { name: uniqueName('twice') })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 400, 400, 400, 400]);
  });

  test('cannot have the name of another', async () => {
    const { name } = (await founder.get('/orgs/me')).body;
    expect([400, 409]).toContain((await loner.post('/orgs/', { name })).status);
    expect((await loner.get('/orgs/me')).status).toBe(404);
  });

  const letters = (count: number) => uniqueName('o').repeat(6).slice(0, count);
  test.each<[number, string, Json]>([
    [422, 'a name of 1 character', letters(1)],
    [201, 'a name of 2 characters', uniqueName('').slice(1, 3)],
    [201, 'a name of 64 characters', letters(64)],
    [422, 'a name of 65 characters', letters(65)],
    [422, 'a name that is a number', 17],
    [422, 'no name', undefined],
  ])('is answered %i with %s', async (status, _, name) => {
    const answer = await (await register(system)).post('/orgs/', { name });
    expect(answer.status, answer.text).toBe(status);
  });
});

describe('GET /orgs/me', () => {
  test.each(['/orgs/me', '/orgs/me/'])('answers its members at %s', async (path) => {
    for (const one of [founder, member]) {
      const answer = await one.get(path);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        id: founder.orgId,
        name: expect.any(String),
        created_at: expect.stringMatching(rfc3339),
      });
    }
  });

  test('counts the members', async () => {
    const creator = await foundOrganization(system);
    expect((await creator.get('/orgs/me')).body.member_count).toBe(1);
    await inviteMember(system, creator);
    await inviteMember(system, creator);
    expect((await creator.get('/orgs/me')).body.member_count).toBe(3);
  });

  test('answers 404 without an organization', async () => {
    expect((await loner.get('/orgs/me')).status).toBe(404);
    expect((await admin.get('/orgs/me')).status).toBe(404);
  });
});

describe('GET /orgs/me/members', () => {
  test('answers the org_admin', async () => {
    for (const path of ['/orgs/me/members', '/orgs/me/members/']) {
      const members = expectStatus(200, await founder.get(path));
      const created_at = expect.stringMatching(rfc3339);
      expect(members).toHaveLength(2);
      expect(members).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            id: founder.id,
            username: founder.username,
            role: 'org_admin',
            created_at,
          }),
          expect.objectContaining({ id: member.id, username: member.username, role: 'user', created_at }),
        ]),
      );
    }
  });

  test('answers 403 to a member', async () => {
    expect((await member.get('/orgs/me/members')).status).toBe(403);
  });

  test('is refused to a user without an organization', async () => {
    expect([403, 404]).toContain((await loner.get('/orgs/me/members')).status);
  });
});

describe('an invitation', () => {
  const invite = (as: Account, orgId: string, username: Json) =>
    as.post(`/orgs/${orgId}/invite`, { username });

  test.each(['', '/'])('by the org_admin makes a member at once (path ends in "%s")', async (end) => {
    const guest = await register(system);
    const answer = await founder.post(`/orgs/${founder.orgId}/invite${end}`, { username: guest.username });

    expect(answer.status).toBe(200);
    expect((await guest.get('/orgs/me')).body.id).toBe(founder.orgId);
    expect((await submit(guest, waitingJob())).org_id).toBe(founder.orgId);
    expect((await guest.get('/orgs/me/members')).status).toBe(403);
  });

  test('by the administrator makes a member', async () => {
    const guest = await register(system);
    expect((await invite(admin, founder.orgId, guest.username)).status).toBe(200);
    expect((await guest.get('/orgs/me')).body.id).toBe(founder.orgId);
  });

  test('of an unknown user answers 404', async () => {
    expect((await invite(founder, founder.orgId, uniqueName('nobody'))).status).toBe(404);
    expect((await invite(admin, founder.orgId, uniqueName('nobody'))).status).toBe(404);
  });

  test('of a member of any organization answers 400', async () => {
    const stranger = await foundOrganization(system);
    expect((await invite(founder, founder.orgId, member.username)).status).toBe(400);
    expect((await invite(founder, founder.orgId, founder.username)).status).toBe(400);
    expect((await invite(founder, founder.orgId, stranger.username)).status).toBe(400);
    expect((await invite(admin, founder.orgId, stranger.username)).status).toBe(400);
    expect((await stranger.get('/orgs/me')).body.id).toBe(stranger.orgId);
  });

  test('is refused to members, to strangers and to the org_admin of another organization', async () => {
    const guest = await register(system);
    const other = await foundOrganization(system);
    expect((await invite(member, founder.orgId, guest.username)).status).toBe(403);
    expect([403, 404]).toContain((await invite(loner, founder.orgId, guest.username)).status);
    expect([403, 404]).toContain((await invite(other, founder.orgId, guest.username)).status);
    expect((await guest.get('/orgs/me')).status).toBe(404);
  });

  test('into an organization that does not exist answers 404', async () => {
    expect((await invite(admin, crypto.randomUUID(), loner.username)).status).toBe(404);
    expect([404, 422]).toContain((await invite(admin, 'no-such-id', loner.username)).status);
  });

  test('without a user name answers 422', async () => {
    expect((await founder.post(`/orgs/${founder.orgId}/invite`, {})).status).toBe(422);
    expect((await invite(founder, founder.orgId, 5)).status).toBe(422);
  });

  test('by two organizations at the same time makes a member of one', async () => {
    const guest = await register(system);
    const other = await foundOrganization(system);
    const answers = await Promise.all([
      invite(founder, founder.orgId, guest.username),
      invite(other, other.orgId, guest.username),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
  });
});

test("a member's earlier own jobs stay theirs", async () => {
  const guest = await register(system);
  const own = await submit(guest, waitingJob('before joining'));
  await founder.post(`/orgs/${founder.orgId}/invite`, { username: guest.username });
  const shared = await submit(guest, waitingJob('after joining'));
  const listed = async (as: Account) => (await as.get('/jobs/?limit=200')).body.map((job: Json) => job.id);

  expect(await listed(guest)).toEqual(expect.arrayContaining([own.id, shared.id]));
  expect((await guest.get(`/jobs/${own.id}`)).body).toMatchObject({ org_id: null, user_id: guest.id });
  for (const colleague of [founder, member]) {
    expect((await colleague.get(`/jobs/${own.id}`)).status).toBe(404);
    expect((await colleague.get(`/jobs/${shared.id}`)).status).toBe(200);
    expect(await listed(colleague)).not.toContain(own.id);
  }
});

test('the administrator stays one when founding an organization', async () => {
  expectStatus(201, await admin.post('/orgs/', { name: uniqueName('of the administrator') }));
  expect((await admin.get('/auth/users')).status).toBe(200);
  expect((await admin.get('/orgs/me/members')).status).toBe(200);
});
