/**
 * Password hashing: argon2id at the OWASP minimum. One hash takes 19 MiB and tens of milliseconds of a core, so only
 * a few run at a time and the queue is short: past it callers are told to come back.
 */
import { hash, verify } from '@node-rs/argon2';

const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const atOnce = 2;
const longestQueue = 50;

export class TooBusy extends Error {
  override name = 'TooBusy';
}

let running = 0;
const queue: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (queue.length >= longestQueue) throw new TooBusy('Too many sign-ins at the same time.');
    await new Promise<void>((resolve) => queue.push(resolve));
  }
  running++;
  try {
    return await work();
  } finally {
    running--;
    queue.shift()?.();
  }
}

export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, parameters));
}

/** Made once, so that an unknown user takes as long to refuse as a wrong password. */
let decoy: Promise<string> | undefined;

/** Whether the password fits the hash; `undefined` (no such user) takes as long and is never right. */
export async function checkPassword(stored: string | undefined, password: string): Promise<boolean> {
  decoy ??= hash('a password that nobody has', parameters);
  const against = stored ?? (await decoy);
  return (await inTurn(() => verify(against, password))) && stored !== undefined;
}
