/**
 * Who leads. Truth is the row scheduler_leader: a term number, issued by the database and only growing, its expiry,
 * and the proof that its holder's statements show, drawn at the election. The session advisory lock is the fast path:
 * whoever obtains it knows that the former leader's session is gone and may lead at once. A leader that is paused
 * keeps its session, and so the lock; when its term has expired a standby ends that session and takes over.
 *
 * The leader trusts its term only until `sent + term - margin` on its own monotonic clock, counted from the moment it
 * sent the renewal. Two leaders at once would still be harmless: every statement of a leader checks its proof.
 */
import type pg from 'pg';
import { createSession, openSession } from '../db/connect.ts';
import { endSession } from '../db/dead-sockets.ts';
import type { Logger } from '../log.ts';
import type { Guard } from '../workers/leader.ts';

const retryMs = 300;
/** Longest wait between failed attempts to connect. */
const longestRetryMs = 2_000;

export interface ElectorOptions {
  url: string;
  schema: string;
  workerId: string;
  termMs: number;
  log: Logger;
  /** Starts the leader's services. Must not throw. */
  lead(guard: Guard, term: number): void;
  /** Stops them; awaited before another election. */
  standDown(): Promise<void>;
}

export interface Elector {
  start(): void;
  stop(): Promise<void>;
}

/** Advisory lock 12345 in the default schema, another of the same family in any other. */
function leaderLock(schema: string): string {
  if (schema === 'ravenmq') return '12345';
  let hash = 5381n;
  for (const letter of schema) hash = (hash * 33n + BigInt(letter.charCodeAt(0))) & 0x3fffffffn;
  return ((hash << 32n) + 12345n).toString();
}

export function createElector(options: ElectorOptions): Elector {
  const { url, schema, workerId, termMs, log } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let failures = 0;

  /** One session with the database: standby, then perhaps leader, until the session or the term is lost. */
  async function session(): Promise<void> {
    const connection = {
      url,
      schema,
      applicationName: `ravenmq leader ${workerId}`,
      statementTimeoutMs: termMs / 2,
    };
    const client = createSession(connection);
    client.on('error', () => {});
    try {
      await openSession(client, connection);
      failures = 0;
      while (!stopping.signal.aborted) {
        const sent = performance.now();
        const won = await stand(client);
        if (won) return await reign(client, won, sent);
        await pause(retryMs * (0.75 + 0.5 * Math.random()));
      }
    } finally {
      await endSession(client);
    }
  }

  /** Tries for the lock; on an expired term, first ends the session that holds it. Answers the new term if it won. */
  async function stand(client: pg.Client): Promise<Election | undefined> {
    const lock = leaderLock(schema);
    const { rows } = await client.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [lock]);
    if (rows[0]?.won) return takeTerm(client);
    const ended = await client.query(endHolderText, [lock]);
    if (ended.rowCount) log.warn({ event: 'paused_leader_ended', workerId });
    return undefined;
  }

  async function takeTerm(client: pg.Client): Promise<Election | undefined> {
    const { rows } = await client.query<Election & Record<string, unknown>>(takeTermText, [workerId, termMs]);
    return rows[0];
  }

  async function reign(client: pg.Client, { term, proof }: Election, elected: number): Promise<void> {
    log.info({ event: 'leader_elected', workerId, term });
    const margin = termMs / 5;
    let trustedUntil = elected + termMs - margin;
    options.lead({ proof }, term);
    try {
      while (!stopping.signal.aborted) {
        await pause(Math.min(termMs * 0.3, Math.max(0, trustedUntil - performance.now())));
        if (stopping.signal.aborted) break;
        const sent = performance.now();
        const renewal = client.query(renewText, [proof, termMs]);
        const expired = pauseThen(trustedUntil - performance.now(), undefined);
        const renewed = await Promise.race([renewal, expired]);
        renewal.catch(() => {});
        if (!renewed?.rowCount) {
          log.warn({ event: 'leader_lost_term', workerId, term });
          return;
        }
        trustedUntil = sent + termMs - margin;
      }
    } finally {
      await options.standDown();
      if (stopping.signal.aborted) await client.query(resignText, [proof]).catch(() => {});
      log.info({ event: 'leader_stood_down', workerId, term });
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session();
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ event: 'election_failed', workerId, err: error });
        const growing = Math.min(longestRetryMs, retryMs * 2 ** failures++);
        await pause(growing * (0.5 + Math.random()));
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return pauseThen(ms, undefined);
  }

  function pauseThen<T>(ms: number, value: T): Promise<T> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', done);
        resolve(value);
      };
      const timer = setTimeout(done, Math.max(0, ms));
      stopping.signal.addEventListener('abort', done, { once: true });
      if (stopping.signal.aborted) done();
    });
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

interface Election extends Guard {
  term: number;
}

const takeTermText = `insert into scheduler_leader
    (id, worker_id, term, proof, backend_pid, backend_start, elected_at, last_seen, expires_at)
  select 1, $1, 1, (1e12 + random() * 8e15)::bigint, pid, backend_start, clock_timestamp(), clock_timestamp(),
    clock_timestamp() + $2 * interval '1 millisecond'
  from pg_stat_activity where pid = pg_backend_pid()
  on conflict (id) do update set worker_id = excluded.worker_id, term = scheduler_leader.term + 1,
    proof = excluded.proof,
    backend_pid = excluded.backend_pid, backend_start = excluded.backend_start, elected_at = excluded.elected_at,
    last_seen = excluded.last_seen, expires_at = excluded.expires_at
  returning term, proof`;

const renewText = `update scheduler_leader
  set last_seen = clock_timestamp(), expires_at = clock_timestamp() + $2 * interval '1 millisecond'
  where proof = $1 and expires_at > clock_timestamp()`;

const resignText = 'update scheduler_leader set expires_at = clock_timestamp() where proof = $1';

/**
 * Ends the session that holds the lock under an expired term. A session that obtained the lock within the last
 * second is spared: it is about to write its own term.
 */
const endHolderText = `select pg_terminate_backend(l.pid)
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32) | l.objid::bigint = $1::bigint
    and a.state_change < clock_timestamp() - interval '1 second'
    and not exists (select from scheduler_leader where expires_at > clock_timestamp())`;
