import type { Pool } from '../src/db/connect.ts';
import { silentLogger } from '../src/log.ts';
import type { Handler } from '../src/worker/attempt.ts';
import { newIdentity } from '../src/worker/identity.ts';
import { createWorker, type Worker, type WorkerOptions } from '../src/worker/worker.ts';

/** A worker in this process, not started. */
export function aWorker(
  pool: Pool,
  handlers: Record<string, Handler>,
  overrides: Partial<WorkerOptions> = {},
): Worker {
  return createWorker({
    pool,
    log: silentLogger,
    identity: newIdentity('test'),
    handlers: new Map(Object.entries(handlers)),
    slots: 4,
    leaseMs: 30_000,
    heartbeatMs: 5_000,
    pollMs: 20,
    queues: null,
    ...overrides,
  });
}
