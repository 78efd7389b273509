/**
 * One producer or worker in a process of its own, so that neither's event loop is the other's: started with the name
 * of a contestant and its place, told what to do over IPC.
 */
import {
  type Contestant,
  contestant,
  monotonicMs,
  type Producer,
  payloads,
  type RunningWorker,
} from './contestant.ts';
import type { Answer, Order, Production } from './orders.ts';

const [name = '', databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
const subject: Contestant = await contestant(name, { databaseUrl, redisUrl });
let producer: Producer | undefined;
let worker: RunningWorker | undefined;
let handled = 0;
let waits: number[] = [];
let counting: NodeJS.Timeout | undefined;

const say = (answer: Answer) => process.send?.(answer);
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

async function theProducer(): Promise<Producer> {
  producer ??= await subject.produce();
  return producer;
}

async function produce({ mode, callers, jobs, perSecond }: Production): Promise<number[]> {
  const made = await theProducer();
  const acknowledged: number[] = [];
  const one = async (n: number) => {
    const at = monotonicMs();
    await made.one({ n, at });
    acknowledged.push(monotonicMs() - at);
  };
  if (mode === 'paced') {
    const began = monotonicMs();
    const under: Promise<void>[] = [];
    for (let n = 0; n < jobs; n++) {
      const due = began + (n * 1_000) / perSecond;
      while (monotonicMs() < due) await new Promise((resolve) => setTimeout(resolve, 1));
      under.push(one(n));
    }
    await Promise.all(under);
    return acknowledged;
  }
  let next = 0;
  const size = mode === 'bulk' ? 1_000 : 1;
  const call = async () => {
    while (next < jobs) {
      const n = next;
      next += size;
      if (mode === 'bulk') await made.many(payloads(Math.min(size, jobs - n)));
      else await one(n);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return acknowledged;
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'warm up') await theProducer();
  if (order.do === 'produce') {
    const cpuBefore = cpuMs();
    const began = monotonicMs();
    const acknowledged = await produce(order);
    return void say({
      said: 'produced',
      ms: monotonicMs() - began,
      cpuMs: cpuMs() - cpuBefore,
      acknowledged,
    });
  }
  if (order.do === 'work') {
    const onJob = ({ at }: { at: number }) => {
      handled++;
      if (order.waits) waits.push(monotonicMs() - at);
    };
    worker = await subject.work(onJob, order.tuning);
    counting = setInterval(() => say({ said: 'handled', handled }), 5);
  }
  if (order.do === 'report') {
    say({ said: 'report', handled, cpuMs: cpuMs(), waits });
    waits = [];
    return;
  }
  if (order.do === 'stop') {
    clearInterval(counting);
    await worker?.stop();
    await producer?.close();
    say({ said: 'report', handled, cpuMs: cpuMs(), waits });
    return void setTimeout(() => process.exit(0), 10);
  }
  say({ said: 'ready' });
}

process.on('message', (order: Order) => {
  obey(order).catch((error) => {
    console.error(error);
    process.exit(1);
  });
});
say({ said: 'ready' });
