import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

export interface Identity {
  /** Unique per start, so that a restarted process is never taken for its predecessor. */
  id: string;
  /** Readable and stable over restarts: lifetime counters are kept under it. */
  name: string;
  hostname: string;
}

export function newIdentity(role: string): Identity {
  const host = hostname();
  const name = `${host}-${role}`;
  return { id: `${name}-${process.pid}-${randomBytes(4).toString('hex')}`, name, hostname: host };
}
