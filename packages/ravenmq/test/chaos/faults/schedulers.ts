/** Faults of the leader. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import type { Child } from '../child.ts';
import type { Fault, Trial } from '../fault.ts';
import { type Place, termMs } from '../stack.ts';

/** The leader, once the other scheduler stands by. */
export async function leaderWithStandby({ stack }: Trial): Promise<{ place: Place; term: number }> {
  return eventually(
    async () => {
      const leader = await stack.leader();
      const standby = stack.of('scheduler').every(({ name, child, proxy }) => {
        if (name === leader?.place.name) return true;
        return !child.exit && proxy.open > 0 && !takesItselfForLeader(child);
      });
      return standby ? leader : undefined;
    },
    { timeoutMs: 20_000, everyMs: 20 },
  );
}

function takesItselfForLeader({ log }: Child): boolean {
  return log.findLast((line) => /"leader_(elected|stood_down)"/.test(line))?.includes('elected') ?? false;
}

export async function nextTerm({ stack }: Trial, term: number): Promise<void> {
  await eventually(async () => ((await stack.leader())?.term ?? 0) > term, {
    timeoutMs: 20_000,
    everyMs: 5,
  });
}

function led(trial: Trial, after: string, ms: number, withinMs: number): void {
  trial.recoveries.push({ what: `the next leader after ${after}`, ms });
  if (ms > withinMs) trial.problem('A8', `the next leader after ${after} took ${ms} ms`);
}

export const killedLeader: Fault = {
  id: 'F2',
  title: 'kill -9 of the leader',
  async run(trial) {
    for (let n = 0; n < trial.size.times; n++) {
      const { place, term } = await leaderWithStandby(trial);
      const struck = Date.now();
      const killed = trial.kill(place);
      await nextTerm(trial, term);
      led(trial, 'a kill', Date.now() - struck, 2_000);
      await killed;
    }
  },
};

export const pausedLeader: Fault = {
  id: 'F4',
  title: 'leader paused for 2 to 6 terms',
  async run(trial) {
    const { size, random } = trial;
    for (let n = 0; n < size.times; n++) {
      const leader = await eventually(() => trial.stack.leader(), { timeoutMs: 20_000 });
      const struck = Date.now();
      const paused = trial.pause(leader.place, termMs * random.between(2, n === 0 ? 6 : 3));
      await nextTerm(trial, leader.term);
      led(trial, 'a pause', Date.now() - struck, termMs + 2_000);
      await paused;
      // Time for the old one to do what it should not.
      await pause(300);
    }
  },
};
