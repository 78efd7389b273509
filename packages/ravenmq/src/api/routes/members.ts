/** Members of an organization: their roles, and leaving it. */
import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { changeRole, type MemberProblem, removeMember } from '../../tenants/organizations.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import type { Caller } from '../auth.ts';
import { Problem } from '../problems.ts';

const params = z.object({ id: z.string(), user: z.string() });

const reasons: Record<MemberProblem, () => Problem> = {
  no_member: () => new Problem('not_found', 'The organization has no such member.'),
  is_admin: () => new Problem('conflict', 'An administrator of the installation stays one.'),
  last_org_admin: () =>
    new Problem('conflict', 'The organization would have no org_admin left: make somebody else one first.'),
};

export function memberRoutes(app: App, { pool }: RouteContext): void {
  app.put(
    '/orgs/:id/members/:user',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['organizations'],
        summary: 'Give a member another role',
        params,
        body: z.strictObject({ role: z.enum(['org_admin', 'user']) }),
        response: { 200: z.object({ message: z.string() }) },
      },
    },
    async (request) => {
      const { orgId, userId } = idsOf(request.params, request.caller);
      const { role } = request.body;
      const answer = await transaction(pool, (client) =>
        changeRole(client, actorOf(request), orgId, userId, role),
      );
      if (answer !== 'changed') throw reasons[answer]();
      return { message: `The member is now ${role}.` };
    },
  );

  app.delete(
    '/orgs/:id/members/:user',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['organizations'],
        summary: 'Take a member out of the organization; what they submitted stays with it',
        params,
        response: { 200: z.object({ message: z.string() }) },
      },
    },
    async (request) => {
      const { orgId, userId } = idsOf(request.params, request.caller);
      const answer = await transaction(pool, (client) =>
        removeMember(client, actorOf(request), orgId, userId),
      );
      if (answer !== 'changed') throw reasons[answer]();
      return { message: 'The member has left the organization.' };
    },
  );
}

function idsOf({ id, user }: z.output<typeof params>, caller: Caller): { orgId: string; userId: string } {
  const known = z.uuid().safeParse(id).success && z.uuid().safeParse(user).success;
  if (!known) throw reasons.no_member();
  if (caller.role !== 'admin' && caller.orgId !== id) {
    throw new Problem('forbidden', 'You may change your own organization only.');
  }
  return { orgId: id, userId: user };
}
