/** Jobs submitted one by one or a thousand at a time, by so many callers in one process, each waiting for its answer. */
import { type Comparison, jobsOf, quantile, round } from '../compare.ts';
import { monotonicMs } from '../contestant.ts';
import { measure } from '../measure.ts';

export const submit = (mode: 'single' | 'bulk', callers: number, processes = 1): Comparison => ({
  benchmark: `${mode === 'bulk' ? 'bulk' : 'submit'}-${callers}${processes > 1 ? `x${processes}` : ''}`,
  moreIsBetter: true,
  tuning: 'backlog',
  async measure(stage, name, scale) {
    const each = jobsOf(mode === 'bulk' ? 100_000 : 20_000, scale) / processes;
    // A peer that takes a millisecond of processor time for each would make the round last for minutes.
    const jobs = mode === 'single' && !name.startsWith('ravenmq') && name !== 'bullmq' ? each / 4 : each;
    const actors = await Promise.all(Array.from({ length: processes }, () => stage.actor(name)));
    await Promise.all(
      actors.map((actor) => actor.produce({ mode, callers, jobs: mode === 'bulk' ? 2_000 : 200 })),
    );
    let acknowledged: number[] = [];
    const measured = await measure(stage, name, jobs * processes, actors, async () => {
      const answers = await Promise.all(actors.map((actor) => actor.produce({ mode, callers, jobs })));
      acknowledged = answers.flatMap((answer) => answer.acknowledged);
      return monotonicMs();
    });
    await Promise.all(actors.map((actor) => actor.stop()));
    return {
      jobs_per_s: measured.perSecond,
      server_cpu_ms_per_1000: measured.serverCpuMs,
      producer_cpu_ms_per_1000: measured.actorCpuMs,
      ...(mode === 'single' && { acknowledged_p50_ms: round(quantile(acknowledged, 0.5)) }),
      foreign_cpus: measured.foreign,
    };
  },
});
