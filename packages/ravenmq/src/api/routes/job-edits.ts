/** Cancelling a job and taking a failed one back. */
import { z } from 'zod';
import { retryTransient } from '../../db/connect.ts';
import { inScope } from '../../db/scope.ts';
import { cancelChannel } from '../../db/wake-ups.ts';
import { cancelJob } from '../../jobs/cancel.ts';
import { retryJob } from '../../jobs/retry-by-hand.ts';
import { writeAuditOf } from '../../tenants/audit.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { job, jobToWire } from '../wire.ts';
import { isId, noSuchJob } from './jobs.ts';

const params = z.object({ id: z.string() });

export function jobEditRoutes(app: App, { pool, config, wakeUps, log }: RouteContext): void {
  const { schema } = config;

  app.post(
    '/jobs/:id/cancel',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'Cancel a job that waits, or ask the worker of a running one to stop',
        params,
        response: { 200: job },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!isId(id)) throw noSuchJob();
      const cancelled = await retryTransient(() =>
        inScope(pool, schema, scopeOf(request.caller), async (client) => {
          const answer = await cancelJob(client, id);
          if (answer && answer !== 'finished')
            await writeAuditOf(client, actorOf(request), 'job.cancel', 'jobs', [id]);
          return answer;
        }),
      );
      if (!cancelled) throw noSuchJob();
      if (cancelled === 'finished') throw new Problem('conflict', 'The job has already ended.');
      if (cancelled.status === 'running') {
        pool.query('select pg_notify($1, $2)', [cancelChannel(schema), '']).catch((error) => {
          log.warn({ event: 'cancel_notify_failed', err: error });
        });
      }
      return jobToWire(cancelled);
    },
  );

  app.post(
    '/jobs/:id/retry',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'Put a job that failed for good back into its queue',
        params,
        response: { 200: job },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!isId(id)) throw noSuchJob();
      const retried = await inScope(pool, schema, scopeOf(request.caller), async (client) => {
        const answer = await retryJob(client, id);
        if (answer && answer !== 'not_failed')
          await writeAuditOf(client, actorOf(request), 'job.retry', 'jobs', [id]);
        return answer;
      });
      if (!retried) throw noSuchJob();
      if (retried === 'not_failed')
        throw new Problem('conflict', 'Only a job that failed for good can be retried.');
      wakeUps.send();
      return jobToWire(retried);
    },
  );
}
