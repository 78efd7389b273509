import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { claim, submitted } from '../../test/jobs.ts';
import { transaction } from '../db/connect.ts';

test('a claim passes over jobs that another statement has locked, and does not wait for them', async ({
  db,
}) => {
  const jobs = await submitted(db.pool, {}, {}, {});

  const claimed = await transaction(db.pool, async (other) => {
    await other.query('select from job_live where id = any ($1) for update', [
      [jobs[0]?.id as string, jobs[1]?.id as string],
    ]);
    const withoutWaiting = new Promise((_, reject) => setTimeout(reject, 5_000, new Error('waited')).unref());
    return Promise.race([claim(db.pool, { count: 3 }), withoutWaiting]);
  });

  expect(claimed).toMatchObject([{ id: jobs[2]?.id }]);
});
