/**
 * Every setting of every role, in one table: environment variable, default, unit, meaning.
 * Only the command line reads the environment; everything else gets values as arguments.
 * docs/configuration.md is written from this table by `npm run docs`.
 */

import { bool, int, list, parse, type Setting, text } from './setting.ts';

export const settings = {
  databaseUrl: text(
    'DATABASE_URL',
    '',
    'PostgreSQL 16 or newer, directly or through a pooler ([poolers.md](poolers.md)). Empty: `ravenmq up` runs an embedded server; the single roles refuse to start.',
  ),
  directUrl: text(
    'DATABASE_DIRECT_URL',
    '',
    'Address of PostgreSQL itself, for LISTEN and the leader. Needed when DATABASE_URL leads to a transaction pooler: scheduler and worker then refuse to start without it. Empty: DATABASE_URL.',
  ),
  schema: text('RAVENMQ_SCHEMA', 'ravenmq', 'Schema that holds all tables of this installation.'),
  dataDir: text(
    'RAVENMQ_DATA_DIR',
    '',
    'Folder of `ravenmq up`: embedded database, generated secrets, logs. Empty: `.ravenmq` in the working folder.',
  ),
  host: text('RAVENMQ_HOST', '127.0.0.1', 'Address that every server of ours listens on.'),
  port: int('RAVENMQ_PORT', 8000, 0, 65_535, 'Port of the API and the dashboard; 0 takes a free one.'),
  predictorPort: int(
    'RAVENMQ_PREDICTOR_PORT',
    8001,
    0,
    65_535,
    'Port of the predictor when it runs as a role of its own; 0 takes a free one.',
  ),
  frontendPort: int(
    'RAVENMQ_FRONTEND_PORT',
    3000,
    0,
    65_535,
    'Port of `ravenmq frontend`; 0 takes a free one.',
  ),
  apiUrl: text(
    'RAVENMQ_API_URL',
    'http://127.0.0.1:8000',
    'Where `ravenmq frontend` passes everything on to that is not the dashboard.',
  ),
  opsPort: int(
    'RAVENMQ_OPS_PORT',
    0,
    0,
    65_535,
    'Port on which any role answers /livez, /readyz, /startupz and /metrics, without a token: keep it private. 0: none.',
  ),
  jwtSecret: text(
    'RAVENMQ_JWT_SECRET',
    '',
    'HMAC-SHA256 key of the access tokens, at least 32 characters, the same on every API replica. `ravenmq up` generates one.',
  ),
  tokenTtlSeconds: int(
    'RAVENMQ_TOKEN_TTL_SECONDS',
    3600,
    60,
    31_536_000,
    'Lifetime of an access token, in seconds.',
  ),
  adminUsername: text(
    'RAVENMQ_ADMIN_USERNAME',
    'admin',
    'Name of the administrator made when no administrator exists.',
  ),
  adminPassword: text(
    'RAVENMQ_ADMIN_PASSWORD',
    '',
    'Password of that administrator, 6 to 128 characters. Empty: generated and, for `ravenmq up`, printed and kept in the data folder.',
  ),
  registerPerMinute: int(
    'RAVENMQ_REGISTER_PER_MINUTE',
    5,
    1,
    1_000_000,
    'Registrations a minute per client address, over all replicas.',
  ),
  loginPerMinute: int(
    'RAVENMQ_LOGIN_PER_MINUTE',
    10,
    1,
    1_000_000,
    'Sign-ins a minute per client address, over all replicas.',
  ),
  requestsPerMinute: int(
    'RAVENMQ_REQUESTS_PER_MINUTE',
    60_000,
    1,
    100_000_000,
    'Requests a minute per user on each replica, all other routes.',
  ),
  trustProxy: list(
    'RAVENMQ_TRUST_PROXY',
    [],
    'Addresses or CIDR ranges of reverse proxies whose X-Forwarded-For is believed. Empty: none.',
  ),
  corsOrigins: list('RAVENMQ_CORS_ORIGINS', [], 'Origins that browsers may call the API from. Empty: none.'),
  metricsPublic: bool(
    'RAVENMQ_METRICS_PUBLIC',
    true,
    'GET /metrics answers without a token to clients on a private or loopback address.',
  ),
  statementTimeoutMs: int(
    'RAVENMQ_STATEMENT_TIMEOUT_MS',
    10_000,
    100,
    600_000,
    'Longest time one statement of the API may take, in milliseconds. An answer that is much later still means a dead connection.',
  ),
  maxPayloadChars: int(
    'RAVENMQ_MAX_PAYLOAD_CHARS',
    10_000,
    10_000,
    10_000_000,
    'Largest job payload, in characters of its JSON text.',
  ),
  queues: list('RAVENMQ_QUEUES', [], 'Queues a worker serves. Empty: all.'),
  slots: int('RAVENMQ_SLOTS', 4, 1, 10_000, 'Jobs a worker process runs at the same time.'),
  fastSlots: int(
    'RAVENMQ_FAST_SLOTS',
    0,
    0,
    9_999,
    'Of RAVENMQ_SLOTS, how many are kept for jobs predicted to be short; fewer than there are. 0: none.',
  ),
  fastUnderMs: int(
    'RAVENMQ_FAST_UNDER_MS',
    1_000,
    1,
    86_400_000,
    'Predicted run time below which a job is short for RAVENMQ_FAST_SLOTS, in milliseconds.',
  ),
  fastLendMs: int(
    'RAVENMQ_FAST_LEND_MS',
    5_000,
    0,
    86_400_000,
    'Time without a short job after which kept slots are lent to any job, in milliseconds.',
  ),
  leaseMs: int(
    'RAVENMQ_LEASE_MS',
    30_000,
    300,
    3_600_000,
    'Lifetime of a claim, in milliseconds; renewed every third of it.',
  ),
  heartbeatMs: int(
    'RAVENMQ_HEARTBEAT_MS',
    5_000,
    100,
    60_000,
    'Interval of worker heartbeats, in milliseconds; dead after three.',
  ),
  pollMs: int(
    'RAVENMQ_POLL_MS',
    50,
    10,
    60_000,
    'Longest time an idle worker waits before it looks for jobs although no wake-up came, in milliseconds.',
  ),
  wakeUps: bool(
    'RAVENMQ_WAKE_UPS',
    true,
    'Tell idle workers of new jobs by NOTIFY, after the commit. Without it they find them by their poll.',
  ),
  graceMs: int(
    'RAVENMQ_GRACE_MS',
    20_000,
    0,
    86_400_000,
    'Time running jobs get at a stop before they are released, in milliseconds.',
  ),
  leaderTermMs: int(
    'RAVENMQ_LEADER_TERM_MS',
    5_000,
    500,
    60_000,
    'Lifetime of a leader term, in milliseconds; renewed after three tenths of it.',
  ),
  startWaitMs: int(
    'RAVENMQ_START_WAIT_MS',
    0,
    0,
    3_600_000,
    'Time a role waits at its start for a database that does not answer yet, in milliseconds. 0: it ends at once.',
  ),
  retentionDays: int(
    'RAVENMQ_RETENTION_DAYS',
    30,
    1,
    3_650,
    'Days that finished jobs and their attempts are kept; whole days are dropped.',
  ),
  allowShell: bool('RAVENMQ_ALLOW_SHELL', false, 'The worker runs jobs of type `shell`.'),
  shellAllow: list(
    'RAVENMQ_SHELL_ALLOW',
    [],
    'Absolute paths of the programs that shell jobs may run, or `*` for any. Needed with RAVENMQ_ALLOW_SHELL.',
  ),
  shellUser: text(
    'RAVENMQ_SHELL_USER',
    'nobody',
    'User that shell and ml jobs run as when the worker runs as root.',
  ),
  etlFolders: list(
    'RAVENMQ_ETL_FOLDERS',
    [],
    "Absolute folders that jobs of type `etl` may read and write below; `{tenant}` in one stands for the id of the job's organization. Empty: the worker runs no such jobs. `ravenmq up` takes `files` in its data folder.",
  ),
  etlMemoryMb: int(
    'RAVENMQ_ETL_MEMORY_MB',
    512,
    64,
    1_048_576,
    'Memory that the SQL of one etl job may use, in megabytes; what does not fit goes to a temporary folder.',
  ),
  allowMl: bool('RAVENMQ_ALLOW_ML', false, 'The worker runs jobs of type `ml`.'),
  mlAllow: list(
    'RAVENMQ_ML_ALLOW',
    [],
    'Absolute paths of the programs that ml jobs may run, or `*` for any. Needed with RAVENMQ_ALLOW_ML.',
  ),
  mlFolder: text(
    'RAVENMQ_ML_FOLDER',
    '',
    'Absolute folder for checkpoints and artifacts of ml jobs, kept as long as the history; on storage that workers share, a run can be resumed on another machine. Needed with RAVENMQ_ALLOW_ML. `ravenmq up` takes `ml` in its data folder.',
  ),
  httpAllowPrivate: list(
    'RAVENMQ_HTTP_ALLOW_PRIVATE',
    [],
    'Private `host:port` targets or CIDR ranges that http jobs may call all the same.',
  ),
  logLevel: text('RAVENMQ_LOG_LEVEL', 'info', 'trace, debug, info, warn, error or silent.'),
} as const satisfies Record<string, Setting<string> | Setting<number> | Setting<boolean> | Setting<string[]>>;

type Widen<T> = T extends Setting<infer V> ? V : never;
export type Config = { -readonly [K in keyof typeof settings]: Widen<(typeof settings)[K]> };

/** Reads the settings from environment-like strings. Throws one error that lists every bad value. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
    const raw = env[setting.env];
    config[name] = raw === undefined || raw === '' ? setting.fallback : parse(setting, raw, problems);
  }
  const parsed = config as unknown as Config;
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(parsed.schema)) {
    problems.push(`RAVENMQ_SCHEMA=${parsed.schema}: lower-case letters, digits and _, 41 characters at most`);
  }
  if (parsed.jwtSecret !== '' && parsed.jwtSecret.length < 32) {
    problems.push('RAVENMQ_JWT_SECRET: at least 32 characters');
  }
  if (parsed.fastSlots >= parsed.slots) {
    problems.push(`RAVENMQ_FAST_SLOTS=${parsed.fastSlots}: fewer than RAVENMQ_SLOTS (${parsed.slots})`);
  }
  if (problems.length > 0)
    throw new Error(`Settings that cannot be used:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return parsed;
}
