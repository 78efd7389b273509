import { type Api, createApi } from '../src/api/server.ts';
import { type Config, readConfig } from '../src/config.ts';
import { noWakeUps } from '../src/db/wake-ups.ts';
import { silentLogger } from '../src/log.ts';
import type { TestDatabase } from './fixtures.ts';

export const jwtSecret = 'a secret of more than thirty-two characters';

/** An API on the test's schema, without a socket: use `api.app.inject`. */
export function anApi(db: TestDatabase, overrides: Partial<Config> = {}): Promise<Api> {
  const config = {
    ...readConfig({}),
    databaseUrl: db.url,
    schema: db.schema,
    jwtSecret,
    port: 0,
    registerPerMinute: 10_000,
    loginPerMinute: 10_000,
    ...overrides,
  };
  return createApi({ pool: db.pool, config, log: silentLogger, wakeUps: noWakeUps });
}

/** Registers a user and answers the headers that authenticate it. */
export async function signedUp(api: Api, username: string) {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/auth/register',
    payload: { username, password: 'secret-1' },
  });
  const { token, user } = answer.json();
  return { id: user.id as string, token: token as string, headers: { authorization: `Bearer ${token}` } };
}
