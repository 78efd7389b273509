import { expect } from 'vitest';
import { type TestDatabase, test } from '../../test/fixtures.ts';
import { aJob } from '../../test/jobs.ts';
import { noWakeUps } from '../db/wake-ups.ts';
import type { NewJob } from './new-job.ts';
import { createSubmitter } from './submit.ts';

/** Submits in bulk; answers what became of each job. */
async function submitAll({ pool }: TestDatabase, jobs: Partial<NewJob>[]) {
  const submitter = createSubmitter({ pool, wakeUps: noWakeUps });
  const answers = await submitter.submitMany(jobs.map(aJob));
  return { kinds: answers.map((answer) => answer.kind) };
}

const stored = async ({ pool }: TestDatabase) =>
  (await pool.query('select name from jobs order by name')).rows.map((row) => row.name);

test('a bulk is all or nothing: one row that the database refuses keeps the others out', async ({ db }) => {
  const jobs = [{ name: 'a', idempotencyKey: 'one' }, { name: '' }, { name: 'c' }];

  await expect(submitAll(db, jobs)).rejects.toMatchObject({ code: '23514' });

  expect(await stored(db)).toEqual([]);
  const again = await submitAll(db, [{ name: 'b', idempotencyKey: 'one' }]);
  expect(again).toMatchObject({ kinds: ['created'] });
});

test('single submissions that share a statement with a bad one are stored without it', async ({ db }) => {
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const names = Array.from({ length: 50 }, (_, n) => (n % 20 === 7 ? '' : `job ${n + 10}`));

  const ends = await Promise.allSettled(names.map((name) => submitter.submit(aJob({ name }))));

  expect(ends.map((end) => end.status === 'fulfilled')).toEqual(names.map((name) => name !== ''));
  expect(await stored(db)).toEqual(names.filter((name) => name !== ''));
});

test('an error that is not the fault of a row rejects the whole bulk', async ({ db }) => {
  await db.pool.query('alter table job_live rename to elsewhere');

  await expect(submitAll(db, [{}, {}])).rejects.toMatchObject({ code: '42P01' });

  await db.pool.query('alter table elsewhere rename to job_live');
  expect(await stored(db)).toEqual([]);
});
