/**
 * The system under test: an API, schedulers and workers as processes of their own, each behind a proxy of its own, in
 * a schema of its own. Leases and terms are short, so that faults bite within seconds.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { silentLogger } from '../../src/log.ts';
import { eventually } from '../eventually.ts';
import { type Child, startChild } from './child.ts';
import type { ChaosProxy } from './proxy.ts';
import type { Random } from './random.ts';
import type { Server } from './server.ts';
import { watchSchema } from './watch.ts';

export const leaseMs = 1_200;
export const termMs = 1_200;
export const graceMs = 3_000;

export type Role = 'api' | 'scheduler' | 'worker';

export interface Place {
  readonly name: string;
  readonly role: Role;
  readonly proxy: ChaosProxy;
  /** The process that stands there now. */
  child: Child;
}

export interface Stack {
  readonly schema: string;
  /** The command line's entry. */
  readonly program: string;
  readonly server: Server;
  /** Where the API answers; the same after every restart. */
  readonly apiUrl: string;
  /** How long it took until everything was ready at first. */
  readonly startedWithinMs: number;
  readonly places: readonly Place[];
  /** Every process there has been. */
  readonly children: readonly Child[];
  /** A way to the database for the load, and its URL. */
  readonly loadProxy: ChaosProxy;
  readonly loadUrl: string;
  of(role: Role): Place[];
  /** Starts a process anew where one has ended; `env` and `command` go on top of what the first one had. */
  restart(place: Place, options?: StartOptions): Child;
  /** Whose scheduler leads; undefined while nobody does. */
  leader(): Promise<{ place: Place; term: number } | undefined>;
  ready(): Promise<void>;
  /** Ends all proxies, and with them whatever connections still go through one. */
  disconnect(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** What the command starts with, such as a program that changes the clock. */
  before?: string[];
}

export interface StackOptions {
  server: Server;
  random: Random;
  workers: number;
  slots: number;
  /** One more, of the command line. */
  builtInWorker?: boolean;
  start?: StartOptions;
}

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const chaosWorker = fileURLToPath(new URL('./chaos-worker.ts', import.meta.url));

export async function startStack(options: StackOptions): Promise<Stack> {
  const { server, random, workers, slots, start } = options;
  const schema = `chaos_${randomBytes(6).toString('hex')}`;
  await makeSchema(server, schema);
  const load = await server.proxy(random.next);
  const sink = await server.proxy();
  const began = performance.now();
  let startedWithinMs = 0;
  const children: Child[] = [];
  const places: Place[] = [];
  const urls = new Map<string, string>();
  const common = {
    RAVENMQ_SCHEMA: schema,
    RAVENMQ_JWT_SECRET: randomBytes(24).toString('hex'),
    RAVENMQ_ADMIN_PASSWORD: 'chaos-admin',
    RAVENMQ_REGISTER_PER_MINUTE: '100000',
    RAVENMQ_REQUESTS_PER_MINUTE: '10000000',
    RAVENMQ_LEADER_TERM_MS: String(termMs),
    RAVENMQ_STATEMENT_TIMEOUT_MS: '1500',
    SINK_URL: sink.url,
    SLOTS: String(slots),
    LEASE_MS: String(leaseMs),
    GRACE_MS: String(graceMs),
    RAVENMQ_LEASE_MS: String(leaseMs),
    RAVENMQ_GRACE_MS: String(graceMs),
  };
  let apiPort = '0';

  function launch(name: string, role: Role, options: StartOptions = {}): Child {
    const program = name.startsWith('worker') ? [chaosWorker] : [main, role];
    const child = startChild(
      name,
      [...(start?.before ?? []), ...(options.before ?? []), process.execPath, ...program],
      {
        ...common,
        DATABASE_URL: urls.get(name) as string,
        RAVENMQ_PORT: apiPort,
        ...start?.env,
        ...options.env,
      },
    );
    children.push(child);
    return child;
  }

  async function place(name: string, role: Role): Promise<void> {
    const { proxy, url } = await server.proxy(random.next);
    urls.set(name, url);
    places.push({ name, role, proxy, child: launch(name, role) });
  }

  await place('api', 'api');
  for (const n of [1, 2]) await place(`scheduler-${n}`, 'scheduler');
  for (let n = 1; n <= workers; n++) await place(`worker-${n}`, 'worker');
  if (options.builtInWorker) await place('built-in-worker', 'worker');
  const of = (role: Role) => places.filter((one) => one.role === role);
  const apiUrl = await listening(of('api')[0]?.child as Child);
  apiPort = new URL(apiUrl).port;

  const stack: Stack = {
    schema,
    program: main,
    server,
    apiUrl,
    get startedWithinMs() {
      return startedWithinMs;
    },
    places,
    children,
    loadProxy: load.proxy,
    loadUrl: load.url,
    of,
    restart(at, options) {
      at.child = launch(at.name, at.role, options);
      return at.child;
    },
    async leader() {
      const [row] = await server.query<{ worker_id: string; term: string }>(
        `select worker_id, term from ${schema}.scheduler_leader where expires_at > clock_timestamp()`,
      );
      const found = row && of('scheduler').find(({ child }) => row.worker_id.includes(`-${child.pid}-`));
      return found && { place: found, term: Number(row.term) };
    },
    async ready() {
      await listening(of('api')[0]?.child as Child);
      await eventually(() => of('worker').every(({ child }) => hasLogged(child, 'worker_started')), {
        timeoutMs: 30_000,
        everyMs: 20,
      });
      await eventually(() => stack.leader().catch(() => undefined), { timeoutMs: 20_000, everyMs: 20 });
    },
    async disconnect() {
      const proxies = [...places.map(({ proxy }) => proxy), load.proxy, sink.proxy];
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    },
    async stop() {
      await Promise.all(children.filter((child) => !child.exit).map((child) => child.kill()));
      await stack.disconnect();
      if (server.up) await dropSchema(server, schema);
    },
  };
  await stack.ready();
  startedWithinMs = performance.now() - began;
  return stack;
}

export const hasLogged = (child: Child, event: string): boolean =>
  child.log.some((line) => line.includes(`"${event}"`));

async function listening(api: Child): Promise<string> {
  const line = await eventually(
    () => {
      if (api.exit) throw new Error(`The API ended: ${api.log.slice(-5).join('\n')}`);
      return api.log.find((one) => one.includes('"listening"'));
    },
    { timeoutMs: 30_000, everyMs: 20 },
  );
  return JSON.parse(line).url;
}

async function makeSchema(server: Server, schema: string): Promise<void> {
  const pool = connect({
    url: server.url,
    schema,
    max: 1,
    applicationName: 'chaos harness',
    log: silentLogger,
  });
  try {
    await migrate(pool, schema);
  } finally {
    await pool.end();
  }
  await watchSchema(server, schema);
}

async function dropSchema(server: Server, schema: string): Promise<void> {
  await server.query(`drop schema if exists ${schema} cascade`);
  await server.query(`drop role if exists ${schema}_api`);
}
