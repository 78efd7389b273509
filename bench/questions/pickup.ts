/** From the call that submits to the start of the handler: on an idle system, or under a steady stream. */
import { type Comparison, quantile, round } from '../compare.ts';
import { handled, measure } from '../measure.ts';

export const pickup = (kind: 'latency' | 'mixed'): Comparison => ({
  benchmark: kind,
  moreIsBetter: false,
  tuning: kind === 'latency' ? 'latency' : 'stream',
  async measure(stage, name, scale) {
    const perSecond = kind === 'latency' ? 20 : 500;
    const seconds = Math.max(1, (kind === 'latency' ? 15 : 8) * scale);
    const jobs = Math.round(perSecond * seconds);
    const warmUps = kind === 'latency' ? 20 : 500;
    const [producer, worker] = [await stage.actor(name), await stage.actor(name)];
    await worker.work(kind === 'latency' ? 'latency' : 'stream', true);
    await producer.produce({ mode: 'paced', jobs: warmUps, perSecond });
    await handled([worker], warmUps);
    await worker.report();
    let acknowledged: number[] = [];
    const measured = await measure(stage, name, jobs, [producer], async () => {
      acknowledged = (await producer.produce({ mode: 'paced', jobs, perSecond })).acknowledged;
      return handled([worker], warmUps + jobs);
    });
    const { waits, cpuMs } = await worker.stop();
    await producer.stop();
    return {
      pickup_p50_ms: round(quantile(waits, 0.5)),
      pickup_p95_ms: round(quantile(waits, 0.95)),
      pickup_p99_ms: round(quantile(waits, 0.99)),
      acknowledged_p50_ms: round(quantile(acknowledged, 0.5)),
      cpu_s_per_1000: round(
        (measured.serverCpuMs + measured.actorCpuMs + (cpuMs / (warmUps + jobs)) * 1_000) / 1_000,
      ),
      foreign_cpus: measured.foreign,
    };
  },
});
