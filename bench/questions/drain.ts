/** 50,000 jobs that wait already, and handlers that do nothing: how fast are they through, with 1 or 2 workers? */
import type { Comparison, Figures } from '../compare.ts';
import { measure, per1000, perSecond, steadySpeed } from '../measure.ts';
import { handled } from '../processes.ts';
import type { Stage } from '../stage.ts';

export const drain = (benchmark: string, workers: 1 | 2 = 1): Comparison => ({
  benchmark,
  tuning: 'backlog',
  async measure(stage, name, size) {
    const jobs = size.jobs(50_000);
    await fill(stage, name, jobs);
    return drainOnce(stage, name, jobs, workers);
  },
});

/**
 * The speed is the steady one; `done` is from the order to begin until every job is finished on record, and so are the
 * figures of processor time.
 */
export async function drainOnce(
  stage: Stage,
  name: string,
  jobs: number,
  count: number,
  { emptied = true } = {},
): Promise<Figures> {
  const { workers, all } = await stage.crew(name, count);
  const window = await measure(stage, name, { workers: all }, async () => {
    await Promise.all(workers.map((worker) => worker.work('backlog')));
    await handled(workers, jobs);
    if (emptied) await stage.emptied(name);
  });
  const reports = await Promise.all(workers.map((worker) => worker.report()));
  await Promise.all(all.map((actor) => actor.stop()));
  return {
    jobs_per_s: steadySpeed(reports),
    done_per_s: perSecond(jobs, window.ms),
    server_cpu_ms_per_1000: per1000(window.serverCpuMs, jobs),
    worker_cpu_ms_per_1000: per1000(window.workerCpuMs, jobs),
    foreign_cpus: window.foreign,
  };
}

export async function fill(stage: Stage, name: string, jobs: number, levels = false): Promise<void> {
  const producer = await stage.actor(name);
  await producer.produce({ how: 'many', jobs, levels });
  await producer.stop();
  await stage.pool.query('vacuum analyze');
  await stage.pool.query('checkpoint');
}
