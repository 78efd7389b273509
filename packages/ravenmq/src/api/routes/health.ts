import { z } from 'zod';
import type { App, RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';

const ok = z.object({ status: z.literal('ok') });

/** /health and /livez: the process answers. /readyz: the database does, too. */
export function healthRoutes(app: App, { pool }: RouteContext): void {
  for (const url of ['/health', '/livez']) {
    app.get(
      url,
      { config: { access: 'public' }, schema: { tags: ['operation'], security: [], response: { 200: ok } } },
      async () => ({ status: 'ok' as const }),
    );
  }
  app.get(
    '/readyz',
    { config: { access: 'public' }, schema: { tags: ['operation'], security: [], response: { 200: ok } } },
    async () => {
      await pool.query('select 1').catch((cause) => {
        throw new Problem('unavailable', 'The database does not answer.', { cause });
      });
      return { status: 'ok' as const };
    },
  );
}
