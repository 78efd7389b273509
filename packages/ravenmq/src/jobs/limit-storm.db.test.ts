import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { limitOf, limitStorm } from '../../test/limit-storm.ts';
import { seeded } from '../predictor/net/random.ts';

test('fifty keys are never past their limits at any instant, while workers die and come back too late', async ({
  db,
}) => {
  const storm = { jobs: 1_500, keys: 50, workers: 4, lost: 0.03, random: seeded(7) };

  const { violations, most, faults } = await limitStorm(db.pool, storm);

  expect(violations).toEqual([]);
  expect(faults).toBeGreaterThan(0);
  expect(most.size).toBe(50);
  // The limits are what held, not a lack of work.
  const full = [...most].filter(([key, number]) => number === limitOf(Number(key.slice(4))));
  expect(full.length).toBeGreaterThan(40);
  expect((await db.pool.query('select from slot where job_id is not null')).rowCount).toBe(0);
  expect((await db.pool.query(`select from job_history where status <> 'done'`)).rowCount).toBe(0);
});
