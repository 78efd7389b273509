/** For tests of the plan: workers that are known to live, a plan made now, explanations as an administrator sees them. */
import type { Pool } from '../src/db/connect.ts';
import { type Explanation, explainJob } from '../src/plan/explain.ts';
import { createPlanner } from '../src/plan/refresh.ts';
import type { Guard } from '../src/workers/leader.ts';
import { type NewWorker, registerWorker } from '../src/workers/registry.ts';
import type { TestDatabase } from './fixtures.ts';

export async function aliveWorker(pool: Pool, some: Partial<NewWorker> = {}): Promise<void> {
  const worker = {
    workerId: 'worker-1',
    name: 'worker',
    hostname: 'host',
    slots: 1,
    queues: null,
    types: null,
  };
  await registerWorker(pool, { ...worker, ...some });
}

export async function planned(pool: Pool, guard: Guard): Promise<void> {
  await createPlanner(pool, guard).refresh();
}

export async function explained(db: TestDatabase, id: string): Promise<Explanation> {
  return (await explainJob({ ...db, scope: { all: true } }, id)) as Explanation;
}
