/** The scheduler role: stands in elections, and while it leads runs the leader's services. */
import type { Pool } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import type { Logger } from '../log.ts';
import { createService, type Service } from '../service.ts';
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
      services = leaderSteps({ pool, wakeUps, guard, retentionDays }).map((step) => createService(step, log));
      for (const service of services) service.start();
    },
    async standDown() {
      await Promise.all(services.map((service) => service.stop()));
      services = [];
    },
  });
  return {
    start: () => elector.start(),
    async stop() {
      await elector.stop();
    },
  };
}
