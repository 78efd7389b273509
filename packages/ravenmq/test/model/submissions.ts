/** Submissions of one to four jobs, some with an idempotency key, a limit's key, a later time or a deadline. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { noWakeUps } from '../../src/db/wake-ups.ts';
import type { NewJob } from '../../src/jobs/new-job.ts';
import { createSubmitter } from '../../src/jobs/submit.ts';
import { acme, aJob, globex } from '../jobs.ts';
import { command } from './command.ts';
import type { Model } from './model.ts';

/** The model check fixes no clock: only an hour from now is surely later. */
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

const job = fc
  .record({
    orgId: fc.constantFrom(acme, acme, globex),
    queue: fc.constantFrom('a', 'b'),
    type: fc.constantFrom('short', 'long'),
    maxRetries: fc.nat({ max: 2 }),
    concurrencyKey: fc.constantFrom(null, null, 'disk'),
    idempotencyKey: fc.constantFrom(null, null, null, 'k1', 'k2'),
    later: fc.constantFrom(false, false, false, true),
    hurry: fc.constantFrom(false, false, true),
  })
  .map(({ later, hurry, ...job }) => ({
    text: `${JSON.stringify(job)}${later ? ' later' : ''}${hurry ? ' hurry' : ''}`,
    make: () => aJob({ ...job, runAt: later ? inAnHour() : null, deadline: hurry ? inAnHour() : null }),
    later,
  }));

/** The part of a request that a key stands for: times differ from call to call, so keyed jobs have none. */
const requestOf = (job: NewJob) => JSON.stringify({ ...job, runAt: null, deadline: null });
const withoutTimes = (job: NewJob): NewJob =>
  job.idempotencyKey === null ? job : { ...job, runAt: null, deadline: null };

export const submissions = fc.array(job, { minLength: 1, maxLength: 4 }).map((specs) =>
  command(`submit(${specs.map((spec) => spec.text).join(', ')})`, async (model, { pool }) => {
    const submitter = createSubmitter({ pool, wakeUps: noWakeUps });
    const jobs = specs.map((spec) => withoutTimes(spec.make()));
    const answers =
      jobs.length === 1 ? [await submitter.submit(jobs[0] as NewJob)] : await submitter.submitMany(jobs);
    await submitter.stop();

    expect(answers).toHaveLength(jobs.length);
    answers.forEach((answer, n) => {
      const job = jobs[n] as NewJob;
      const expected = expectedAnswer(model, job);
      expect(answer.kind).toBe(expected.kind);
      if (answer.kind === 'conflict') return;
      if (answer.kind === 'existing') {
        expect(answer.job.id).toBe(expected.id);
        return;
      }
      const status = job.runAt === null ? 'queued' : 'scheduled';
      expect(answer.job).toMatchObject({ status, fence: 0, queue: job.queue, org_id: job.orgId });
      model.submit(answer.job.id, status, job.maxRetries);
      if (job.idempotencyKey !== null) {
        model.keys.set(keyOf(job), { request: requestOf(job), id: answer.job.id });
      }
    });
  }),
);

const keyOf = (job: NewJob) => `${job.orgId} ${job.idempotencyKey}`;

function expectedAnswer(model: Model, job: NewJob): { kind: string; id?: string } {
  const first = job.idempotencyKey === null ? undefined : model.keys.get(keyOf(job));
  if (!first) return { kind: 'created' };
  return first.request === requestOf(job) ? { kind: 'existing', id: first.id } : { kind: 'conflict' };
}
