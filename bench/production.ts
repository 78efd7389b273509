/** How a producer submits its jobs: so many callers that wait for their answers, or calls at a steady pace. */
import { monotonicMs, type Payload, type Producer } from './contestant.ts';
import { levels as levelCount } from './levels.ts';
import type { Production } from './orders.ts';

/** Answers how long every call of one job took, in milliseconds. */
export async function produce(producer: Producer, production: Production): Promise<number[]> {
  const { how, jobs, callers = 1, perSecond, levels = false } = production;
  const size = how === 'many' ? (production.size ?? 1_000) : 1;
  const took: number[] = [];

  async function call(n: number): Promise<void> {
    const at = monotonicMs();
    const payload = (n: number): Payload => ({ n, at, ...(levels && { level: (n * 7_919) % levelCount }) });
    if (how === 'one') await producer.one(payload(n));
    else if (how === 'many')
      await producer.many(Array.from({ length: Math.min(size, jobs - n) }, (_, i) => payload(n + i)));
    else if (producer.inTransaction) await producer.inTransaction(payload(n));
    else throw new Error('This contestant cannot submit inside a transaction of the caller.');
    took.push(monotonicMs() - at);
  }

  if (perSecond === undefined) {
    let next = 0;
    const caller = async () => {
      while (next < jobs) {
        const n = next;
        next += size;
        await call(n);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return took;
  }

  const began = monotonicMs();
  const under: Promise<void>[] = [];
  for (let n = 0; n < jobs; n += size) {
    const due = began + (n * 1_000) / perSecond;
    while (monotonicMs() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    under.push(call(n));
  }
  await Promise.all(under);
  return took;
}
