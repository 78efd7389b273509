/** The first 20,000 jobs of a backlog of all urgencies: what does it cost that so many more wait behind them? */
import type { Comparison } from '../compare.ts';
import { measure, per1000, steadySpeed, sum } from '../measure.ts';
import { handled } from '../processes.ts';
import { fill } from './drain.ts';

export const backlog = (benchmark: string, waiting: number): Comparison => ({
  benchmark,
  tuning: 'backlog',
  async measure(stage, name, size) {
    const drained = size.jobs(20_000);
    await fill(stage, name, drained + size.jobs(waiting), true);
    const { workers, all: crew } = await stage.crew(name, 1);
    const window = await measure(stage, name, { workers: crew }, async () => {
      await Promise.all(workers.map((worker) => worker.work('backlog')));
      await handled(workers, drained);
    });
    const reports = await Promise.all(workers.map((worker) => worker.report()));
    await Promise.all(crew.map((actor) => actor.stop()));
    const through = sum(reports.map(({ starts }) => starts.length));
    return {
      jobs_per_s: steadySpeed(reports),
      server_cpu_ms_per_1000: per1000(window.serverCpuMs, through),
      worker_cpu_ms_per_1000: per1000(window.workerCpuMs, through),
      foreign_cpus: window.foreign,
    };
  },
});
