/** The limits on sign-in, registration and everything else, with their default values where they are part of the promise. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Account, caller, manySignIns, register, uniqueName } from './api-client.ts';
import { type System, startSystem } from './system.ts';

let strict: System;
let narrow: System;
let users: Account[];
beforeAll(async () => {
  strict = await startSystem();
  narrow = await startSystem({ ...manySignIns, RAVENMQ_REQUESTS_PER_MINUTE: '20' });
  users = [await register(narrow), await register(narrow)];
});
afterAll(() => Promise.all([strict?.stop(), narrow?.stop()]));

// The counts start anew with each minute; a test must not run across its end.
const roomInTheMinute = () =>
  eventually(() => new Date().getSeconds() < 45, { timeoutMs: 20_000, everyMs: 100 });
beforeEach(roomInTheMinute);

// Another address at each call, in every header that proxies use.
const spoofed = (n: number) => ({
  'x-forwarded-for': `203.0.113.${n}`,
  'x-real-ip': `203.0.113.${n}`,
  forwarded: `for=203.0.113.${n}`,
  'x-client-ip': `203.0.113.${n}`,
});

test('an address registers five times a minute, whatever address it claims to have', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++) {
    const body = { username: uniqueName('fast'), password: 'secret' };
    const answer = await caller(strict.baseUrl).post('/auth/register', body, n < 2 ? {} : spoofed(n));
    statuses.push(answer.status);
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
  }
  expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429, 429]);
});

test('an address signs in ten times a minute, right or wrong, whatever address it claims to have', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 13; n++) {
    const password = n % 2 === 0 ? strict.adminPassword : 'wrong password';
    const body = { username: 'admin', password };
    statuses.push((await caller(strict.baseUrl).post('/auth/login', body, n < 2 ? {} : spoofed(n))).status);
  }
  expect(statuses).toEqual([200, 401, 200, 401, 200, 401, 200, 401, 200, 401, 429, 429, 429]);
});

test('a user over the general limit is answered 429 and another is not', async () => {
  const [busy, other] = users as [Account, Account];
  const statuses: number[] = [];
  for (let n = 0; n < 30; n++) statuses.push((await busy.get('/jobs/')).status);

  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(200));
  expect(statuses.at(-1)).toBe(429);
  expect((await other.get('/jobs/')).status).toBe(200);
});
