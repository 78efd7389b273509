/** The jobs of a trial: mostly short and plain, with a share of everything that can go another way. */
import type { Random } from './random.ts';

export interface WorkPayload {
  ms: number;
  /** Attempts that fail, before one succeeds. */
  failures?: number;
  /** Fails for good at the first attempt. */
  fatal?: boolean;
  /** Keeps the event loop busy all the time. */
  spin?: boolean;
  /** Takes its process with it. */
  die?: 'kill' | 'exit' | 'memory' | 'throw';
}

export type Kind =
  | 'plain'
  | 'retried'
  | 'fatal'
  | 'limited'
  | 'delayed'
  | 'long'
  | 'cancelled'
  | 'probe'
  | 'poison';

export interface Draft {
  kind: Kind;
  payload: WorkPayload;
  concurrencyKey?: string;
  delayMs?: number;
  /** Static priority. */
  weight?: number;
  maxRetries: number;
}

/** Jobs of this key run two at a time, in each organization. */
export const limitedKey = 'narrow';
export const limitOfKey = 2;

/** Retries that no number of faults uses up: what ends otherwise is lost. */
const enough = 90;

/** Of a hundred jobs, those below the number that no kind before it took. */
const upTo: [Kind, number][] = [
  ['retried', 8],
  ['fatal', 13],
  ['limited', 21],
  ['delayed', 29],
  ['long', 30.5],
  ['cancelled', 32],
  ['plain', 100],
];

export function draw(random: Random): Draft {
  const roll = random.between(0, 100);
  return draftOf(upTo.find(([, limit]) => roll < limit)?.[0] ?? 'plain', random);
}

export function draftOf(kind: Kind, random: Random): Draft {
  const ms = random.whole(1, 25);
  switch (kind) {
    case 'retried':
      return { kind, payload: { ms, failures: random.whole(1, 2) }, maxRetries: enough };
    case 'fatal':
      return { kind, payload: { ms, fatal: true }, maxRetries: enough };
    case 'limited':
      return { kind, payload: { ms }, concurrencyKey: limitedKey, maxRetries: enough };
    case 'delayed':
      return { kind, payload: { ms }, delayMs: random.whole(200, 1_000), maxRetries: enough };
    case 'long':
      return { kind, payload: { ms: random.whole(1_500, 2_500) }, maxRetries: enough };
    case 'cancelled':
      return { kind, payload: { ms: 600_000 }, maxRetries: enough };
    default:
      return { kind, payload: { ms }, maxRetries: enough };
  }
}

/** How a job of this kind may end. */
export function endings(kind: Kind): readonly string[] {
  if (kind === 'fatal' || kind === 'poison') return ['failed'];
  if (kind === 'cancelled') return ['cancelled'];
  return ['done'];
}
