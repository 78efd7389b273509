import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

test('roles of members: given, taken, never the last org_admin, all in the audit', async ({ db }) => {
  const api = await anApi(db);
  const [founder, member, stranger] = [
    await signedUp(api, 'founder'),
    await signedUp(api, 'member'),
    await signedUp(api, 'stranger'),
  ];
  const send = (
    as: typeof founder,
    method: 'POST' | 'PUT' | 'DELETE' | 'GET',
    url: string,
    payload?: object,
  ) => api.app.inject({ method, url, headers: as.headers, ...(payload && { payload }) });
  const { org } = (await send(founder, 'POST', '/orgs', { name: 'acme' })).json();
  await send(founder, 'POST', `/orgs/${org.id}/invite`, { username: 'member' });
  const of = (who: typeof founder) => `/orgs/${org.id}/members/${who.id}`;

  expect((await send(member, 'PUT', of(member), { role: 'org_admin' })).statusCode).toBe(403);
  expect((await send(founder, 'PUT', of(founder), { role: 'user' })).statusCode).toBe(409);
  expect((await send(founder, 'DELETE', of(founder))).statusCode).toBe(409);
  expect((await send(founder, 'PUT', of(stranger), { role: 'user' })).statusCode).toBe(404);
  expect((await send(founder, 'PUT', of(member), { role: 'admin' })).statusCode).toBe(422);
  expect((await send(founder, 'PUT', of(member), { role: 'org_admin' })).statusCode).toBe(200);
  expect((await send(member, 'DELETE', of(founder))).statusCode).toBe(200);
  expect((await send(founder, 'GET', '/orgs/me')).statusCode).toBe(404);
  await send(founder, 'POST', '/orgs', { name: 'globex' });
  expect((await send(founder, 'PUT', of(member), { role: 'user' })).statusCode).toBe(403);

  const seen = (await send(member, 'GET', '/audit')).json() as { action: string; actor: string }[];
  expect(seen.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
    'member member.remove',
    'founder member.role',
    'founder member.invite',
    'founder organization.create',
  ]);
  await api.stop();
});
