/** The first 20,000 jobs of a backlog: what does it cost that so many more wait behind them? */
import { type Comparison, jobsOf } from '../compare.ts';
import { handled, measure } from '../measure.ts';
import { fill } from './drain.ts';

export const backlog = (waiting: number): Comparison => ({
  benchmark: `backlog-${waiting}`,
  moreIsBetter: true,
  tuning: 'backlog',
  async measure(stage, name, scale) {
    const all = jobsOf(waiting, scale);
    const drained = Math.min(20_000, all);
    await fill(stage, name, all);
    const worker = await stage.actor(name);
    const measured = await measure(stage, name, drained, [worker], async () => {
      await worker.work('backlog');
      return handled([worker], drained);
    });
    await worker.stop();
    return {
      jobs_per_s: measured.perSecond,
      server_cpu_ms_per_1000: measured.serverCpuMs,
      foreign_cpus: measured.foreign,
    };
  },
});
