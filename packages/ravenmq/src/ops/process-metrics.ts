/** Metrics that every process has: Node's own, what runs in it, and its database pools. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Pool } from '../db/connect.ts';

export function createProcessMetrics(
  version: string,
  roles: string[],
  pools: ReadonlyMap<string, Pool>,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'ravenmq_build_info',
    help: 'Version of the program; always 1',
    labelNames: ['version', 'role'],
    registers: [registry],
  });
  for (const role of roles) build.set({ version, role }, 1);
  new Gauge({
    name: 'ravenmq_pool_connections',
    help: 'Connections to the database that this process holds',
    labelNames: ['role', 'state'],
    registers: [registry],
    collect() {
      for (const [role, { totalCount, idleCount }] of pools) {
        this.set({ role, state: 'idle' }, idleCount);
        this.set({ role, state: 'busy' }, totalCount - idleCount);
      }
    },
  });
  new Gauge({
    name: 'ravenmq_pool_waiting',
    help: 'Statements that wait for a connection of the pool',
    labelNames: ['role'],
    registers: [registry],
    collect() {
      for (const [role, { waitingCount }] of pools) this.set({ role }, waitingCount);
    },
  });
  return registry;
}
