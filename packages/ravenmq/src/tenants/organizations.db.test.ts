import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

test('an organization lists and counts its own members only', async ({ db }) => {
  const api = await anApi(db);
  const found = async (username: string, name: string, guest: string) => {
    const founder = await signedUp(api, username);
    const { headers } = founder;
    const made = await api.app.inject({ method: 'POST', url: '/orgs', headers, payload: { name } });
    await signedUp(api, guest);
    const url = `/orgs/${made.json().org.id}/invite`;
    await api.app.inject({ method: 'POST', url, headers, payload: { username: guest } });
    return headers;
  };
  const red = await found('anna', 'red', 'arthur');
  const blue = await found('bela', 'blue', 'boris');
  await signedUp(api, 'nobody');

  const seen = async (headers: typeof red) => {
    const members = await api.app.inject({ url: '/orgs/me/members', headers });
    const own = await api.app.inject({ url: '/orgs/me', headers });
    const names = members.json().map((member: { username: string }) => member.username);
    return { names: names.toSorted(), count: own.json().member_count };
  };

  expect(await seen(red)).toEqual({ names: ['anna', 'arthur'], count: 2 });
  expect(await seen(blue)).toEqual({ names: ['bela', 'boris'], count: 2 });
  await api.stop();
});
