/** While somebody's old snapshot is open no dead row can be vacuumed: does the queue slow down, and do jobs wait? */
import type { Comparison, Figures } from '../compare.ts';
import { measure, per1000, perSecond, sum } from '../measure.ts';
import { handled } from '../processes.ts';
import { quantile, round } from '../spread.ts';
import type { Stage } from '../stage.ts';
import { drainOnce } from './drain.ts';

/** Rounds of 10,000 jobs in, then 10,000 out, by a new worker each. */
export const pinnedRounds: Comparison = {
  benchmark: 'pinned',
  tuning: 'backlog',
  measure: (stage, name, size) =>
    pinned(stage, async () => {
      const jobs = size.jobs(10_000);
      const producer = await stage.actor(name);
      const rounds: Figures[] = [];
      for (let round = 0; round < size.times(10, 2); round++) {
        await producer.produce({ how: 'many', jobs });
        // To ask whether anything is left would be to read all that is dead and may not be vacuumed.
        rounds.push(await drainOnce(stage, name, jobs, 1, { emptied: false }));
      }
      await producer.stop();
      return figuresOf(rounds);
    }),
};

/** The same jobs, of all urgencies, arriving while one worker drains: they queue up before and between each other. */
export const pinnedArrivals: Comparison = {
  benchmark: 'pinned-arrivals',
  tuning: 'backlog',
  measure: (stage, name, size) =>
    pinned(stage, async () => {
      const jobs = size.jobs(10_000);
      const producer = await stage.actor(name);
      const { workers, all } = await stage.crew(name, 1);
      await Promise.all(workers.map((worker) => worker.work('backlog')));
      const warmUp = 1_000;
      await producer.produce({ how: 'many', jobs: warmUp, levels: true });
      await handled(workers, warmUp);
      const rounds: Figures[] = [];
      for (let round = 1; round <= size.times(10, 2); round++) {
        const window = await measure(stage, name, { workers: all, producers: [producer] }, async () => {
          await producer.produce({ how: 'many', jobs, levels: true });
          await handled(workers, warmUp + round * jobs);
        });
        rounds.push({
          jobs_per_s: perSecond(jobs, window.ms),
          server_cpu_ms_per_1000: per1000(window.serverCpuMs, jobs),
          foreign_cpus: window.foreign,
        });
      }
      await Promise.all([producer, ...all].map((actor) => actor.stop()));
      return figuresOf(rounds);
    }),
};

/** A thousand jobs a second for a minute, ten in a call: how long until they start, in the first and the last sixth? */
export const pinnedStream: Comparison = {
  benchmark: 'pinned-stream',
  tuning: 'stream',
  measure: (stage, name, size) =>
    pinned(stage, async () => {
      const pace = { how: 'many', size: 10, perSecond: 1_000 } as const;
      const jobs = size.times(60, 1) * pace.perSecond;
      const producer = await stage.actor(name);
      const { workers, all } = await stage.crew(name, 1);
      await Promise.all(workers.map((worker) => worker.work('stream')));
      await producer.produce({ ...pace, jobs: pace.perSecond });
      await handled(workers, pace.perSecond);
      await Promise.all(workers.map((worker) => worker.report()));
      const window = await measure(stage, name, { workers: all, producers: [producer] }, async () => {
        await producer.produce({ ...pace, jobs });
        await handled(workers, pace.perSecond + jobs);
      });
      const waits = (await Promise.all(workers.map((worker) => worker.report()))).flatMap((r) => r.waits);
      await Promise.all([producer, ...all].map((actor) => actor.stop()));
      const sixth = Math.ceil(waits.length / 6);
      return {
        pickup_p50_ms: round(quantile(waits, 0.5)),
        pickup_p99_ms: round(quantile(waits, 0.99)),
        first_sixth_p99_ms: round(quantile(waits.slice(0, sixth), 0.99)),
        last_sixth_p99_ms: round(quantile(waits.slice(-sixth), 0.99)),
        server_cpu_ms_per_1000: per1000(window.serverCpuMs, jobs),
        foreign_cpus: window.foreign,
      };
    }),
};

async function pinned(stage: Stage, act: () => Promise<Figures>): Promise<Figures> {
  const client = await stage.pool.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query('select count(*) from pg_class');
  try {
    return await act();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Noise weighs less in the mean of the first and of the last three rounds than in a single one. */
function figuresOf(rounds: Figures[]): Figures {
  const of = (name: string) => rounds.map((round) => round[name] ?? 0);
  const [speeds, cpu] = [of('jobs_per_s'), of('server_cpu_ms_per_1000')];
  const ratio = (values: number[]) => round(sum(values.slice(-3)) / sum(values.slice(0, 3)));
  return {
    last_to_first: round((speeds.at(-1) ?? 0) / (speeds[0] ?? 1)),
    last_three_to_first_three: ratio(speeds),
    cpu_last_three_to_first_three: ratio(cpu),
    foreign_cpus: round(sum(of('foreign_cpus')) / rounds.length),
    ...Object.fromEntries(speeds.map((speed, n) => [`round_${n + 1}_jobs_per_s`, speed])),
  };
}
