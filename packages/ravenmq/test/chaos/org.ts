/** The organizations of a trial: a person at the API and a library of their own for each. */
import { connect } from '../../src/db/connect.ts';
import { Raven } from '../../src/index.ts';
import { keyScope, setLimit } from '../../src/jobs/limits.ts';
import { silentLogger } from '../../src/log.ts';
import { createCaller } from './caller.ts';
import { limitedKey, limitOfKey } from './mix.ts';
import type { Stack } from './stack.ts';

export interface Org {
  name: string;
  id: string;
  raven: Raven;
  api: ReturnType<typeof createCaller>;
}

export async function makeOrg(stack: Stack, name: string): Promise<Org> {
  const api = createCaller(stack.apiUrl);
  const id = await api.signUp(name);
  const raven = new Raven({ databaseUrl: stack.loadUrl, organization: name, schema: stack.schema });
  return { name, id, raven, api };
}

export async function limitKeys(stack: Stack, orgs: Org[]): Promise<void> {
  const { schema, server } = stack;
  const pool = connect({
    url: server.url,
    schema,
    max: 2,
    applicationName: 'chaos harness',
    log: silentLogger,
  });
  for (const org of orgs) await setLimit(pool, keyScope(org.id, limitedKey), limitOfKey);
  await pool.end();
}
