/** Ten rounds of 10,000 jobs in and out while an old snapshot keeps every dead row from being vacuumed. */
import { type Comparison, type Figures, jobsOf } from '../compare.ts';
import { handled, measure } from '../measure.ts';

const rounds = 10;

export const pinned: Comparison = {
  benchmark: 'pinned',
  moreIsBetter: true,
  tuning: 'backlog',
  async measure(stage, name, scale) {
    const jobs = jobsOf(10_000, scale);
    const client = await stage.pool.connect();
    await client.query('begin isolation level repeatable read');
    await client.query('select count(*) from pg_class');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    const producer = await stage.actor(name);
    const speeds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await producer.produce({ mode: 'bulk', jobs });
      const worker = await stage.actor(name);
      const { perSecond } = await measure(stage, name, jobs, [worker], async () => {
        await worker.work('backlog');
        return handled([worker], jobs);
      });
      await worker.stop();
      speeds.push(perSecond);
    }
    await producer.stop();
    await client.query('rollback');
    client.release();
    const [first = 1] = speeds;
    const figures: Figures = { last_to_first: Math.round(((speeds.at(-1) ?? 0) / first) * 100) / 100 };
    speeds.forEach((speed, n) => {
      figures[`round_${n + 1}_jobs_per_s`] = speed;
    });
    return figures;
  },
};
