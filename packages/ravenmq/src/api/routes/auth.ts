import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { checkPassword, hashPassword } from '../../tenants/passwords.ts';
import { findUserByName, insertUser, listUsers, type UserRow } from '../../tenants/users.ts';
import type { App, RouteContext } from '../app.ts';
import { cookieName, readCookie, refuseForeignPage } from '../auth.ts';
import { Problem } from '../problems.ts';
import { clientBucket, countPerMinute } from '../rate-limit.ts';
import { password, username } from '../wire.ts';

const roleName = z.enum(['admin', 'org_admin', 'user']);
const user = z.object({ id: z.string(), username: z.string(), role: roleName });
const signedIn = z.object({ token: z.string(), user });
const listedUser = user.extend({ org_id: z.string().nullable(), created_at: z.string() });
const sessionUser = z.object({ user: user.extend({ org_id: z.string().nullable() }) });
/** Sign-in accepts any text, so that what is refused is always "wrong", never "malformed". */
const credentials = z.strictObject({ username: z.string().max(256), password: z.string().max(1_024) });
const smallBody = 4_096;

const userToWire = ({ id, username, role }: UserRow) => ({ id, username, role });

export function authRoutes(app: App, { pool, config, auth }: RouteContext): void {
  app.post(
    '/auth/register',
    {
      config: { access: 'public' },
      bodyLimit: smallBody,
      schema: {
        tags: ['auth'],
        summary: 'Make an account',
        security: [],
        body: z.strictObject({ username, password }),
        response: { 201: signedIn },
      },
    },
    async (request, reply) => {
      await countPerMinute(pool, `register ${clientBucket(request.ip)}`, config.registerPerMinute);
      const hash = await hashPassword(request.body.password);
      const made = await insertUser(pool, request.body.username, hash);
      if (!made) throw new Problem('name_taken', `The user name ${request.body.username} is taken.`);
      return reply.status(201).send({ token: await auth.issueToken(made), user: userToWire(made) });
    },
  );

  async function signIn(request: FastifyRequest, body: z.output<typeof credentials>): Promise<UserRow> {
    await countPerMinute(pool, `login ${clientBucket(request.ip)}`, config.loginPerMinute);
    // No name holds a NUL character, and PostgreSQL would refuse the question.
    const found = body.username.includes('\0') ? undefined : await findUserByName(pool, body.username);
    const right = await checkPassword(found?.password_hash, body.password);
    if (!found || !right) throw new Problem('wrong_credentials', 'The user name or the password is wrong.');
    return found;
  }

  app.post(
    '/auth/login',
    {
      config: { access: 'public' },
      bodyLimit: smallBody,
      schema: {
        tags: ['auth'],
        summary: 'Get an access token',
        security: [],
        body: credentials,
        response: { 200: signedIn },
      },
    },
    async (request) => {
      const found = await signIn(request, request.body);
      return { token: await auth.issueToken(found), user: userToWire(found) };
    },
  );

  app.post(
    '/auth/session',
    {
      config: { access: 'public' },
      bodyLimit: smallBody,
      schema: {
        tags: ['auth'],
        summary: 'Sign a browser in with an HttpOnly cookie',
        security: [],
        body: credentials,
        response: { 200: sessionUser },
      },
    },
    async (request, reply) => {
      refuseForeignPage(request);
      const found = await signIn(request, request.body);
      setCookie(request, reply, await auth.issueToken(found), config.tokenTtlSeconds);
      return { user: { ...userToWire(found), org_id: found.org_id } };
    },
  );

  app.get(
    '/auth/session',
    {
      config: { access: 'user' },
      schema: { tags: ['auth'], summary: 'Who is signed in', response: { 200: sessionUser } },
    },
    async (request, reply) => {
      const { caller } = request;
      // A page that is open asks now and then, so that nobody is signed out while they work.
      const renewed = await auth.renewCookie(request);
      if (renewed) setCookie(request, reply, renewed, config.tokenTtlSeconds);
      return {
        user: { id: caller.userId, username: caller.username, role: caller.role, org_id: caller.orgId },
      };
    },
  );

  app.delete(
    '/auth/session',
    {
      config: { access: 'public' },
      schema: { tags: ['auth'], summary: 'Sign the browser out', security: [] },
    },
    async (request, reply) => {
      if (readCookie(request) !== undefined) refuseForeignPage(request);
      setCookie(request, reply, '', 0);
      return reply.status(204).send();
    },
  );

  app.get(
    '/auth/users',
    {
      config: { access: 'admin' },
      schema: { tags: ['auth'], summary: 'All users', response: { 200: z.array(listedUser) } },
    },
    async () =>
      (await listUsers(pool)).map((row) => ({
        ...userToWire(row),
        org_id: row.org_id,
        created_at: row.created_at,
      })),
  );
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, maxAgeSeconds: number): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`,
  );
}
