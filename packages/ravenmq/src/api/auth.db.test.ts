import { createHmac } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { expect } from 'vitest';
import { anApi, jwtSecret, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed with our key, whatever it says. */
function signed(header: object, claims: object, key = jwtSecret): string {
  const content = `${base64(header)}.${base64(claims)}`;
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
}

test('forged, altered, expired and foreign tokens are refused', async ({ db }) => {
  const api = await anApi(db);
  const { id, token } = await signedUp(api, 'victim');
  const now = Math.floor(Date.now() / 1_000);
  const good = { sub: id, iss: 'ravenmq', aud: 'ravenmq', iat: now, exp: now + 60, sv: 0 };
  const hs256 = { alg: 'HS256', typ: 'JWT' };
  const [head, body, signature] = token.split('.') as [string, string, string];
  const status = async (bearer: string) =>
    (await api.app.inject({ url: '/jobs', headers: { authorization: `Bearer ${bearer}` } })).statusCode;
  expect(await status(token)).toBe(200);
  expect(await status(signed(hs256, good))).toBe(200);

  const forged: Record<string, string> = {
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'altered signature': `${head}.${body}.${signature.slice(0, -2)}xx`,
    'altered claims': `${head}.${base64({ ...good, sub: '00000000-0000-4000-8000-000000000000' })}.${signature}`,
    none: `${base64({ alg: 'none', typ: 'JWT' })}.${base64(good)}.`,
    NONE: `${base64({ alg: 'NONE', typ: 'JWT' })}.${base64(good)}.`,
    'no algorithm': signed({ typ: 'JWT' }, good),
    'HS512 by name': signed({ alg: 'HS512', typ: 'JWT' }, good),
    'RS256 by name': signed({ alg: 'RS256', typ: 'JWT' }, good),
    'other type': signed({ alg: 'HS256', typ: 'at+jwt' }, good),
    'critical header': signed({ ...hs256, crit: ['b64'], b64: false }, good),
    'key of the caller': signed({ ...hs256, jwk: { kty: 'oct', k: 'YQ' } }, good, 'a'),
    'key id of a path': signed({ ...hs256, kid: '../../dev/null' }, good, ''),
    'other key': signed(hs256, good, `${jwtSecret}!`),
    'empty key': signed(hs256, good, ''),
    expired: signed(hs256, { ...good, exp: now - 1 }),
    'not yet valid': signed(hs256, { ...good, nbf: now + 60 }),
    'no expiry': signed(hs256, { ...good, exp: undefined }),
    'expiry of text': signed(hs256, { ...good, exp: 'never' }),
    'no subject': signed(hs256, { ...good, sub: undefined }),
    'unknown subject': signed(hs256, { ...good, sub: '00000000-0000-4000-8000-000000000000' }),
    'subject of SQL': signed(hs256, { ...good, sub: "' or 1=1 --" }),
    'other issuer': signed(hs256, { ...good, iss: 'other' }),
    'no issuer': signed(hs256, { ...good, iss: undefined }),
    'other audience': signed(hs256, { ...good, aud: 'other' }),
    'old session': signed(hs256, { ...good, sv: 1 }),
    'no session': signed(hs256, { ...good, sv: undefined }),
    empty: '',
    spaces: 'a b c',
    huge: `${head}.${'x'.repeat(10_000)}.${signature}`,
    'a key that is none': `rmq_${'x'.repeat(43)}`,
  };
  const answers = await Promise.all(
    Object.entries(forged).map(async ([name, bearer]) => [name, await status(bearer)] as const),
  );
  expect(answers.filter(([, code]) => code !== 401)).toEqual([]);
  await api.stop();
});

test('a token says nothing of the role: what the database says holds, for the token in hand', async ({
  db,
}) => {
  const api = await anApi(db);
  const { id, headers } = await signedUp(api, 'someone');
  const users = () => api.app.inject({ url: '/auth/users', headers });
  expect((await users()).statusCode).toBe(403);

  await db.pool.query(`update users set role = 'admin' where id = $1`, [id]);
  expect((await users()).statusCode).toBe(200);
  await db.pool.query('update users set session_version = session_version + 1 where id = $1', [id]);
  expect((await users()).statusCode).toBe(401);
  await api.stop();
});

test('a token of one replica is good on every other that shares the key', async ({ db }) => {
  const [one, two] = [await anApi(db), await anApi(db)];
  const { headers } = await signedUp(one, 'someone');
  expect((await two.app.inject({ url: '/jobs', headers })).statusCode).toBe(200);
  await Promise.all([one.stop(), two.stop()]);
});

test('an API without a key, or with a short one, does not start', async ({ db }) => {
  await expect(anApi(db, { jwtSecret: '' })).rejects.toThrow('RAVENMQ_JWT_SECRET');
  await expect(anApi(db, { jwtSecret: 'short' })).rejects.toThrow('RAVENMQ_JWT_SECRET');
});

test('an API key acts as its owner until it is revoked, and is stored as a hash only', async ({ db }) => {
  const api = await anApi(db);
  const owner = await signedUp(api, 'owner');
  const other = await signedUp(api, 'other');
  const made = await api.app.inject({
    method: 'POST',
    url: '/api-keys',
    headers: owner.headers,
    payload: { name: 'ci' },
  });
  const { id, key } = made.json();
  const headers = { authorization: `Bearer ${key}` };

  expect((await api.app.inject({ url: '/auth/session', headers })).json().user.id).toBe(owner.id);
  expect((await api.app.inject({ url: '/api-keys', headers: owner.headers })).body).not.toContain(key);
  const { rows } = await db.pool.query('select to_jsonb(k)::text as text from api_key k');
  expect(rows[0].text).not.toContain(key);

  const revoke = (by: object) =>
    api.app.inject({ method: 'DELETE', url: `/api-keys/${id}`, headers: by as Record<string, string> });
  expect((await revoke(other.headers)).statusCode).toBe(404);
  expect((await revoke(owner.headers)).statusCode).toBe(204);
  expect((await api.app.inject({ url: '/auth/session', headers })).statusCode).toBe(401);
  await api.stop();
});

test('the session cookie cannot be read by scripts nor used by foreign pages', async ({ db }) => {
  const api = await anApi(db);
  await signedUp(api, 'someone');
  const signIn = await api.app.inject({
    method: 'POST',
    url: '/auth/session',
    headers: { 'x-ravenmq-csrf': '1' },
    payload: { username: 'someone', password: 'secret-1' },
  });
  const set = String(signIn.headers['set-cookie']);
  expect(set).toContain('HttpOnly');
  expect(set).toContain('SameSite=Strict');
  expect(signIn.body).not.toContain('token');
  const cookie = set.split(';')[0] as string;
  const submit = async (headers: Record<string, string>) =>
    (
      await api.app.inject({
        method: 'POST',
        url: '/jobs',
        headers: { cookie, host: 'ravenmq.example', ...headers },
        payload: { name: 'a', type: 'mine', payload: {} },
      })
    ).statusCode;

  expect((await api.app.inject({ url: '/jobs', headers: { cookie } })).statusCode).toBe(200);
  expect(await submit({})).toBe(403);
  expect(await submit({ 'x-ravenmq-csrf': '1', origin: 'https://evil.example' })).toBe(403);
  expect(await submit({ 'x-ravenmq-csrf': '1', origin: 'null' })).toBe(403);
  expect(await submit({ 'x-ravenmq-csrf': '1', origin: 'https://ravenmq.example' })).toBe(201);
  expect(await submit({ 'x-ravenmq-csrf': '1' })).toBe(201);
  const out = await api.app.inject({
    method: 'DELETE',
    url: '/auth/session',
    headers: { cookie, 'x-ravenmq-csrf': '1' },
  });
  expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
  await api.stop();
});

test('the limits per address hold over all replicas and do not believe a client’s X-Forwarded-For', async ({
  db,
}) => {
  const replicas = [await anApi(db, { loginPerMinute: 4 }), await anApi(db, { loginPerMinute: 4 })];
  const statuses: number[] = [];
  // Twelve: however the minute turns meanwhile, two windows of four let at most eight through.
  for (let n = 0; n < 12; n++) {
    const answer = await replicas[n % 2]?.app.inject({
      method: 'POST',
      url: '/auth/login',
      headers: { 'x-forwarded-for': `203.0.113.${n}` },
      payload: { username: 'nobody', password: 'x' },
    });
    statuses.push(answer?.statusCode ?? 0);
  }
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(8);
  const { rows } = await db.pool.query(
    `select sum(count)::int as counted, count(distinct bucket)::int as buckets from rate_limit`,
  );
  expect(rows[0]).toEqual({ counted: 12, buckets: 1 });
  expect(statuses).toContain(429);
  await Promise.all(replicas.map((api) => api.stop()));
});

test('a token made with jose by hand is as good as ours: nothing but the standard is in it', async ({
  db,
}) => {
  const api = await anApi(db);
  const { id } = await signedUp(api, 'someone');
  const token = await new SignJWT({ sv: 0 })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(id)
    .setIssuer('ravenmq')
    .setAudience('ravenmq')
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(jwtSecret));
  expect(
    (await api.app.inject({ url: '/jobs', headers: { authorization: `Bearer ${token}` } })).statusCode,
  ).toBe(200);
  await api.stop();
});

