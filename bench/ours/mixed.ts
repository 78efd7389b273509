/** Everything at once: 100 organizations, a limit for half of them, and types with very different predictions. */
import type { Pool } from '../../packages/ravenmq/src/db/connect.ts';
import { noWakeUps } from '../../packages/ravenmq/src/db/wake-ups.ts';
import { setLimit, tenantScope } from '../../packages/ravenmq/src/jobs/limits.ts';
import { newJobDefaults } from '../../packages/ravenmq/src/jobs/new-job.ts';
import { createIdSubmitter } from '../../packages/ravenmq/src/jobs/submit.ts';
import type { Payload, Producer } from '../contestant.ts';
import { pools } from './database.ts';

const organizations = 100;
/** Running jobs of a limited organization. */
const limit = 100;
const predictedMs = { 'bench-short': 50, 'bench-middle': 3_000, 'bench-long': 60_000 };
export const mixedTypes = Object.keys(predictedMs);

export async function prepareMixed(pool: Pool): Promise<void> {
  await pool.query(`insert into organizations (name) select 'bench-' || n from generate_series(1, $1) n`, [
    organizations,
  ]);
  for (const id of (await organizationIds(pool)).slice(0, organizations / 2))
    await setLimit(pool, tenantScope(id), limit);
  await pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select o.id, e.type, '', e.ms, e.ms * 2, e.ms, 100
     from organizations o, unnest($1::text[], $2::float8[]) as e(type, ms)`,
    [mixedTypes, Object.values(predictedMs)],
  );
}

async function organizationIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from organizations where name like 'bench-%' order by name`,
  );
  return rows.map((row) => row.id);
}

/** One connection for all organizations, as the API has it. */
export async function fillMixed(databaseUrl: string): Promise<Producer> {
  const pool = pools(databaseUrl, 2);
  const ids = await organizationIds(pool);
  const submitter = createIdSubmitter({ pool, wakeUps: noWakeUps });
  const job = (payload: Payload) => ({
    ...newJobDefaults,
    orgId: ids[payload.n % ids.length] as string,
    userId: null,
    type: mixedTypes[Math.floor(payload.n / ids.length) % mixedTypes.length] as string,
    name: 'bench',
    payload: { ...payload },
  });
  return {
    one: (payload) => submitter.submit(job(payload)),
    many: (payloads) => submitter.submitMany(payloads.map(job)),
    async close() {
      await submitter.stop();
      await pool.end();
    },
  };
}
