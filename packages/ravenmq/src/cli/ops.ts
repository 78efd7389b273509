/** Probes and metrics of the roles in this process, on RAVENMQ_OPS_PORT. */
import type { Pool } from '../db/connect.ts';
import { createProcessMetrics } from '../ops/process-metrics.ts';
import { createOps, type Probed } from '../ops/server.ts';
import { version } from '../version.ts';
import type { Context, RunningRole } from './roles.ts';

export interface ProcessOps {
  /** `others` are roles without a database. */
  started(running: RunningRole[], others?: string[]): void;
  stopping(): void;
  stop(): Promise<void>;
}

const noOps: ProcessOps = { started() {}, stopping() {}, async stop() {} };

/** Answers probes from now on, so that a long migration is not taken for a dead process. */
export async function openOps({ config, log }: Context): Promise<ProcessOps> {
  if (config.opsPort === 0) return noOps;
  const ops = createOps({ host: config.host, port: config.opsPort, log });
  await ops.start();
  return {
    started: (running, others = []) => ops.started(probedOf(running, others)),
    stopping: ops.stopping,
    stop: ops.stop,
  };
}

function probedOf(running: RunningRole[], others: string[]): Probed {
  const pools = new Map(running.map(({ role, pool }) => [role, pool]));
  const processMetrics = createProcessMetrics(version, [...pools.keys(), ...others], pools);
  const pings = running.map(({ pool }) => createPing(pool));
  return {
    async ready() {
      await Promise.all(pings.map((ping) => ping()));
      return running.map((role) => role.notReady?.()).find((problem) => problem !== undefined);
    },
    async metrics() {
      const texts = await Promise.all(running.map((role) => role.metrics?.() ?? ''));
      return [await processMetrics.metrics(), ...texts].join('\n');
    },
  };
}

const pingEveryMs = 2_000;

/** Asks the database at most every two seconds, however often it is asked itself. */
function createPing(pool: Pool): () => Promise<unknown> {
  let last: Promise<unknown> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (!last || performance.now() - askedAt > pingEveryMs) {
      askedAt = performance.now();
      last = pool.query('select 1');
    }
    return last;
  };
}
