/**
 * The dashboard: static files under /ui/. Pages get a Content-Security-Policy that names the hash of each of their
 * inline scripts, so that no other script runs. Files under _next/static have hashed names and never change.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import serveStatic from '@fastify/static';
import type { App } from './app.ts';

export async function serveDashboard(app: App, folder: string | undefined): Promise<void> {
  app.get('/', { schema: { hide: true } }, async (_, reply) => reply.redirect('/ui/'));
  if (!folder) {
    for (const url of ['/ui', '/ui/*']) {
      app.get(url, { schema: { hide: true } }, async (_, reply) =>
        reply.status(404).type('text/plain').send('The dashboard is not built: `npm start` builds it.\n'),
      );
    }
    return;
  }
  // The router does not tell the two apart, but only the one with the slash is a page.
  app.get('/ui', { schema: { hide: true } }, async (request, reply) =>
    /^\/ui(\?|$)/.test(request.url) ? reply.redirect('/ui/') : reply.sendFile('index.html'),
  );
  const policies = pagePolicies(folder);
  await app.register(serveStatic, {
    root: folder,
    prefix: '/ui/',
    redirect: true,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.includes('/_next/static/');
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      const policy = policies.get(path.replace(/\.(br|gz)$/, ''));
      if (policy) reply.header('content-security-policy', policy);
    },
  });
}

/** The policy of every page, by its file. Worked out once: the files do not change while we run. */
function pagePolicies(folder: string): Map<string, string> {
  const policies = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.html')) continue;
    const file = join(folder, entry);
    policies.set(file, policyOf(readFileSync(file, 'utf8')));
  }
  return policies;
}

function policyOf(html: string): string {
  const hashes = new Set<string>();
  for (const [, attributes = '', script = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    if (/\bsrc=/.test(attributes)) continue;
    hashes.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  }
  return [
    "default-src 'none'",
    `script-src 'self' ${[...hashes].join(' ')}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}
