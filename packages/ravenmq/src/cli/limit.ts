/** `ravenmq limit` and what `ravenmq org` sets: limits of organizations and keys, and shares. */
import type { Command } from 'commander';
import { type Pool, transaction } from '../db/connect.ts';
import { changeLimit, keyScope, tenantScope } from '../jobs/limits.ts';
import { type LimitRow, listLimits } from '../jobs/list-limits.ts';
import { changeShare, type ShareChange } from '../jobs/shares.ts';
import { changeOf, type LimitOptions, withLimitOptions } from './limit-options.ts';
import { auditCommand, columns, onDatabase } from './on-database.ts';
import type { Context } from './roles.ts';

export function addLimit(program: Command, org: Command, configure: () => Context): void {
  const say = async (use: (pool: Pool) => Promise<string>) => {
    process.stdout.write(`${await onDatabase(configure(), use)}\n`);
  };
  const limit = program.command('limit').description('limits of running jobs and of starts');
  limit
    .command('list')
    .description('every limit, what it lets run and what it holds back')
    .action(() => say(async (pool) => listText(await listLimits(pool, null), await namesOf(pool))));
  withLimitOptions(
    limit.command('key <org> <key>').description('limit the jobs of a concurrency key of an organization'),
  ).action((name: string, key: string, options: LimitOptions) =>
    say(async (pool) => {
      if (key.length < 1 || key.length > 200) throw new Error('A key has 1 to 200 characters.');
      const id = await idOf(pool, name);
      await setLimits(pool, keyScope(id, key), id, options);
      return `The limits of key ${key} of ${name} are in force.`;
    }),
  );

  withLimitOptions(
    org.command('limit <name>').description('limit what runs and starts of an organization'),
  ).action((name: string, options: LimitOptions) =>
    say(async (pool) => {
      const id = await idOf(pool, name);
      await setLimits(pool, tenantScope(id), id, options);
      return `The limits of ${name} are in force.`;
    }),
  );
  org
    .command('weight <name> <weight>')
    .description('its share beside the others while all have jobs waiting; 1 unless set')
    .action((name: string, text: string) =>
      say(async (pool) => {
        const weight = Number(text);
        if (!(weight > 0 && weight <= 1_000_000)) throw new Error('A weight is above 0 and at most 1000000.');
        await setShare(pool, name, { weight });
        return `${name} has weight ${weight}.`;
      }),
    );
  for (const [command, paused] of [['pause', true] as const, ['resume', false] as const]) {
    org
      .command(`${command} <name>`)
      .description(paused ? 'start none of its jobs; running ones go on' : 'start its jobs again')
      .action((name: string) =>
        say(async (pool) => {
          await setShare(pool, name, { paused });
          return `${name} ${paused ? 'is paused' : 'goes on'}.`;
        }),
      );
  }
}

async function setLimits(pool: Pool, scope: string, orgId: string, options: LimitOptions): Promise<void> {
  const limits = changeOf(options);
  await changeLimit(pool, scope, limits, (client) =>
    auditCommand(client, 'limit.change', scope, { ...limits }, orgId),
  );
}

async function setShare(pool: Pool, name: string, change: ShareChange): Promise<void> {
  const id = await idOf(pool, name);
  await transaction(pool, async (client) => {
    await changeShare(client, id, change);
    await auditCommand(client, 'organization.change', id, { ...change }, id);
  });
}

async function idOf(pool: Pool, name: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from organizations where name = $1', [name]);
  if (!rows[0]) throw new Error(`No organization is named ${name}.`);
  return rows[0].id;
}

async function namesOf(pool: Pool): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; name: string }>('select id, name from organizations');
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function listText(limits: LimitRow[], names: Map<string, string>): string {
  if (limits.length === 0) return 'There are no limits.';
  const titles = ['of', 'name', 'running', 'held', 'starts', 'burst', 'waiting'];
  const row = (limit: LimitRow) => {
    const tenant = names.get(limit.tenant_id ?? '') ?? limit.tenant_id;
    return [
      limit.of,
      limit.queue ?? (limit.key === null ? String(tenant) : `${tenant} ${limit.key}`),
      String(limit.running ?? '-'),
      String(limit.held),
      limit.starts_per_second === null ? '-' : `${Number(limit.starts_per_second.toPrecision(3))}/s`,
      String(limit.burst ?? '-'),
      limit.waiting >= 10_000 ? '10000+' : String(limit.waiting),
    ];
  };
  return columns([titles, ...limits.map(row)]);
}
