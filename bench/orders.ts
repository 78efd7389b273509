/** What passes between a question and the processes it has started. */
import type { Tuning } from './contestant.ts';

export interface Production {
  /** How one call submits: a job, a job inside the caller's own transaction, or `size` jobs. */
  how: 'one' | 'in transaction' | 'many';
  jobs: number;
  /** Callers that each wait for their answer before the next call; ignored when calls are paced. */
  callers?: number;
  /** Jobs of one call. */
  size?: number;
  /** Calls come at this pace, in jobs a second, whether or not those before were answered. */
  perSecond?: number;
  /** All urgencies instead of first come, first served. */
  levels?: boolean;
}

export type Order =
  | { do: 'warm up' }
  | ({ do: 'produce' } & Production)
  | { do: 'work'; tuning: Tuning }
  | { do: 'accompany' }
  | { do: 'report' }
  | { do: 'stop' };

export type Answer =
  | { said: 'ready' }
  | { said: 'produced'; ms: number; acknowledged: number[] }
  | { said: 'handled'; handled: number }
  | Report;

export interface Report {
  said: 'report';
  /** Monotonic times of the starts of handlers since the last report, in milliseconds. */
  starts: number[];
  /** From submission to the start of the handler, in milliseconds, in the same order. */
  waits: number[];
}
