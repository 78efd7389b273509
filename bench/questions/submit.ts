/** Jobs submitted in one way or another, by so many callers that each wait for their answers. */
import type { Comparison } from '../compare.ts';
import { measure, per1000, perSecond } from '../measure.ts';
import type { Production } from '../orders.ts';
import { quantile, round } from '../spread.ts';

export interface Submission {
  how: Production['how'];
  callers: number;
  processes?: number;
}

export const submit = (benchmark: string, { how, callers, processes = 1 }: Submission): Comparison => ({
  benchmark,
  tuning: 'backlog',
  async measure(stage, name, size) {
    const jobs = size.jobs(fullJobs(name, how, callers)) / processes;
    const producers = await Promise.all(Array.from({ length: processes }, () => stage.actor(name)));
    const produce = (jobs: number) =>
      Promise.all(producers.map((producer) => producer.produce({ how, callers, jobs })));
    await produce(how === 'many' ? 2_000 * callers : 200);
    let acknowledged: number[] = [];
    const window = await measure(stage, name, { producers }, async () => {
      acknowledged = (await produce(jobs)).flatMap((answer) => answer.acknowledged);
    });
    await Promise.all(producers.map((producer) => producer.stop()));
    return {
      jobs_per_s: perSecond(jobs * processes, window.ms),
      server_cpu_ms_per_1000: per1000(window.serverCpuMs, jobs * processes),
      producer_cpu_ms_per_1000: per1000(window.producerCpuMs, jobs * processes),
      acknowledged_p50_ms: round(quantile(acknowledged, 0.5)),
      acknowledged_p99_ms: round(quantile(acknowledged, 0.99)),
      foreign_cpus: window.foreign,
    };
  },
});

/** About a second or more for everybody: some take a millisecond of processor time for each job, some a hundredth. */
function fullJobs(name: string, how: Production['how'], callers: number): number {
  if (how === 'many') return 100_000;
  const grouped = name.startsWith('ravenmq') || name === 'bare-http';
  const cheap = name === 'bullmq' || (grouped && how === 'one' && callers > 1);
  return cheap ? 40_000 : 5_000;
}
