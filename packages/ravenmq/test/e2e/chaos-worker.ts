/** A worker for chaos tests: every attempt writes that it started, works 50 to 100 ms, and returns its fence. */
import pg from 'pg';
import { createWorker, defineJob } from '../../src/index.ts';
import { createLogger } from '../../src/log.ts';

const databaseUrl = process.env.DATABASE_URL as string;
const schema = process.env.RAVENMQ_SCHEMA as string;
const starts = new pg.Pool({ connectionString: databaseUrl, options: `-c search_path=${schema}`, max: 2 });
starts.on('error', () => {});

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) },
} as const;

const work = defineJob({
  type: 'work',
  input: anything,
  async run(_, { jobId, fence }) {
    await starts.query('insert into chaos_start (job_id, fence) values ($1, $2)', [jobId, fence]);
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 50));
    return { fence };
  },
});

await createWorker({
  databaseUrl,
  schema,
  jobs: [work],
  slots: Number(process.env.SLOTS ?? 2),
  leaseMs: Number(process.env.LEASE_MS ?? 1_500),
  log: createLogger('info'),
}).run();
