/** A predictor that is killed at any moment loses no observation and counts none twice. */
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { test } from '../fixtures.ts';
import { aFinish, claim, finish, submitted } from '../jobs.ts';
import { startRole } from './processes.ts';

const kills = 12;

test('killed again and again while jobs end, it has learned every run once', { timeout: 120_000 }, async ({
  db,
}) => {
  const { pool } = db;
  let ended = 0;
  let stopping = false;
  const samples = async () =>
    (await pool.query(`select coalesce(sum(samples), 0)::int as n from series_stat where name <> ''`)).rows[0]
      .n as number;
  const working = (async () => {
    while (!stopping) {
      await submitted(pool, ...Array.from({ length: 20 }, (_, n) => ({ name: `series ${n % 4}` })));
      for (const job of await claim(pool, { count: 20 })) {
        await finish(pool, aFinish(job, { runtimeMs: 10 + (ended % 50) }));
        ended++;
      }
    }
  })();
  const start = () => startRole('predictor', db, { RAVENMQ_PREDICTOR_PORT: '0' });

  let predictor = start();
  try {
    for (let n = 0; n < kills; n++) {
      const before = await samples();
      await eventually(async () => (await samples()) > before, { timeoutMs: 20_000, everyMs: 3 + n * 7 });
      await predictor.kill();
      // The next one need not wait for the end of its predecessor's term.
      await pool.query(`update predictor_memory set leads_until = now()`);
      predictor = start();
    }
    stopping = true;
    await working;
    await eventually(async () => (await samples()) >= ended, { timeoutMs: 20_000 });

    expect(await samples()).toBe(ended);
    expect(ended).toBeGreaterThan(kills * 20);
  } finally {
    stopping = true;
    await working;
    await predictor.kill();
  }
});
