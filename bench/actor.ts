/**
 * One producer, worker or companion in a process of its own, so that no event loop is another's: started with the
 * name of a contestant and its place, told what to do over IPC.
 */
import { type Contestant, contestant, monotonicMs, type Producer, type Running } from './contestant.ts';
import type { Answer, Order, Report } from './orders.ts';
import { produce } from './production.ts';

const [name = '', databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
const subject: Contestant = await contestant(name, { databaseUrl, redisUrl, historyRows: 0 });
let producer: Producer | undefined;
const running: Running[] = [];
let handled = 0;
let starts: number[] = [];
let waits: number[] = [];
let counting: NodeJS.Timeout | undefined;

const say = (answer: Answer) => process.send?.(answer);

async function theProducer(): Promise<Producer> {
  producer ??= await subject.produce();
  return producer;
}

function report(): Report {
  const answer: Report = { said: 'report', starts, waits };
  starts = [];
  waits = [];
  return answer;
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'warm up') await theProducer();
  if (order.do === 'produce') {
    const made = await theProducer();
    const began = monotonicMs();
    const acknowledged = await produce(made, order);
    return void say({ said: 'produced', ms: monotonicMs() - began, acknowledged });
  }
  if (order.do === 'work') {
    const onJob = ({ at }: { at: number }) => {
      const now = monotonicMs();
      handled++;
      starts.push(now);
      waits.push(now - at);
    };
    running.push(await subject.work(onJob, order.tuning));
    let said = 0;
    counting = setInterval(() => {
      if (handled > said) say({ said: 'handled', handled });
      said = handled;
    }, 10);
  }
  if (order.do === 'accompany' && subject.accompany) running.push(await subject.accompany());
  if (order.do === 'report') return void say(report());
  if (order.do === 'stop') {
    clearInterval(counting);
    for (const each of running) await each.stop();
    await producer?.close();
    return void process.send?.(report(), () => process.exit(0));
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
