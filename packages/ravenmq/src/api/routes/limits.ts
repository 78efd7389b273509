/**
 * Limits of organizations and of their concurrency keys, and the shares of organizations. A key is its organization's
 * own business; what an organization gets beside the others is the administrator's.
 */
import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { changeLimit, keyScope, tenantScope } from '../../jobs/limits.ts';
import { listLimits } from '../../jobs/list-limits.ts';
import { changeShare, listShares } from '../../jobs/shares.ts';
import { writeAudit } from '../../tenants/audit.ts';
import { findOrganization } from '../../tenants/organizations.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import type { Caller } from '../auth.ts';
import { concurrency, rateOf, startRate } from '../limit-bodies.ts';
import { Problem } from '../problems.ts';
import { concurrencyKey } from '../wire.ts';

const limit = z.object({
  of: z.enum(['queue', 'organization', 'key']),
  queue: z.string().nullable(),
  tenant_id: z.string().nullable().describe('The organization, or the person without one'),
  key: z.string().nullable(),
  running: z.number().nullable().describe('Jobs that may run at the same time'),
  held: z.number().describe('Of these, taken'),
  waiting: z.number().describe('Jobs held back by it, counted up to 10,000'),
  starts_per_second: z.number().nullable(),
  burst: z.number().nullable(),
});
const share = z.object({ tenant_id: z.string(), weight: z.number(), paused: z.boolean() });

export function limitRoutes(app: App, { pool, wakeUps }: RouteContext): void {
  app.get(
    '/limits',
    {
      config: { access: 'user' },
      schema: {
        tags: ['limits'],
        summary: 'Limits of my organization and its keys; for an administrator all there are',
        response: { 200: z.array(limit) },
      },
    },
    async ({ caller }) => listLimits(pool, caller.role === 'admin' ? null : [tenantOf(caller)]),
  );

  app.put(
    '/limits/keys/:key',
    {
      config: { access: 'user' },
      schema: {
        tags: ['limits'],
        summary: 'Limit the jobs of a concurrency key of my organization; null lifts',
        params: z.object({ key: concurrencyKey }),
        querystring: z.strictObject({
          tenant: z.uuid().optional().describe('Of another organization: for administrators'),
        }),
        body: z.strictObject({ running: concurrency.optional(), starts: startRate.optional() }),
        response: { 200: z.array(limit) },
      },
    },
    async (request) => {
      const { caller, params, query, body } = request;
      const tenant = query.tenant ?? tenantOf(caller);
      if (caller.role === 'user' && caller.orgId !== null)
        throw new Problem('forbidden', 'The limits of an organization are set by its org_admin.');
      if (caller.role !== 'admin' && tenant !== tenantOf(caller))
        throw new Problem('forbidden', 'You may set limits for the keys of your own organization only.');
      const scope = keyScope(tenant, params.key);
      await changeLimit(pool, scope, { max: body.running, rate: rateOf(body.starts) }, (client) =>
        writeAudit(client, { ...actorOf(request), orgId: tenant }, 'limit.change', scope, body),
      );
      wakeUps.send();
      return (await listLimits(pool, [tenant])).filter(({ key }) => key === params.key);
    },
  );

  app.get(
    '/shares',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['limits'],
        summary: 'Weights and pauses of organizations; those that are not listed have weight 1',
        response: { 200: z.array(share) },
      },
    },
    async () => listShares(pool, null),
  );

  app.patch(
    '/orgs/:id',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['limits'],
        summary:
          'Pause or resume an organization (its org_admin too); change its weight and limits (administrators)',
        params: z.object({ id: z.string() }),
        body: z.strictObject({
          paused: z.boolean().optional(),
          weight: z.number().gt(0).max(1_000_000).optional(),
          concurrency: concurrency.optional(),
          starts: startRate.optional(),
        }),
        response: { 200: share.extend({ limits: z.array(limit) }) },
      },
    },
    async (request) => {
      const { caller, params, body } = request;
      const known = z.uuid().safeParse(params.id).success && (await findOrganization(pool, params.id));
      if (!known || (caller.role !== 'admin' && caller.orgId !== known.id))
        throw new Problem('not_found', 'There is no such organization.');
      const { paused, weight, concurrency: max, starts } = body;
      if (caller.role !== 'admin' && [weight, max, starts].some((value) => value !== undefined))
        throw new Problem('forbidden', 'Weight and limits of an organization are set by an administrator.');
      const record = async (client: Parameters<typeof changeShare>[0]) => {
        await changeShare(client, known.id, { weight, paused });
        await writeAudit(
          client,
          { ...actorOf(request), orgId: known.id },
          'organization.change',
          known.id,
          body,
        );
      };
      if (max === undefined && starts === undefined) await transaction(pool, record);
      else await changeLimit(pool, tenantScope(known.id), { max, rate: rateOf(starts) }, record);
      wakeUps.send();
      const [now] = await listShares(pool, [known.id]);
      const limits = (await listLimits(pool, [known.id])).filter((row) => row.of === 'organization');
      return { ...(now as z.output<typeof share>), limits };
    },
  );
}

const tenantOf = ({ orgId, userId }: Caller) => orgId ?? userId;
