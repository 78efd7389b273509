import fc from 'fast-check';
import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import { foldCharges } from '../jobs/turns.ts';

const meanMs: Record<string, number> = { tiny: 0.02, small: 0.2, middle: 1, large: 5, huge: 40 };
const stretch = 10;

const aSubmission = fc.record({
  type: fc.constantFrom(...Object.keys(meanMs)),
  weight: fc.constantFrom(0.5, 1, 1, 4),
});
const aStep = fc.oneof(
  fc.array(aSubmission, { minLength: 1, maxLength: 4 }),
  fc.constantFrom<number>(1, 1, 2, 3),
);

test('inside an organization nobody is overtaken by jobs that came more than stretch x predicted / weight later', async ({
  db,
}) => {
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples)
     select $1, type, '', ms, ms, ms, 1 from unnest($2::text[], $3::float8[]) as e(type, ms)`,
    [acme, Object.keys(meanMs), Object.values(meanMs)],
  );
  let overtakings = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 30, maxLength: 60 }), async (steps) => {
      await db.pool.query('delete from job_live');
      const waiting = new Map<string, { readyAtMs: number; boundMs: number }>();
      for (const step of steps) {
        if (typeof step !== 'number') {
          for (const [n, { id, ready_at: readyAt }] of (await submitted(db.pool, ...step)).entries()) {
            const { type, weight } = step[n] as { type: string; weight: number };
            const boundMs = (stretch * (meanMs[type] as number)) / weight;
            waiting.set(id, { readyAtMs: Date.parse(readyAt as string), boundMs });
          }
          continue;
        }
        const claimed = await claim(db.pool, { count: step });
        const started = claimed.map(({ id }) => waiting.get(id)?.readyAtMs as number);
        for (const { id } of claimed) waiting.delete(id);
        for (const { readyAtMs, boundMs } of waiting.values()) {
          for (const later of started.filter((at) => at > readyAtMs)) {
            overtakings++;
            // Times are read in whole milliseconds.
            expect(later - readyAtMs).toBeLessThan(boundMs + 1);
          }
        }
      }
    }),
    { numRuns: 30 },
  );
  expect(overtakings).toBeGreaterThan(30);
});

test('a flood of one organization delays a job of another by no more than the claim under way', async ({
  db,
}) => {
  const guard = await leadership(db.pool);
  for (let n = 0; n < 3; n++)
    await submitted(
      db.pool,
      ...Array.from({ length: 1_000 }, (_, k) => ({ weight: k % 10 === 0 ? 1_000 : 1 })),
    );
  await submitted(db.pool, { orgId: globex });
  await claim(db.pool, { count: 2 });

  for (let n = 0; n < 20; n++) {
    const before = await claim(db.pool, { count: 4 });
    await finish(db.pool, ...before.map((job) => aFinish(job, { runtimeMs: 3_000 })));
    await foldCharges(db.pool, guard);
    const [quiet] = await submitted(db.pool, { orgId: globex });
    expect((await claim(db.pool, { count: 2 })).map(({ id }) => id)).toContain(quiet?.id);
  }
});
