import { connect, type Pool, type Queryable } from '../db/connect.ts';
import { endPool } from '../db/dead-sockets.ts';
import { createWakeUps, noWakeUps, wakeUpChannel } from '../db/wake-ups.ts';
import { getJob } from '../jobs/list.ts';
import { type NewJob, newJobDefaults } from '../jobs/new-job.ts';
import { createIdSubmitter } from '../jobs/submit.ts';
import { silentLogger } from '../log.ts';
import type { Outgoing, Transport } from './raven.ts';

export interface DirectOptions {
  databaseUrl: string;
  organization: string;
  schema?: string;
  wakeUps?: boolean;
}

/** Jobs go straight into PostgreSQL, in the name of an organization that exists. */
export function createDirect(options: DirectOptions): Transport {
  const { databaseUrl, organization, schema = 'ravenmq' } = options;
  const pool = connect({
    url: databaseUrl,
    schema,
    max: 4,
    applicationName: 'ravenmq producer',
    statementTimeoutMs: 10_000,
    log: silentLogger,
  });
  const wakeUps =
    options.wakeUps === false ? noWakeUps : createWakeUps(pool, wakeUpChannel(schema), silentLogger);
  const submitter = createIdSubmitter({ pool, wakeUps });
  let orgId: Promise<string> | undefined;

  function organizationId(): Promise<string> {
    orgId ??= findOrganization(pool, organization);
    // A failure is not remembered: the organization may be made meanwhile.
    orgId.catch(() => {
      orgId = undefined;
    });
    return orgId;
  }

  return {
    async submit(jobs) {
      const org = await organizationId();
      const [first] = jobs;
      const answers =
        jobs.length === 1 && first
          ? [await submitter.submit(newJob(org, first))]
          : await submitter.submitMany(jobs.map((job) => newJob(org, job)));
      return answers.map((answer, n) => {
        if (answer.kind !== 'conflict') return answer.id;
        throw new Error(
          `The idempotency key ${jobs[n]?.options.idempotencyKey} was used with another request.`,
        );
      });
    },
    async submitIn(client: Queryable, job: Outgoing) {
      const { rows } = await client.query<{ id: string }>(
        `select ${schema}.enqueue($1, $2, $3::jsonb, $4::jsonb) as id`,
        [organization, job.type, JSON.stringify(job.payload), JSON.stringify(wireOptions(job))],
      );
      return rows[0]?.id as string;
    },
    async ending(id) {
      const job = await getJob(pool, id);
      if (!job) throw new Error(`There is no job ${id}.`);
      if (job.status !== 'done' && job.status !== 'failed' && job.status !== 'cancelled') return undefined;
      return { status: job.status, result: job.result, errorMsg: job.error_msg };
    },
    async close() {
      await submitter.stop();
      await wakeUps.stop();
      await endPool(pool);
    },
  };
}

async function findOrganization(pool: Pool, name: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from organizations where name = $1', [name]);
  if (rows[0]) return rows[0].id;
  throw new Error(
    `No organization is named ${name}: make it with \`ravenmq org create ${name}\` or POST /orgs.`,
  );
}

function newJob(orgId: string, { type, name, payload, options }: Outgoing): NewJob {
  const { runAt, deadline, ...rest } = options;
  return {
    ...newJobDefaults,
    ...rest,
    orgId,
    userId: null,
    type,
    name,
    payload,
    runAt: runAt?.toISOString() ?? null,
    deadline: deadline?.toISOString() ?? null,
  };
}

/** The options under their names in SQL and JSON; those not given are left out. */
export function wireOptions({ name, options }: Outgoing): Record<string, unknown> {
  const named = {
    name,
    queue: options.queue,
    run_at: options.runAt,
    deadline: options.deadline,
    weight: options.weight,
    max_retries: options.maxRetries,
    timeout_ms: options.timeoutMs,
    idempotency_key: options.idempotencyKey,
    concurrency_key: options.concurrencyKey,
    labels: options.labels,
    size_hint: options.sizeHint,
    variant: options.variant,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
