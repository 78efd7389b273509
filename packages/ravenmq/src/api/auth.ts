/**
 * Who is calling. Access tokens are JWTs (HMAC-SHA256 only, fixed issuer and audience), valid on every replica; role
 * and organization are not taken from the token but read from the database at every request, so that a change holds
 * at once for the token in hand, on every replica. API keys stand for their owner. The dashboard's cookie holds the
 * same token; whatever it changes must come from our own pages.
 */
import type { FastifyRequest } from 'fastify';
import { jwtVerify, SignJWT } from 'jose';
import type { Pool } from '../db/connect.ts';
import type { Scope } from '../db/scope.ts';
import { hashOfKey, keyPrefix, ownersOfKeys } from '../tenants/api-keys.ts';
import { readTogether } from '../tenants/read-together.ts';
import { findUsers, type Role, type UserRow } from '../tenants/users.ts';
import { Problem } from './problems.ts';

const issuer = 'ravenmq';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const cookieName = 'ravenmq_session';
const csrfHeader = 'x-ravenmq-csrf';

export interface Caller {
  userId: string;
  username: string;
  role: Role;
  orgId: string | null;
}

export interface Auth {
  issueToken(user: UserRow): Promise<string>;
  /** Throws the problem `unauthenticated` or, for a foreign page using the cookie, `forbidden`. */
  authenticate(request: FastifyRequest): Promise<Caller>;
  /**
   * A new token for a session whose cookie has lived for half its time; undefined for all others. A session ends
   * `longestSession` after the password was given, however often it was renewed.
   */
  renewCookie(request: FastifyRequest): Promise<string | undefined>;
}

/** In seconds: a day's work. */
const longestSession = 43_200;

export function createAuth({
  pool,
  secret,
  ttlSeconds,
}: {
  pool: Pool;
  secret: string;
  ttlSeconds: number;
}): Auth {
  if (secret.length < 32) {
    throw new Error(
      'RAVENMQ_JWT_SECRET is not set or shorter than 32 characters; it must be the same on every replica.',
    );
  }
  // Made once: of plain bytes the library would make it anew for every token.
  const key = crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  );
  const readUser = readTogether((ids) => findUsers(pool, ids));
  const readOwner = readTogether((hashes) => ownersOfKeys(pool, hashes));

  const verify = async (token: string) =>
    (
      await jwtVerify(token, await key, {
        algorithms: ['HS256'],
        issuer,
        audience: issuer,
        typ: 'JWT',
        requiredClaims: ['sub', 'exp', 'iat'],
      })
    ).payload;

  const sign = async (subject: string, claims: { sv: unknown; auth_time?: number }) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime(`${ttlSeconds}s`)
      .sign(await key);

  async function userOfToken(token: string): Promise<UserRow | undefined> {
    const payload = await verify(token);
    if (!uuid.test(payload.sub ?? '')) return undefined;
    const user = await readUser(payload.sub as string);
    return user?.session_version === payload.sv ? user : undefined;
  }

  async function userOf(request: FastifyRequest): Promise<UserRow | undefined> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer ([^\s]+)$/i.exec(authorization)?.[1];
      if (!token) return undefined;
      return token.startsWith(keyPrefix)
        ? readOwner(hashOfKey(token))
        : userOfToken(token).catch(onlyDatabaseErrors);
    }
    const cookie = readCookie(request);
    if (cookie === undefined) return undefined;
    refuseForeignPage(request);
    return userOfToken(cookie).catch(onlyDatabaseErrors);
  }

  return {
    issueToken: (user) => sign(user.id, { sv: user.session_version }),
    async renewCookie(request) {
      const cookie = readCookie(request);
      if (cookie === undefined || request.headers.authorization !== undefined) return undefined;
      const { sub = '', iat = 0, sv, auth_time } = await verify(cookie);
      const began = typeof auth_time === 'number' ? auth_time : iat;
      const now = Date.now() / 1_000;
      if (now - iat < ttlSeconds / 2 || now - began > longestSession) return undefined;
      return sign(sub, { sv, auth_time: began });
    },
    async authenticate(request) {
      const user = await userOf(request);
      if (!user) {
        throw new Problem(
          'unauthenticated',
          'Send `Authorization: Bearer <token>` with a token from POST /auth/login.',
        );
      }
      return { userId: user.id, username: user.username, role: user.role, orgId: user.org_id };
    },
  };
}

/** A bad token is nobody's; a database that does not answer is not the caller's fault. */
function onlyDatabaseErrors(error: { code?: string }): undefined {
  if (error.code?.startsWith('ERR_J') || error instanceof TypeError || error instanceof SyntaxError)
    return undefined;
  throw error;
}

export function readCookie(request: FastifyRequest): string | undefined {
  const pairs = request.headers.cookie?.split(';').map((pair) => pair.trim().split('=')) ?? [];
  return pairs.find(([name]) => name === cookieName)?.[1];
}

/** A browser sends the cookie along with requests of other sites' pages: those may not change anything. */
export function refuseForeignPage(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host } = request.headers;
  const foreign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (foreign || request.headers[csrfHeader] === undefined) {
    throw new Problem(
      'forbidden',
      `With the session cookie, requests that change something need the header ${csrfHeader} and our own origin.`,
    );
  }
}

/** The tenants whose jobs a caller sees: an administrator all, a member the organization's and their own earlier ones. */
export function scopeOf(caller: Caller): Scope {
  if (caller.role === 'admin') return { all: true };
  return { all: false, tenants: caller.orgId === null ? [caller.userId] : [caller.orgId, caller.userId] };
}