test('clients behind a trusted proxy are counted apart, and nobody else can pretend to be many', async ({
  db,
}) => {
  const api = await anApi(db, { trustProxy: ['10.0.0.1'], loginPerMinute: 1 });
  const login = async (remoteAddress: string, forwardedFor: string) =>
    (
      await api.app.inject({
        method: 'POST',
        url: '/auth/login',
        remoteAddress,
        headers: { 'x-forwarded-for': forwardedFor },
        payload: { username: 'nobody', password: 'wrong-1' },
      })
    ).statusCode;
  // The minute may turn in between: of four at least one is past a limit of one.
  const many = async (remoteAddress: string, address: (n: number) => string) => {
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push(await login(remoteAddress, address(n)));
    return statuses;
  };
  expect(await many('10.0.0.1', (n) => `203.0.113.${n}`)).toEqual([401, 401, 401, 401]);
  expect(await many('10.0.0.1', () => '198.51.100.1')).toContain(429);
  // What a client says of itself in front of the proxy's word does not count, nor what anybody says without a proxy.
  expect(await many('10.0.0.1', (n) => `192.0.2.${n}, 198.51.100.2`)).toContain(429);
  expect(await many('203.0.113.77', (n) => `192.0.2.${n}`)).toContain(429);
  await api.stop();
});

test('the cookie of an open page is renewed after half its life, within the longest session', async ({
  db,
}) => {
  const api = await anApi(db, { tokenTtlSeconds: 100 });
  const { id } = await signedUp(api, 'worker');
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: id, iss: 'ravenmq', aud: 'ravenmq', exp: now + 100, sv: 0 };
  const cookieOf = (more: object) =>
    `ravenmq_session=${signed({ alg: 'HS256', typ: 'JWT' }, { ...claims, ...more })}`;
  const renewal = async (cookie: string) =>
    (await api.app.inject({ url: '/auth/session', headers: { cookie } })).headers['set-cookie'] as
      | string
      | undefined;

  expect(await renewal(cookieOf({ iat: now }))).toBeUndefined();
  const renewed = (await renewal(cookieOf({ iat: now - 60 }))) as string;
  expect(decodeJwt(renewed.split(/[=;]/)[1] as string)).toMatchObject({ sub: id, auth_time: now - 60 });
  expect(await renewal(cookieOf({ iat: now - 60, auth_time: now - 50_000 }))).toBeUndefined();
  await api.stop();
});
