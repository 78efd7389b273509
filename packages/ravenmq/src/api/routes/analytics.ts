import { z } from 'zod';
import { inScope } from '../../db/scope.ts';
import {
  type Buckets,
  readAccuracy,
  readQueueDepth,
  readSummary,
  readThroughput,
} from '../../jobs/analytics.ts';
import type { App, RouteContext } from '../app.ts';
import { type Caller, scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';

const count = z.number();
const ms = z.number().nullable();

const summary = z.object({
  counts: z.object({
    total_done: count,
    total_failed: count,
    total_queued: count,
    total_running: count,
    total_scheduled: count,
    success_rate: z.number().nullable(),
  }),
  by_type: z.array(z.object({ type: z.string(), avg_actual_ms: ms, avg_predicted_ms: ms, total: count })),
  prediction_mape_pct: z.number().nullable(),
  prediction_log_error: z
    .number()
    .nullable()
    .describe('Mean |ln predicted - ln actual| of the newest 5,000 jobs; 0.7 is a factor of two'),
  queue_health: z.object({
    avg_queue_wait_ms: ms,
    p95_queue_wait_ms: ms,
    p95_execution_ms: ms,
    jobs_last_hour: count,
  }),
});
const throughput = z.array(z.object({ bucket: z.string(), done: count, failed: count }));
const accuracy = z.array(
  z.object({ type: z.string(), actual_ms: z.number(), predicted_ms: z.number(), finished_at: z.string() }),
);
const depth = z.array(
  z.object({ bucket: z.string(), scheduled: count, queued: count, running: count, queued_ms: count }),
);
/** Minutes that are kept for as long as jobs are; a page wants a few hundred points at most. */
const window = z.object({
  minutes: z.coerce.number().int().min(5).max(10_080).optional().describe('How far to look back'),
  step: z.coerce.number().int().min(1).max(1_440).optional().describe('Minutes in one bucket'),
});
type Window = z.output<typeof window>;

/** Scoped like the job list: an administrator sees all, a member the organization, a user without one their own. */
export function analyticsRoutes(app: App, { pool, config }: RouteContext): void {
  const tenantsOf = (caller: Caller) => {
    const scope = scopeOf(caller);
    return scope.all ? null : scope.tenants;
  };
  const route = <Answer extends z.ZodType>(name: string, title: string, answer: Answer) => ({
    url: `/analytics/${name}`,
    options: {
      config: { access: 'user' as const },
      schema: { tags: ['analytics'], summary: title, response: { 200: answer } },
    },
  });

  const totals = route('summary', 'Counts, averages by type, queue health', summary);
  app.get(totals.url, totals.options, ({ caller }) =>
    inScope(pool, config.schema, scopeOf(caller), (client) => readSummary(client, tenantsOf(caller))),
  );
  const hours = route(
    'throughput',
    'Jobs ended in each of the last 24 hours, or of another window',
    throughput,
  );
  app.get(
    hours.url,
    { ...hours.options, schema: { ...hours.options.schema, querystring: window } },
    ({ caller, query }) =>
      inScope(pool, config.schema, scopeOf(caller), (client) => readThroughput(client, bucketsOf(query, 60))),
  );
  const pairs = route('prediction-accuracy', 'The last 100 runs: predicted and actual', accuracy);
  app.get(pairs.url, pairs.options, ({ caller }) =>
    inScope(pool, config.schema, scopeOf(caller), (client) => readAccuracy(client, tenantsOf(caller))),
  );
  const depths = route('queue-depth', 'What waited and ran over the last 24 hours, or another window', depth);
  app.get(
    depths.url,
    { ...depths.options, schema: { ...depths.options.schema, querystring: window } },
    ({ caller, query }) =>
      inScope(pool, config.schema, scopeOf(caller), (client) => readQueueDepth(client, bucketsOf(query, 5))),
  );
}

const mostBuckets = 1_500;

function bucketsOf(query: Window, usualStep: number): Buckets {
  const minutes = query.minutes ?? 1_440;
  const step =
    query.step ?? (query.minutes === undefined ? usualStep : Math.max(1, Math.round(minutes / 100)));
  if (minutes / step > mostBuckets) {
    throw new Problem(
      'invalid',
      `querystring/step: ${minutes} minutes would make more than ${mostBuckets} buckets`,
    );
  }
  return { minutes, step };
}
