/** The processes that take part in a benchmark: started here, told what to do, and their processor time read. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Place, Tuning } from './contestant.ts';
import { familyCpuMs } from './cpu.ts';
import type { Answer, Order, Production, Report } from './orders.ts';

export interface Actor {
  warmUp(): Promise<void>;
  produce(production: Production): Promise<Answer & { said: 'produced' }>;
  work(tuning: Tuning): Promise<void>;
  accompany(): Promise<void>;
  /** Jobs its worker has handled so far, a few milliseconds old. */
  readonly handled: number;
  onHandled: () => void;
  /** Since its start, children included. */
  cpuMs(): number;
  report(): Promise<Report>;
  stop(): Promise<Report>;
}

export async function startActor(name: string, place: Place): Promise<Actor> {
  const file = fileURLToPath(new URL('./actor.ts', import.meta.url));
  const child = fork(file, [name, place.databaseUrl, place.redisUrl]);
  const waiting: ((answer: Answer) => void)[] = [];
  const actor = { handled: 0, onHandled() {} };
  child.on('message', (answer: Answer) => {
    if (answer.said !== 'handled') return waiting.shift()?.(answer);
    actor.handled = answer.handled;
    actor.onHandled();
  });
  child.on('exit', (code) => {
    if (code !== 0 || waiting.length > 0)
      throw new Error(`The ${name} process ended with ${code}; it says why above.`);
  });
  const answer = () => new Promise<Answer>((resolve) => waiting.push(resolve));
  const ask = (order: Order) => {
    const answered = answer();
    child.send(order);
    return answered;
  };
  await answer();
  return Object.assign(actor, {
    warmUp: async () => void (await ask({ do: 'warm up' })),
    produce: (production: Production) =>
      ask({ do: 'produce', ...production }) as Promise<Answer & { said: 'produced' }>,
    work: async (tuning: Tuning) => void (await ask({ do: 'work', tuning })),
    accompany: async () => void (await ask({ do: 'accompany' })),
    cpuMs: () => familyCpuMs(child.pid as number),
    report: () => ask({ do: 'report' }) as Promise<Report>,
    stop: () => ask({ do: 'stop' }) as Promise<Report>,
  });
}

/** Resolves when the workers have handled so many jobs together. */
export function handled(workers: Actor[], jobs: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (workers.reduce((sum, worker) => sum + worker.handled, 0) >= jobs) resolve();
    };
    for (const worker of workers) worker.onHandled = look;
    look();
  });
}
