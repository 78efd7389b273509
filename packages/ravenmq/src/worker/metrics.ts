/** What a worker process tells Prometheus. Labels are fixed: no type, queue or tenant is among them. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OnAnswer } from './exchange.ts';
import type { Worker } from './worker.ts';

/** Seconds; a statement takes about a millisecond, and one that hangs is given up on after ten. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The histogram of the statements that claim and finish; hand it to the worker. */
export function createExchangeMetrics(registry: Registry): OnAnswer {
  const seconds = new Histogram({
    name: 'ravenmq_exchange_seconds',
    help: 'Round trip of the statement that claims and finishes jobs, by what it did',
    labelNames: ['did'],
    buckets,
    registers: [registry],
  });
  const jobs = new Counter({
    name: 'ravenmq_exchange_jobs_total',
    help: 'Jobs claimed and finished by this process',
    labelNames: ['did'],
    registers: [registry],
  });
  for (const did of ['claim', 'finish', 'both', 'look']) seconds.zero({ did });
  for (const did of ['claim', 'finish']) jobs.inc({ did }, 0);
  return (took, finished, claimed) => {
    const did = finished > 0 ? (claimed > 0 ? 'both' : 'finish') : claimed > 0 ? 'claim' : 'look';
    seconds.observe({ did }, took);
    if (claimed > 0) jobs.inc({ did: 'claim' }, claimed);
    if (finished > 0) jobs.inc({ did: 'finish' }, finished);
  };
}

export function measureWorker(worker: Worker, registry: Registry): void {
  new Gauge({
    name: 'ravenmq_worker_slots',
    help: 'Slots of this process',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { slots, busy } = worker.state;
      this.set({ state: 'busy' }, busy);
      this.set({ state: 'free' }, Math.max(0, slots - busy));
    },
  });
  new Counter({
    name: 'ravenmq_stale_finishes_total',
    help: 'Outcomes that were refused because the lease was lost',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(worker.state.stale);
    },
  });
}
