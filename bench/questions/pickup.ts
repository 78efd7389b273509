/** From the call that submits to the start of the handler: on an idle system, or under a steady stream. */
import type { Comparison } from '../compare.ts';
import { measure } from '../measure.ts';
import { handled } from '../processes.ts';
import { quantile, round } from '../spread.ts';

const kinds = {
  latency: { tuning: 'latency', perSecond: 20, seconds: 15 },
  mixed: { tuning: 'stream', perSecond: 500, seconds: 8 },
} as const;

export const pickup = (kind: keyof typeof kinds): Comparison => ({
  benchmark: kind,
  tuning: kinds[kind].tuning,
  async measure(stage, name, size) {
    const { tuning, perSecond, seconds } = kinds[kind];
    const jobs = perSecond * size.times(seconds, 1);
    const producer = await stage.actor(name);
    const { workers, all } = await stage.crew(name, 1);
    const [worker] = workers;
    if (!worker) throw new Error('A crew has at least one worker.');
    await worker.work(tuning);
    // A second of it first: connections, prepared statements and compiled code are there then.
    await producer.produce({ how: 'one', jobs: perSecond, perSecond });
    await handled(workers, perSecond);
    await worker.report();
    let acknowledged: number[] = [];
    const window = await measure(stage, name, { producers: [producer], workers: all }, async () => {
      acknowledged = (await producer.produce({ how: 'one', jobs, perSecond })).acknowledged;
      await handled(workers, perSecond + jobs);
    });
    const { waits } = await worker.report();
    await Promise.all([producer, ...all].map((actor) => actor.stop()));
    const seconds1000 = (ms: number) => round(ms / jobs, 3);
    return {
      pickup_p50_ms: round(quantile(waits, 0.5)),
      pickup_p95_ms: round(quantile(waits, 0.95)),
      pickup_p99_ms: round(quantile(waits, 0.99)),
      acknowledged_p50_ms: round(quantile(acknowledged, 0.5)),
      cpu_s_per_1000: seconds1000(window.serverCpuMs + window.producerCpuMs + window.workerCpuMs),
      server_cpu_s_per_1000: seconds1000(window.serverCpuMs),
      worker_cpu_s_per_1000: seconds1000(window.workerCpuMs),
      producer_cpu_s_per_1000: seconds1000(window.producerCpuMs),
      foreign_cpus: window.foreign,
    };
  },
});
