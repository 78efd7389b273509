/**
 * A worker under test. Its one handler reports every start on standard output at once, by a write that a kill cannot
 * take back; then it works, fails or waits as the payload says, writes its effect, and returns its fence.
 */
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { installCrashpoint } from '../../src/crashpoint.ts';
import { endPool } from '../../src/db/dead-sockets.ts';
import { createWorker, defineJob, NonRetryable, RetryAfter } from '../../src/index.ts';
import { createLogger } from '../../src/log.ts';
import type { WorkPayload } from './mix.ts';

const { DATABASE_URL = '', RAVENMQ_SCHEMA = '', SINK_URL = '', SLOTS, LEASE_MS, GRACE_MS } = process.env;
if (process.env.RAVENMQ_CRASHPOINT) installCrashpoint(process.env.RAVENMQ_CRASHPOINT);

const sink = new pg.Pool({
  connectionString: SINK_URL,
  options: `-c search_path=${RAVENMQ_SCHEMA}`,
  application_name: 'chaos sink',
  max: 2,
  query_timeout: 3_000,
  connectionTimeoutMillis: 3_000,
});
sink.on('error', () => {});
sink.on('connect', (client) => client.on('error', () => {}));

/**
 * Effects outside of the queue: repeated until the sink has answered, also when the lease is lost meanwhile. A handler
 * that the worker has given up on must not keep the process alive after the sink is closed.
 */
async function applyEffect(job: string, fence: number): Promise<'applied' | 'refused'> {
  for (;;) {
    try {
      const { rows } = await sink.query('select chaos_apply($1, $2) as answer', [job, fence]);
      return rows[0].answer;
    } catch (error) {
      if (sink.ending) throw error;
      await pause(50);
    }
  }
}

function perish(how: NonNullable<WorkPayload['die']>): void {
  if (how === 'kill') process.kill(process.pid, 'SIGKILL');
  if (how === 'exit') process.exit(3);
  if (how === 'throw') setImmediate(() => JSON.parse('thrown where nobody catches it'));
  if (how === 'memory') for (const hoard: unknown[] = []; ; ) hoard.push(Array(100_000).fill(hoard));
}

const payloads = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as WorkPayload }),
  },
} as const;

const work = defineJob({
  type: 'work',
  input: payloads,
  async run({ ms, failures = 0, fatal = false, spin = false, die }, context) {
    const { jobId: job, tenantId: tenant, fence, attempt, signal } = context;
    const report = (event: string) =>
      writeSync(1, `${JSON.stringify({ event, job, tenant, fence, attempt })}\n`);
    report('start');
    if (spin) for (const until = performance.now() + ms; performance.now() < until; );
    // A handler that ends soon after its signal: whatever is thrown then, the signal's reason decides.
    else await pause(ms, undefined, ms > 1_000 ? { signal } : undefined);
    if (die) perish(die);
    if (attempt <= failures) throw new RetryAfter('planned', 50);
    if (fatal) throw new NonRetryable('planned');
    if ((await applyEffect(job, fence)) === 'refused') report('refused');
    return { fence };
  },
});

const worker = createWorker({
  databaseUrl: DATABASE_URL,
  schema: RAVENMQ_SCHEMA,
  jobs: [work],
  slots: Number(SLOTS),
  leaseMs: Number(LEASE_MS),
  log: createLogger('info'),
});
// What keeps a process alive that should have ended.
process.on('SIGUSR2', () => {
  process.stderr.write(
    `${JSON.stringify({ event: 'resources', alive: process.getActiveResourcesInfo() })}\n`,
  );
});
// Before the start, which may take its time and claims jobs meanwhile.
const asked = new Promise((resolve) => process.once('SIGTERM', resolve));
try {
  await worker.start();
} catch (error) {
  // As the command line does: whoever supervises it starts it again.
  process.stderr.write(`ravenmq: ${(error as Error).message}\n`);
  process.exit(1);
}
await asked;
await worker.stop(Number(GRACE_MS));
await endPool(sink);
