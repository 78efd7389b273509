/** The scheduler role: stands in elections, and while it leads runs the leader's services. */
import { setTimeout } from 'node:timers/promises';
import { crashpoint } from '../crashpoint.ts';
import type { Pool } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import type { Logger } from '../log.ts';
import { createService, type Service, type Step } from '../service.ts';
import { createElector } from './elector.ts';
import { leaderSteps } from './leader-services.ts';

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
}

export interface Scheduler {
  start(): void;
  stop(): Promise<void>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { pool, wakeUps, retentionDays, log } = options;
  let services: Service[] = [];
  const elector = createElector({
    url: options.directUrl,
    schema: options.schema,
    workerId: options.workerId,
    termMs: options.termMs,
    log,
    lead(guard) {
      crashpoint('leader elected');
      const steps = leaderSteps({ pool, wakeUps, guard, retentionDays });
      services = steps.map((step) => createService(mayCrash(step), log));
      for (const service of services) service.start();
    },
    async standDown() {
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
