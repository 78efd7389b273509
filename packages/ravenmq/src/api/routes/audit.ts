import { z } from 'zod';
import { listAudit } from '../../tenants/audit.ts';
import type { App, RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';

const entry = z.object({
  id: z.number(),
  at: z.string(),
  actor_id: z.string().nullable(),
  actor: z.string().nullable(),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
  request_id: z.string().nullable(),
});

export function auditRoutes(app: App, { pool }: RouteContext): void {
  app.get(
    '/audit',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['organizations'],
        summary: 'Who changed what, newest first: of your organization, for an administrator of all',
        querystring: z.strictObject({
          before: z.coerce.number().int().positive().optional().describe('Only entries older than this one'),
          limit: z.coerce.number().int().min(1).max(200).default(100),
        }),
        response: { 200: z.array(entry) },
      },
    },
    async ({ caller, query }) => {
      const all = caller.role === 'admin';
      if (!all && caller.orgId === null) throw new Problem('not_found', 'You belong to no organization.');
      return listAudit(pool, {
        orgId: all ? null : caller.orgId,
        before: query.before ?? null,
        limit: query.limit,
      });
    },
  );
}
