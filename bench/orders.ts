/** What passes between a question and the processes it has started. */
import type { Tuning } from './contestant.ts';

export interface Production {
  mode: 'single' | 'bulk' | 'paced';
  callers: number;
  jobs: number;
  /** Of the paced mode. */
  perSecond: number;
}

export type Order =
  | { do: 'warm up' }
  | ({ do: 'produce' } & Production)
  | { do: 'work'; tuning: Tuning; waits: boolean }
  | { do: 'report' }
  | { do: 'stop' };

export type Answer =
  | { said: 'ready' }
  | { said: 'produced'; ms: number; cpuMs: number; acknowledged: number[] }
  | { said: 'handled'; handled: number }
  | Report;

export interface Report {
  said: 'report';
  handled: number;
  /** Of the whole process since its start. */
  cpuMs: number;
  /** From submission to the start of the handler, in milliseconds. */
  waits: number[];
}
