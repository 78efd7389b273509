import { isIPv6 } from 'node:net';
import type { Pool } from '../db/connect.ts';
import { Problem } from './problems.ts';

/**
 * Counts a call in its minute, over all replicas, and throws `too_many_requests` past the limit. Fixed windows of the
 * database's clock.
 */
export async function countPerMinute(pool: Pool, bucket: string, limit: number): Promise<void> {
  const { rows } = await pool.query<{ count: number; seconds_left: number }>(
    `insert into rate_limit (bucket, minute, count) values ($1, date_trunc('minute', now()), 1)
     on conflict (bucket, minute) do update set count = rate_limit.count + 1
     returning count, ceil(60 - extract(second from now()))::int as seconds_left`,
    [bucket],
  );
  const [row] = rows;
  if (row && row.count > limit) {
    throw new Problem('too_many_requests', `At most ${limit} a minute from one address.`, {
      retryAfterSeconds: Math.max(1, row.seconds_left),
    });
  }
}

/** The address that counts as one client: of IPv6 the first 64 bits, as one machine has them all. */
export function clientBucket(ip: string): string {
  if (!isIPv6(ip) || ip.toLowerCase().startsWith('::ffff:')) return ip.replace(/^::ffff:/i, '');
  const url = new URL(`http://[${ip.split('%')[0]}]`);
  const [head = '', tail] = url.hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** A generous limit per user on this replica, so that a runaway client cannot take it all. */
export function createUserLimit(perMinute: number): (userId: string) => void {
  let minute = 0;
  let counts = new Map<string, number>();
  return (userId) => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) {
      minute = now;
      counts = new Map();
    }
    const count = (counts.get(userId) ?? 0) + 1;
    counts.set(userId, count);
    if (count > perMinute) {
      throw new Problem('too_many_requests', `At most ${perMinute} requests a minute.`, {
        retryAfterSeconds: 60 - (Math.floor(Date.now() / 1_000) % 60),
      });
    }
  };
}
