import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';
import { acme, aJob, globex, submitted } from '../../test/jobs.ts';
import { inScope } from '../db/scope.ts';
import { insertJobs } from '../jobs/insert.ts';
import { listJobs } from '../jobs/list.ts';

/** Routes that answer without a token. Whatever is added here is open to the world. */
const open = [
  'GET /',
  'GET /docs/*',
  'GET /health',
  'GET /livez',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /ui',
  'GET /ui/*',
  'POST /auth/login',
  'POST /auth/register',
  'POST /auth/session',
  'DELETE /auth/session',
];
/** Who else may call what: everything not listed is for every signed-in user. */
const forAdmins = [
  'GET /auth/users',
  'GET /autoscaling/:group',
  'GET /predictor',
  'GET /queues',
  'GET /shares',
  'PATCH /queues/:name',
  'POST /predictor/rollback',
  'POST /predictor/train',
  'PUT /pause',
  'PUT /predictor/choice',
  'PUT /queues/:name',
];
const forOrgAdmins = [
  'GET /audit',
  'GET /orgs/me/members',
  'PATCH /orgs/:id',
  'POST /orgs/:id/invite',
  'PUT /orgs/:id/members/:user',
  'DELETE /orgs/:id/members/:user',
];
/** Its answer does not end; live.db.test.ts asks who may read it. */
const endless = 'GET /events';

test('every route is closed without a token, and roles see what they may', async ({ db }) => {
  const api = await anApi(db);
  const routes: string[] = [];
  // The document lists every route that was declared with a schema; the router lists the rest.
  for (const [path, methods] of Object.entries(
    (await api.app.inject('/openapi.json')).json().paths as object,
  )) {
    for (const method of Object.keys(methods))
      routes.push(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
  }
  expect(routes.length).toBeGreaterThan(25);
  const user = await signedUp(api, 'user');
  const orgAdmin = await signedUp(api, 'orgadmin');
  await api.app.inject({ method: 'POST', url: '/orgs', headers: orgAdmin.headers, payload: { name: 'org' } });
  const admin = await signedUp(api, 'root');
  await db.pool.query(`update users set role = 'admin' where id = $1`, [admin.id]);

  const reach = async (route: string, headers: Record<string, string>) => {
    const [method, path] = route.split(' ') as [string, string];
    const url = path.replace(':id', '00000000-0000-4000-8000-000000000000').replace(':name', 'default');
    const write = ['POST', 'PUT', 'PATCH'].includes(method);
    const answer = await api.app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(write && { payload: {} }),
    });
    return answer.statusCode;
  };
  for (const route of routes.filter((each) => each !== endless)) {
    const access = open.includes(route)
      ? 'public'
      : forAdmins.includes(route)
        ? 'admin'
        : forOrgAdmins.includes(route)
          ? 'org_admin'
          : 'user';
    const seen = {
      nobody: (await reach(route, {})) !== 401,
      user: ![401, 403].includes(await reach(route, user.headers)),
      org_admin: ![401, 403].includes(await reach(route, orgAdmin.headers)),
      admin: ![401, 403].includes(await reach(route, admin.headers)),
    };
    expect([route, seen]).toEqual([
      route,
      {
        nobody: access === 'public',
        user: access === 'public' || access === 'user',
        org_admin: access !== 'admin',
        admin: true,
      },
    ]);
  }
  await api.stop();
});

test('without the setting the API’s role sees and writes nothing; with it, the named tenants only', async ({
  db,
}) => {
  await submitted(db.pool, { orgId: acme, name: 'of acme' }, { orgId: globex, name: 'of globex' });
  await submitted(db.pool, { orgId: acme, runAt: '2100-01-01T00:00:00Z' });
  const tables = await db.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relrowsecurity`,
  );
  expect(tables.rows.map((row) => row.name).sort()).toEqual([
    'attempt',
    'job_history',
    'job_live',
    'job_log',
    'job_metric',
    'job_progress',
    'organizations',
    'queue_depth_minute',
    'schedule',
    'schedule_fire',
    'stats_minute',
    'whatif',
  ]);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local role ${db.schema}_api`);
    for (const { name } of tables.rows) {
      expect((await client.query(`select from ${name}`)).rowCount).toBe(0);
    }
    expect((await client.query('select from jobs')).rowCount).toBe(0);
    expect((await client.query('delete from job_live')).rowCount).toBe(0);
    await expect(insertJobs(client, [aJob()])).rejects.toMatchObject({ code: '42501' });
    await client.query('rollback');
  } finally {
    client.release();
  }
  const all = { tenants: null, limit: 100 };
  const names = (scope: Parameters<typeof inScope>[2]) =>
    inScope(db.pool, db.schema, scope, async (scoped) =>
      (await listJobs(scoped, all)).map((row) => row.name).sort(),
    );
  expect(await names({ all: false, tenants: [globex] })).toEqual(['of globex']);
  expect(await names({ all: false, tenants: [] })).toEqual([]);
  expect(await names({ all: true })).toEqual(['noop', 'of acme', 'of globex']);
});

test('scopes do not leak through pooled connections', async ({ db }) => {
  await submitted(db.pool, { orgId: acme, name: 'a' }, { orgId: globex, name: 'g' });
  const wrong: string[] = [];
  await Promise.all(
    Array.from({ length: 400 }, async (_, n) => {
      const [tenant, own] = n % 2 ? [acme, 'a'] : [globex, 'g'];
      const rows = await inScope(db.pool, db.schema, { all: false, tenants: [tenant] }, async (client) =>
        listJobs(client, { tenants: null, limit: 10 }),
      );
      if (rows.length !== 1 || rows[0]?.name !== own) wrong.push(tenant);
    }),
  );
  expect(wrong).toEqual([]);
});
