import { type Client, type Pool, transaction } from './connect.ts';

/** Whose rows a person may see: every tenant's, or those of the listed tenants. */
export type Scope = { all: true } | { all: false; tenants: string[] };

/** Longest time one statement that a person caused may take, in milliseconds. */
const statementTimeoutMs = 5_000;

/** Runs `work` in a transaction as the API's role, so that row level security shows it only the scope's rows. */
export async function inScope<T>(
  pool: Pool,
  schema: string,
  scope: Scope,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const tenants = scope.all ? '*' : `{${scope.tenants.join(',')}}`;
  return transaction(pool, async (client) => {
    await client.query({
      name: 'enter_scope',
      text: `select set_config('role', $1, true), set_config('ravenmq.tenants', $2, true),
        set_config('statement_timeout', $3, true)`,
      values: [`${schema}_api`, tenants, String(statementTimeoutMs)],
    });
    return work(client);
  });
}
