import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { findOrganization, foundOrganization, invite, listMembers } from '../../tenants/organizations.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';
import { organizationName } from '../wire.ts';

const organization = z.object({ id: z.string(), name: z.string(), created_at: z.string() });

export function organizationRoutes(app: App, { pool }: RouteContext): void {
  app.post(
    '/orgs',
    {
      config: { access: 'user' },
      schema: {
        tags: ['organizations'],
        summary: 'Make an organization and become its org_admin',
        body: z.strictObject({ name: organizationName }),
        response: { 201: z.object({ org: organization, message: z.string() }) },
      },
    },
    async (request, reply) => {
      const made = await transaction(pool, (client) =>
        foundOrganization(client, actorOf(request), request.body.name),
      );
      if (made === 'has_one') throw new Problem('has_organization', 'You already belong to an organization.');
      if (made === 'name_taken')
        throw new Problem('name_taken', `An organization named ${request.body.name} exists.`);
      return reply
        .status(201)
        .send({ org: made, message: `Organization ${made.name} created; you are its org_admin.` });
    },
  );

  app.post(
    '/orgs/:id/invite',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['organizations'],
        summary: 'Add a user to the organization',
        params: z.object({ id: z.string() }),
        body: z.strictObject({ username: z.string().min(1).max(256) }),
        response: { 200: z.object({ message: z.string() }) },
      },
    },
    async (request) => {
      const { caller, params, body } = request;
      const found = z.uuid().safeParse(params.id).success
        ? await findOrganization(pool, params.id)
        : undefined;
      if (!found) throw new Problem('not_found', 'There is no such organization.');
      if (caller.role !== 'admin' && caller.orgId !== found.id) {
        throw new Problem('forbidden', 'You may invite to your own organization only.');
      }
      const invited = await transaction(pool, (client) =>
        invite(client, actorOf(request), found.id, body.username),
      );
      if (invited === 'no_such_user') throw new Problem('not_found', `There is no user ${body.username}.`);
      if (invited === 'is_member') {
        throw new Problem('has_organization', `${body.username} already belongs to an organization.`);
      }
      return { message: `${invited.username} is now a member of ${found.name}.` };
    },
  );

  app.get(
    '/orgs/me',
    {
      config: { access: 'user' },
      schema: {
        tags: ['organizations'],
        summary: 'My organization',
        response: { 200: organization.extend({ member_count: z.number() }) },
      },
    },
    async ({ caller }) => {
      const found = caller.orgId === null ? undefined : await findOrganization(pool, caller.orgId);
      if (!found) throw new Problem('not_found', 'You belong to no organization.');
      return found;
    },
  );

  app.get(
    '/orgs/me/members',
    {
      config: { access: 'org_admin' },
      schema: {
        tags: ['organizations'],
        summary: 'Members of my organization',
        response: {
          200: z.array(
            z.object({ id: z.string(), username: z.string(), role: z.string(), created_at: z.string() }),
          ),
        },
      },
    },
    async ({ caller }) => {
      if (caller.orgId === null) throw new Problem('not_found', 'You belong to no organization.');
      return listMembers(pool, caller.orgId);
    },
  );
}
