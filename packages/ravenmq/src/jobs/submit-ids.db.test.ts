import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aJob, claim } from '../../test/jobs.ts';
import { noWakeUps } from '../db/wake-ups.ts';
import { setLimit, tenantScope } from './limits.ts';
import { getJob } from './list.ts';
import { createIdSubmitter } from './submit.ts';

test('ids come back in the order of the jobs, whatever became of each', async ({ db }) => {
  const submitter = createIdSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const [first] = await submitter.submitMany([aJob({ name: 'a', idempotencyKey: 'one' })]);

  const answers = await submitter.submitMany([
    aJob({ name: 'b' }),
    aJob({ name: 'a', idempotencyKey: 'one' }),
    aJob({ name: 'other', idempotencyKey: 'one' }),
    aJob({ name: 'c', labels: { team: 'x' } }),
  ]);

  expect(answers.map((answer) => answer.kind)).toEqual(['created', 'existing', 'conflict', 'created']);
  const idOf = (n: number) => (answers[n] as { id: string }).id;
  expect(answers[1]).toEqual({ kind: 'existing', id: (first as { id: string }).id });
  expect(await getJob(db.pool, idOf(0))).toMatchObject({ name: 'b', labels: {}, status: 'queued' });
  expect(await getJob(db.pool, idOf(3))).toMatchObject({ name: 'c', labels: { team: 'x' } });
});

test('a job that a limit holds back gets its slot at once when one is free', async ({ db }) => {
  await setLimit(db.pool, tenantScope(acme), 1);
  const submitter = createIdSubmitter({ pool: db.pool, wakeUps: noWakeUps });

  await submitter.submitMany([aJob(), aJob()]);

  expect(await claim(db.pool, { count: 2 })).toHaveLength(1);
});
