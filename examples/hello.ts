/**
 * Define a job, run a worker, enqueue, wait for the result.
 *
 *   DATABASE_URL=postgres://... node packages/ravenmq/src/cli/main.ts org create acme
 *   DATABASE_URL=postgres://... node examples/hello.ts
 */
import { createWorker, defineJob, Raven } from 'ravenmq';
import { z } from 'zod';

const databaseUrl = process.env.DATABASE_URL as string;
const schema = process.env.RAVENMQ_SCHEMA ?? 'ravenmq';

const hello = defineJob({
  type: 'hello',
  input: z.object({ who: z.string(), times: z.int().default(1) }),
  timeout: '30s',
  run: ({ who, times }, { attempt }) => `${'hello '.repeat(times)}${who}, attempt ${attempt}`,
});

const worker = createWorker({ databaseUrl, schema, jobs: [hello] });
await worker.start();

const raven = new Raven({ databaseUrl, schema, organization: 'acme' });
const handle = await raven.enqueue(hello, { who: 'world' });
console.log(await handle.result());

const many = await raven.enqueueMany([
  [hello, { who: 'one', times: 2 }],
  [hello, { who: 'two' }, { weight: 2, labels: { team: 'docs' } }],
]);
for (const one of many) console.log(await one.result());

await raven.close();
await worker.stop();
