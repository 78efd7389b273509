/** Faults of worker processes. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import type { Fault } from '../fault.ts';
import type { Draft } from '../mix.ts';
import { hasLogged, leaseMs } from '../stack.ts';

export const killedWorkers: Fault = {
  id: 'F1',
  title: 'kill -9 of workers',
  workers: 4,
  async run({ size, random, stack, kill }) {
    for (let n = 0; n < size.times; n++) {
      await pause(random.between(200, 600));
      const alive = () => stack.of('worker').filter(({ child }) => hasLogged(child, 'worker_started'));
      await eventually(() => alive().length > 0, { timeoutMs: 30_000 });
      await kill(random.pick(alive()));
    }
  },
};

const midLength: Draft = { kind: 'plain', payload: { ms: 500 }, maxRetries: 90 };

export const pausedWorkers: Fault = {
  id: 'F3',
  title: 'workers paused for 1.5 to 4 leases',
  workers: 4,
  stale: true,
  async run({ size, random, stack, load, pause: hold }) {
    // Two at a time: the others go on meanwhile and take over.
    const [one, two, three, four] = stack.of('worker');
    const pairs = [
      [one, two],
      [three, four],
    ];
    for (let n = 0; n < size.times; n += 2) {
      const pair = pairs[(n / 2) % 2]?.slice(0, size.times - n) ?? [];
      // Something for them to hold when they stop.
      const held = Array.from({ length: 12 }, () => load.submit(midLength));
      await Promise.all(held);
      await Promise.all(pair.map((place) => place && hold(place, leaseMs * random.between(1.5, 4))));
      await pause(300);
    }
  },
};
