import type { Client, Queryable } from '../db/connect.ts';
import { type Actor, writeAudit } from './audit.ts';
import type { UserRow } from './users.ts';

export interface OrganizationRow {
  id: string;
  name: string;
  created_at: string;
}

/**
 * Makes an organization with the user as its org_admin; an administrator stays one. Run it in a transaction. Answers
 * why not, when the user has one already or the name is taken.
 */
export async function foundOrganization(
  client: Client,
  actor: Actor & { userId: string },
  name: string,
): Promise<OrganizationRow | 'has_one' | 'name_taken'> {
  const { rows: users } = await client.query('select org_id from users where id = $1 for update', [
    actor.userId,
  ]);
  if (users[0]?.org_id) return 'has_one';
  const { rows } = await client.query<OrganizationRow>(
    `insert into organizations (name) values ($1) on conflict (name) do nothing returning id, name, created_at`,
    [name],
  );
  const [organization] = rows;
  if (!organization) return 'name_taken';
  await client.query(
    `update users set org_id = $2, role = case role when 'admin' then 'admin' else 'org_admin' end where id = $1`,
    [actor.userId, organization.id],
  );
  await writeAudit(client, { ...actor, orgId: organization.id }, 'organization.create', organization.id, {
    name,
  });
  return organization;
}

/** Adds a user to an organization. Run it in a transaction. Answers why not. */
export async function invite(
  client: Client,
  actor: Actor,
  orgId: string,
  username: string,
): Promise<UserRow | 'no_such_user' | 'is_member'> {
  const { rows } = await client.query<UserRow>(
    'select id, username, role, org_id, created_at from users where lower(username) = lower($1) for update',
    [username],
  );
  const [user] = rows;
  if (!user) return 'no_such_user';
  if (user.org_id) return 'is_member';
  await client.query('update users set org_id = $2 where id = $1', [user.id, orgId]);
  await writeAudit(client, { ...actor, orgId }, 'member.invite', user.id, { username: user.username });
  return { ...user, org_id: orgId };
}

export async function findOrganization(
  db: Queryable,
  id: string,
): Promise<(OrganizationRow & { member_count: number }) | undefined> {
  const { rows } = await db.query<OrganizationRow & { member_count: number } & Record<string, unknown>>(
    `select id, name, created_at, (select count(*) from users where org_id = o.id)::int as member_count
     from organizations o where id = $1`,
    [id],
  );
  return rows[0];
}

export async function listMembers(db: Queryable, orgId: string): Promise<UserRow[]> {
  const { rows } = await db.query<UserRow & Record<string, unknown>>(
    `select id, username, role, created_at from users where org_id = $1 order by created_at, id limit 10000`,
    [orgId],
  );
  return rows;
}

/**
 * Gives a member another role in the organization. Run it in a transaction. Answers why not: an organization keeps at
 * least one org_admin, and an administrator of the installation stays one.
 */
export async function changeRole(
  client: Client,
  actor: Actor,
  orgId: string,
  userId: string,
  role: 'org_admin' | 'user',
): Promise<'changed' | MemberProblem> {
  const members = await lockMembers(client, orgId);
  const problem = mayLeaveRole(members, userId, role);
  if (problem) return problem;
  await client.query('update users set role = $2 where id = $1', [userId, role]);
  await writeAudit(client, { ...actor, orgId }, 'member.role', userId, { role });
  return 'changed';
}

/** Takes a member out of the organization; what they submitted stays with it. Run it in a transaction. */
export async function removeMember(
  client: Client,
  actor: Actor,
  orgId: string,
  userId: string,
): Promise<'changed' | MemberProblem> {
  const members = await lockMembers(client, orgId);
  const problem = mayLeaveRole(members, userId, 'none');
  if (problem) return problem;
  await client.query(`update users set org_id = null, role = 'user' where id = $1`, [userId]);
  const { username } = members.find(({ id }) => id === userId) as UserRow;
  await writeAudit(client, { ...actor, orgId }, 'member.remove', userId, { username });
  return 'changed';
}

export type MemberProblem = 'no_member' | 'is_admin' | 'last_org_admin';

/** Locked in one order, so that two org_admins who demote each other do not both succeed. */
async function lockMembers(client: Client, orgId: string): Promise<UserRow[]> {
  const { rows } = await client.query<UserRow>(
    'select id, username, role from users where org_id = $1 order by id for update',
    [orgId],
  );
  return rows;
}

function mayLeaveRole(members: UserRow[], userId: string, next: string): MemberProblem | undefined {
  const member = members.find(({ id }) => id === userId);
  if (!member) return 'no_member';
  if (member.role === 'admin') return 'is_admin';
  const others = members.some(({ id, role }) => id !== userId && role !== 'user');
  if (member.role === 'org_admin' && next !== 'org_admin' && !others) return 'last_org_admin';
  return undefined;
}
