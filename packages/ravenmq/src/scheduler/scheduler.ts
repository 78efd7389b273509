/** The scheduler role: stands in elections, and while it leads runs the leader's services. */
import { setTimeout } from 'node:timers/promises';
import { crashpoint } from '../crashpoint.ts';
import type { Pool } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import type { Logger } from '../log.ts';
import { createService, type Service, type Step } from '../service.ts';
import { createElector } from './elector.ts';
import { leaderSteps } from './leader-services.ts';
import { type SchedulerMetrics, unmeasured } from './metrics.ts';

export interface SchedulerOptions {
  pool: Pool;
  /** A connection that no transaction pooler is in front of. */
  directUrl: string;
  schema: string;
  workerId: string;
  termMs: number;
  retentionDays: number;
  wakeUps: WakeUps;
  log: Logger;
  metrics?: SchedulerMetrics;
}

export interface Scheduler {
  start(): void;
  stop(): Promise<void>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { pool, wakeUps, retentionDays, log, metrics = unmeasured } = options;
  let services: Service[] = [];
  const elector = createElector({
    url: options.directUrl,
    schema: options.schema,
    workerId: options.workerId,
    termMs: options.termMs,
    log,
    lead(guard, term) {
      crashpoint('leader elected');
      metrics.leads(term);
      const steps = leaderSteps({ pool, wakeUps, guard, retentionDays, log, onReclaim: metrics.reclaimed });
      services = steps.map((step) => createService(measured(mayCrash(step), metrics), log));
      for (const service of services) service.start();
    },
    async standDown() {
      metrics.leads(null);
      const stopped = Promise.all(services.map((service) => service.stop()));
      services = [];
      // A step that hangs on a dead connection is left behind: its term guards it, and somebody has to lead.
      await Promise.race([stopped, setTimeout(options.termMs, undefined, { ref: false })]);
    },
  });
  return {
    start: () => elector.start(),
    async stop() {
      await elector.stop();
    },
  };
}

function mayCrash(step: Step): Step {
  return {
    ...step,
    async run(signal) {
      const answer = await step.run(signal);
      crashpoint(`leader step ${step.name}`);
      return answer;
    },
  };
}

function measured(step: Step, metrics: SchedulerMetrics): Step {
  return {
    ...step,
    async run(signal) {
      const began = performance.now();
      let failed = true;
      try {
        const answer = await step.run(signal);
        failed = false;
        return answer;
      } finally {
        metrics.step(step.name, (performance.now() - began) / 1_000, failed);
      }
    },
  };
}
