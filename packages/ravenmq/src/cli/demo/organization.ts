/** The demo's organizations: made afresh, each with its founder and one invited member. */
import { randomBytes } from 'node:crypto';
import { createClient, type RavenClient } from '@ravenmq/client';

export interface Organization {
  name: string;
  /** Acts as the founder. */
  client: RavenClient;
  /** How much it submits, as a multiple of the plain load. */
  scale: number;
}

const notedAfterMs = 3_000;

export async function foundOrganizations(
  url: string,
  scales: Record<string, number>,
  log: (line: string) => void,
): Promise<Organization[]> {
  const note = setTimeout(
    () => log('Waiting: the API takes a few registrations a minute from one address.'),
    notedAfterMs,
  );
  try {
    return await Promise.all(Object.entries(scales).map(([name, scale]) => found(url, name, scale)));
  } finally {
    clearTimeout(note);
  }
}

async function found(url: string, prefix: string, scale: number): Promise<Organization> {
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  const password = randomBytes(9).toString('base64url');
  const client = createClient({ url });
  await client.auth.register({ username: `${name}-founder`, password });
  const { id } = await client.orgs.create(name);
  await createClient({ url }).auth.register({ username: `${name}-member`, password });
  await client.orgs.invite(id, `${name}-member`);
  return { name, client, scale };
}
