/** A random half of the faults, mixed: two at a time, for as long as the trial lasts. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Trial } from '../fault.ts';
import type { Server } from '../server.ts';
import { leaseMs, termMs } from '../stack.ts';
import { crashAndRestart, onlyRead, stayAway } from './database.ts';
import { badWeather, cutConnections, endedBackends, halfOpen } from './network.ts';

type Strike = (trial: Trial) => Promise<void>;

const short = (fault: Fault, times: number): Strike => {
  return (trial) => fault.run({ ...trial, size: { times, seconds: 3, perSecond: 0 } });
};

const strikes: Record<string, Strike> = {
  'killed worker': (trial) => trial.kill(trial.anyOf('worker')),
  'killed scheduler': (trial) => trial.kill(trial.anyOf('scheduler')),
  'killed api': (trial) => trial.kill(trial.anyOf('api')),
  'paused worker': (trial) => trial.pause(trial.anyOf('worker'), leaseMs * trial.random.between(1.5, 3)),
  'paused scheduler': (trial) => trial.pause(trial.anyOf('scheduler'), termMs * trial.random.between(2, 4)),
  'bad weather': short(badWeather, 1),
  'half-open connections': short(halfOpen, 1),
  'cut connections': short(cutConnections, 10),
  'ended backends': short(endedBackends, 5),
  'crashed database': (trial) => alone(trial, crashAndRestart),
  'absent database': (trial) => alone(trial, (one) => stayAway(one, 2_000)),
  'read-only database': (trial) => alone(trial, (one) => onlyRead(one, 2_000)),
  'rolled process': (trial) => trial.roll(trial.anyOf('api', 'scheduler', 'worker')),
};

const struck = new WeakSet<Server>();

/** One fault of the server at a time: it cannot be stopped twice, or told to only read while it is down. */
async function alone(trial: Trial, strike: Strike): Promise<void> {
  if (struck.has(trial.server)) return;
  struck.add(trial.server);
  await strike(trial).finally(() => struck.delete(trial.server));
}

export const swarm: Fault = {
  id: 'F20',
  title: 'a random half of all faults, mixed',
  workers: 4,
  recoverWithinMs: 15_000,
  // Faults of both schedulers at the same time leave nobody to take over.
  leaderlessMs: 12_000,
  // A stop waits for statements and connections that hang.
  stopWithinMs: 30_000,
  async run(trial) {
    const { size, random } = trial;
    const names = random.some(Object.keys(strikes), Math.ceil(Object.keys(strikes).length / 2));
    trial.note(names.join(', '));
    const until = performance.now() + size.seconds * 1_000;
    const lane = async () => {
      while (performance.now() < until) {
        const name = random.pick(names);
        trial.trace(name);
        await strikes[name]?.(trial).catch((error: Error) => {
          // The database was taken away from under a fault that asks it something.
          if (trial.server.up) trial.note(`${name}: ${error.message}`);
        });
        trial.mend();
        await pause(random.between(100, 500));
      }
    };
    await Promise.all([lane(), lane()]);
  },
};
