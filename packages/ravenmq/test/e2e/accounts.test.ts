import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, login, register } from './http-person.ts';
import { type System, startSystem } from './system.ts';

describe('accounts', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ RAVENMQ_REGISTER_PER_MINUTE: '1000', RAVENMQ_LOGIN_PER_MINUTE: '1000' });
  });
  afterAll(() => system.stop());

  test.each(['/auth/register', '/auth/register/'])(
    'POST %s makes a user and answers a token',
    async (path) => {
      const username = `new-${path.length}`;
      const answer = await call(system.baseUrl, 'POST', path, { body: { username, password: 'secret' } });

      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({
        token: expect.any(String),
        user: { id: expect.any(String), username, role: 'user' },
      });
      const [header] = answer.body.token.split('.');
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'HS256' });
      expect((await call(system.baseUrl, 'GET', '/jobs/', { token: answer.body.token })).status).toBe(200);
    },
  );

  test('a taken name is 400, also in other letters of case', async () => {
    const { username } = await register(system.baseUrl);
    for (const name of [username, username.toUpperCase()]) {
      const again = await call(system.baseUrl, 'POST', '/auth/register', {
        body: { username: name, password: 'secret' },
      });
      expect(again.status).toBe(400);
    }
  });

  test.each([
    ['ab', 'secret', 422],
    ['abc', 'secret', 201],
    ['a'.repeat(32), 'secret', 201],
    ['a'.repeat(33), 'secret', 422],
    ['with space', 'secret', 422],
    ['ümlaut', 'secret', 422],
    ['a_b-C9', 'secret', 201],
    ['short-pw', '12345', 422],
    ['long-pw-ok', 'x'.repeat(128), 201],
    ['long-pw', 'x'.repeat(129), 422],
  ])('the bounds of a registration: %s', async (username, password, status) => {
    expect(
      (await call(system.baseUrl, 'POST', '/auth/register', { body: { username, password } })).status,
    ).toBe(status);
  });

  test('POST /auth/login answers the same as registration; wrong is 401 for known and unknown alike', async () => {
    const { username, id } = await register(system.baseUrl);
    const right = await call(system.baseUrl, 'POST', '/auth/login/', {
      body: { username, password: 'secret-1' },
    });
    expect(right.status).toBe(200);
    expect(right.body).toEqual({ token: expect.any(String), user: { id, username, role: 'user' } });

    const wrong = await call(system.baseUrl, 'POST', '/auth/login', {
      body: { username, password: 'secret-2' },
    });
    const nobody = await call(system.baseUrl, 'POST', '/auth/login', {
      body: { username: 'nobody', password: 'x' },
    });
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect(wrong.body.detail).toBe(nobody.body.detail);
  });

  test('GET /auth/users is for administrators', async () => {
    const someone = await register(system.baseUrl);
    const admin = await login(system.baseUrl, system.adminUsername, system.adminPassword);

    expect((await someone.call('GET', '/auth/users')).status).toBe(403);
    const list = await admin.call('GET', '/auth/users/');
    expect(list.status).toBe(200);
    expect(list.body).toContainEqual(
      expect.objectContaining({ id: someone.id, username: someone.username, role: 'user' }),
    );
    expect(JSON.stringify(list.body)).not.toContain('argon2');
  });

  test('every path that needs a token is 401 without one, with garbage, and says so as a problem', async () => {
    const paths = [
      '/jobs/',
      '/jobs/workers',
      '/jobs/scheduler/leader',
      '/orgs/me',
      '/orgs/me/members',
      '/analytics/summary',
      '/analytics/throughput',
      '/analytics/prediction-accuracy',
      '/analytics/queue-depth',
      '/analytics/scheduler-leader',
      '/auth/users',
    ];
    for (const path of paths) {
      for (const token of [undefined, 'garbage', 'a.b.c']) {
        const answer = await call(system.baseUrl, 'GET', path, token === undefined ? {} : { token });
        expect([path, answer.status]).toEqual([path, 401]);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
    }
  });
});

describe('rate limits', () => {
  test('five registrations and ten sign-ins a minute per address; a forged X-Forwarded-For does not help', async () => {
    const system = await startSystem();
    try {
      // Two windows may be touched when the minute turns meanwhile: then the limit is reached a little later.
      const statuses = async (path: string, tries: number) => {
        const seen: number[] = [];
        for (let n = 0; n < tries; n++) {
          const answer = await call(system.baseUrl, 'POST', path, {
            body: { username: `limited-${n}`, password: 'secret' },
            headers: { 'x-forwarded-for': `203.0.113.${n}` },
          });
          seen.push(answer.status);
          if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        }
        return seen;
      };
      const registrations = await statuses('/auth/register', 12);
      expect(registrations.slice(0, 5)).toEqual(Array(5).fill(201));
      expect(registrations).toContain(429);
      expect(registrations.filter((status) => status === 201).length).toBeLessThanOrEqual(10);
      const logins = await statuses('/auth/login', 22);
      expect(logins.slice(0, 10).every((status) => status !== 429)).toBe(true);
      expect(logins).toContain(429);
    } finally {
      await system.stop();
    }
  });
});
