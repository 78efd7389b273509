/** What a scheduler process tells Prometheus: whether it leads, and how its steps go. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface SchedulerMetrics {
  /** The term it leads under, null when it does not. */
  leads(term: number | null): void;
  reclaimed(jobs: number): void;
  /** A step of the leader ended. */
  step(name: string, seconds: number, failed: boolean): void;
}

export const unmeasured: SchedulerMetrics = { leads() {}, reclaimed() {}, step() {} };

/** Seconds; a step that takes longer than its interval delays what it is for. */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createSchedulerMetrics(registry: Registry): SchedulerMetrics {
  const registers = [registry];
  const leader = new Gauge({ name: 'ravenmq_leader', help: '1 while this process leads', registers });
  const term = new Gauge({
    name: 'ravenmq_leader_term',
    help: 'The last term this process led under; grows with every election',
    registers,
  });
  const reclaims = new Counter({
    name: 'ravenmq_reclaims_total',
    help: 'Jobs taken back because their lease expired',
    registers,
  });
  const seconds = new Histogram({
    name: 'ravenmq_scheduler_tick_seconds',
    help: 'How long the steps of the leader take',
    labelNames: ['step'],
    buckets,
    registers,
  });
  const failures = new Counter({
    name: 'ravenmq_scheduler_step_failures_total',
    help: 'Steps of the leader that failed; they are tried again',
    labelNames: ['step'],
    registers,
  });
  leader.set(0);
  return {
    leads(now) {
      leader.set(now === null ? 0 : 1);
      if (now !== null) term.set(now);
    },
    reclaimed: (jobs) => reclaims.inc(jobs),
    step(name, took, failed) {
      seconds.observe({ step: name }, took);
      failures.inc({ step: name }, failed ? 1 : 0);
    },
  };
}
