/** Registration, sign-in, tokens, and who may call what. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  type Caller,
  caller,
  foundOrganization,
  inviteMember,
  type Json,
  manySignIns,
  register,
  signInAsAdmin,
  uniqueName,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

const jwtSecret = 'a secret of the contract test, long enough';
let system: System;
let anyone: Caller;
let user: Account;
beforeAll(async () => {
  system = await startSystem({ ...manySignIns, RAVENMQ_JWT_SECRET: jwtSecret });
  anyone = caller(system.baseUrl);
  user = await register(system);
});
afterAll(() => system?.stop());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string | undefined): Json =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const sign = (hash: string, text: string, key = jwtSecret) =>
  createHmac(hash, key).update(text).digest('base64url');

describe('registration', () => {
  test('answers 201 with a token that works at once and the user', async () => {
    const username = uniqueName('new');
    const answer = await anyone.post('/auth/register', { username, password: 'secret' });

    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      token: expect.any(String),
      user: { id: expect.any(String), username, role: 'user' },
    });
    expect((await caller(system.baseUrl, answer.body.token).get('/jobs/')).status).toBe(200);
  });

  test('of a taken name answers 400', async () => {
    const again = { username: user.username, password: 'another secret' };
    expect((await anyone.post('/auth/register', again)).status).toBe(400);
  });

  test('of one name by many at once makes one user', async () => {
    const body = { username: uniqueName('race'), password: 'secret' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => anyone.post('/auth/register', body)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 400, 400, 400, 400, 400]);
  });

  const letters = (count: number) => uniqueName('n').repeat(4).slice(0, count);
  test.each<[number, string, Json]>([
    [422, 'a name of 2 characters', { username: letters(2) }],
    [201, 'a name of 3 characters', { username: `${uniqueName('').slice(1, 4)}` }],
    [201, 'a name of 32 characters', { username: letters(32) }],
    [422, 'a name of 33 characters', { username: letters(33) }],
    [201, 'a name of letters, digits, - and _', { username: `Aa0-_${uniqueName('z')}` }],
    [422, 'a name with a space', { username: 'two words' }],
    [422, 'a name with a dot', { username: 'dotted.name' }],
    [422, 'a name with a letter outside ASCII', { username: 'jürgen' }],
    [422, 'a name that ends in a line break', { username: 'newline\n' }],
    [422, 'a name that is a number', { username: 12345 }],
    [422, 'no name', { username: undefined }],
    [422, 'a password of 5 characters', { password: 'x'.repeat(5) }],
    [201, 'a password of 6 characters', { password: 'x'.repeat(6) }],
    [201, 'a password of 128 characters', { password: 'x'.repeat(128) }],
    [422, 'a password of 129 characters', { password: 'x'.repeat(129) }],
    [422, 'a password that is a list', { password: ['secret'] }],
    [422, 'no password', { password: undefined }],
  ])('answers %i to %s', async (status, _, body) => {
    const request = { username: uniqueName('user'), password: 'secret', ...body };
    const answer = await anyone.post('/auth/register', request);
    expect(answer.status, answer.text).toBe(status);
  });

  test('answers 4xx to a body that is no JSON object', async () => {
    for (const body of ['{"username":', '[]', '"text"', 'null', ''])
      expect([400, 422], body).toContain((await anyone.post('/auth/register', body)).status);
  });

  test('cannot choose a role', async () => {
    const body = { username: uniqueName('climber'), password: 'secret', role: 'admin' };
    const answer = await anyone.post('/auth/register', body);
    if (answer.status === 201) expect(answer.body.user.role).toBe('user');
    else expect(answer.status).toBe(422);
  });
});

describe('sign-in', () => {
  test('answers 200 as registration does', async () => {
    const answer = await anyone.post('/auth/login', { username: user.username, password: user.password });

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      token: expect.any(String),
      user: { id: user.id, username: user.username, role: 'user' },
    });
    expect((await caller(system.baseUrl, answer.body.token).get('/jobs/')).status).toBe(200);
  });

  test('with a wrong password or an unknown name answers the same 401', async () => {
    const wrong = await anyone.post('/auth/login', { username: user.username, password: 'not this one' });
    const unknown = await anyone.post('/auth/login', { username: uniqueName('nobody'), password: 'secret' });

    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const { request_id: _, ...problem } = wrong.body;
    expect(unknown.body).toMatchObject(problem);
  });

  test('of the first administrator has the role admin', async () => {
    const admin = await signInAsAdmin(system);
    const answer = await anyone.post('/auth/login', { username: admin.username, password: admin.password });
    expect(answer.body.user).toMatchObject({ username: 'admin', role: 'admin' });
  });
});

test('registration and sign-in answer with a slash at the end too', async () => {
  const body = { username: uniqueName('slash'), password: 'secret' };
  expect((await anyone.post('/auth/register/', body)).status).toBe(201);
  expect((await anyone.post('/auth/login/', body)).status).toBe(200);
});

test('a token is a JWT signed with HMAC-SHA256', () => {
  const [header, payload, signature] = user.token.split('.');

  expect(decode(header)).toMatchObject({ alg: 'HS256' });
  expect(decode(payload)).toMatchObject({ exp: expect.any(Number) });
  expect(signature).toBe(sign('sha256', `${header}.${payload}`));
});

describe('a token', () => {
  const forgeries: [string, (header: Json, payload: Json) => string][] = [
    ['that is garbage', () => 'garbage'],
    ['that is empty', () => ''],
    [
      'with another signature',
      (header, payload) => signed(header, payload, 'sha256', 'another key'.repeat(4)),
    ],
    ['without a signature', (header, payload) => `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`],
    ['signed by another hash', (header, payload) => signed({ ...header, alg: 'HS512' }, payload, 'sha512')],
    ['past its end', (header, payload) => signed(header, { ...payload, exp: payload.iat - 10 })],
    ['of nobody', (header, payload) => signed(header, { ...payload, sub: crypto.randomUUID() })],
  ];
  const signed = (header: Json, payload: Json, hash = 'sha256', key = jwtSecret) => {
    const text = `${encode(header)}.${encode(payload)}`;
    return `${text}.${sign(hash, text, key)}`;
  };
  test.each(forgeries)('%s answers 401', async (_, forge) => {
    const [header, payload] = user.token.split('.').slice(0, 2).map(decode);
    const forged = caller(system.baseUrl, forge(header, payload));
    expect((await forged.get('/jobs/')).status).toBe(401);
    expect((await forged.post('/jobs/', { name: 'x', type: 'http', payload: {} })).status).toBe(401);
  });

  test('is made anew by the secret alone, so sign-in keeps no state', async () => {
    const [header, payload] = user.token.split('.').slice(0, 2).map(decode);
    const remade = signed(header, { ...payload, exp: payload.exp + 1 });
    expect((await caller(system.baseUrl, remade).get('/jobs/')).status).toBe(200);
  });
});

const anId = '00000000-0000-7000-8000-000000000000';
const guarded: [string, string, Json?][] = [
  ['GET', '/auth/users'],
  ['POST', '/jobs', { name: 'x', type: 'mine', payload: {} }],
  ['GET', '/jobs'],
  ['GET', `/jobs/${anId}`],
  ['POST', `/jobs/${anId}/cancel`, {}],
  ['POST', `/jobs/${anId}/retry`, {}],
  ['POST', '/jobs/bulk', { jobs: [{ name: 'x', type: 'mine', payload: {} }] }],
  ['GET', '/jobs/workers'],
  ['GET', '/jobs/scheduler/leader'],
  ['POST', '/orgs', { name: 'an organization' }],
  ['POST', `/orgs/${anId}/invite`, { username: 'somebody' }],
  ['GET', '/orgs/me'],
  ['GET', '/orgs/me/members'],
  ['GET', '/analytics/summary'],
  ['GET', '/analytics/throughput'],
  ['GET', '/analytics/prediction-accuracy'],
  ['GET', '/analytics/queue-depth'],
  ['GET', '/analytics/scheduler-leader'],
];

describe.each(guarded)('%s %s', (method, path, body) => {
  test('answers 401 without a token and with a bad one, with and without the slash at the end', async () => {
    const forger = caller(system.baseUrl, 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl');
    for (const form of [path, `${path}/`]) {
      expect((await anyone.send(method, form, body)).status, form).toBe(401);
      expect((await forger.send(method, form, body)).status, form).toBe(401);
      const basic = await anyone.send(method, form, body, { authorization: 'Basic YWRtaW46YWRtaW4=' });
      expect(basic.status, form).toBe(401);
    }
  });
});

describe('the list of users', () => {
  test('is for the administrator', async () => {
    const admin = await signInAsAdmin(system);
    for (const path of ['/auth/users', '/auth/users/']) {
      const answer = await admin.get(path);
      expect(answer.status, path).toBe(200);
      expect(answer.body).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ username: 'admin', role: 'admin' }),
          expect.objectContaining({ id: user.id, username: user.username, role: 'user' }),
        ]),
      );
      expect(answer.text).not.toMatch(/password|argon2/i);
    }
  });

  test('answers 403 to everybody else', async () => {
    const founder = await foundOrganization(system);
    const member = await inviteMember(system, founder);
    for (const other of [user, founder, member]) expect((await other.get('/auth/users')).status).toBe(403);
  });
});
