/**
 * GET /metrics for Prometheus. What concerns jobs is read from the database at every scrape, so that any replica
 * answers the same and nothing is lost when one restarts; the HTTP metrics are this replica's own.
 */

import ipaddr from 'ipaddr.js';
import type { App, RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';

export function metricsRoutes(
  app: App,
  { config, auth }: RouteContext,
  readMetrics: () => Promise<string>,
): void {
  app.get(
    '/metrics',
    { config: { access: 'public' }, schema: { tags: ['operation'], summary: 'Prometheus metrics' } },
    async (request, reply) => {
      // What an unknown proxy passes on comes from anywhere, though the proxy itself is near.
      const forwarded = config.trustProxy.length === 0 && request.headers['x-forwarded-for'] !== undefined;
      const local = config.metricsPublic && !forwarded && isPrivate(request.ip);
      if (!local) {
        const caller = await auth.authenticate(request);
        if (caller.role !== 'admin') throw new Problem('forbidden', 'The metrics need the role admin.');
      }
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await readMetrics());
    },
  );
}

function isPrivate(ip: string): boolean {
  if (!ipaddr.isValid(ip)) return false;
  return ['loopback', 'private', 'uniqueLocal', 'linkLocal'].includes(ipaddr.process(ip).range());
}
