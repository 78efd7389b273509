/** 50,000 jobs that wait already, and handlers that do nothing: how fast are they through, with 1 or 2 workers? */
import { type Comparison, type Figures, jobsOf } from '../compare.ts';
import { handled, measure } from '../measure.ts';
import type { Stage } from '../stage.ts';

export const drain = (workers: 1 | 2): Comparison => ({
  benchmark: workers === 1 ? 'drain' : 'drain-2',
  moreIsBetter: true,
  tuning: 'backlog',
  measure: (stage, name, scale) => drainOnce(stage, name, jobsOf(50_000, scale), workers),
});

/** Fills, drains, and answers the figures of the draining. */
async function drainOnce(stage: Stage, name: string, jobs: number, workers: number): Promise<Figures> {
  await fill(stage, name, jobs);
  const actors = await Promise.all(Array.from({ length: workers }, () => stage.actor(name)));
  const measured = await measure(stage, name, jobs, actors, async () => {
    await Promise.all(actors.map((actor) => actor.work('backlog')));
    return handled(actors, jobs);
  });
  await Promise.all(actors.map((actor) => actor.stop()));
  const { perSecond, serverCpuMs, actorCpuMs, foreign } = measured;
  return {
    jobs_per_s: perSecond,
    server_cpu_ms_per_1000: serverCpuMs,
    worker_cpu_ms_per_1000: actorCpuMs,
    foreign_cpus: foreign,
  };
}

export async function fill(stage: Stage, name: string, jobs: number): Promise<void> {
  const producer = await stage.actor(name);
  await producer.produce({ mode: 'bulk', jobs });
  await producer.stop();
  await stage.pool.query('vacuum analyze');
  await stage.pool.query('checkpoint');
}
