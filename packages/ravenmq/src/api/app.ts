/** What routes are made of: the typed Fastify instance, the things they may use, and who may call them. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '../config.ts';
import type { Pool } from '../db/connect.ts';
import type { WakeUps } from '../db/wake-ups.ts';
import type { Submitter } from '../jobs/submit.ts';
import type { Logger } from '../log.ts';
import type { PlanCache } from '../plan/plan-cache.ts';
import type { Actor } from '../tenants/audit.ts';
import type { Auth, Caller } from './auth.ts';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteContext {
  pool: Pool;
  config: Config;
  log: Logger;
  auth: Auth;
  submitter: Submitter;
  wakeUps: WakeUps;
  plans: PlanCache;
}

/** Who may call a route. Every route declares it; one that does not keeps the API from starting. */
export type Access = 'public' | 'user' | 'org_admin' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    caller: Caller;
  }
}

export function mayCall(access: Access, caller: Caller): boolean {
  if (access === 'admin') return caller.role === 'admin';
  if (access === 'org_admin') return caller.role === 'admin' || caller.role === 'org_admin';
  return true;
}

export function actorOf(request: { caller: Caller; id: string }): Actor & { userId: string } {
  return { userId: request.caller.userId, orgId: request.caller.orgId, requestId: request.id };
}
