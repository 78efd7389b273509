/** The process dies at every named place, between two steps whose order the guarantees rest on. */
import { crashpoints } from '../../../src/crashpoint.ts';
import { eventually } from '../../eventually.ts';
import type { Fault, Trial } from '../fault.ts';
import type { Place, Role } from '../stack.ts';

const reachedWithinMs = 20_000;

export const everyCrashpoint: Fault = {
  id: 'F17',
  title: 'a process kills itself at every named place',
  // For a place that only a leader comes by the other scheduler is taken away: nobody leads until one has started.
  leaderlessMs: 12_000,
  async run(trial) {
    for (let n = 0; n < trial.size.times; n++) {
      for (const name of crashpoints) await dieAt(trial, name);
    }
  },
};

const roleOf = (name: string): Role =>
  name.startsWith('leader') ? 'scheduler' : name.startsWith('submit') ? 'api' : 'worker';

async function dieAt(trial: Trial, name: string): Promise<void> {
  const { stack, deeds, random, problem } = trial;
  const role = roleOf(name);
  const place = random.pick(stack.of(role)) as Place;
  await place.child.kill();
  const victim = stack.restart(place, { env: { RAVENMQ_CRASHPOINT: name } });
  victim.doomed = true;
  // Nobody else may lead, or the place is never come by.
  const others = stack.of('scheduler').filter((other) => role === 'scheduler' && other !== place);
  await Promise.all(others.map((other) => other.child.kill()));
  deeds.kills += 2 + others.length;
  await eventually(() => victim.exit, { timeoutMs: reachedWithinMs }).catch(() =>
    problem('A11', `nobody came by the crashpoint '${name}'`),
  );
  if (victim.exit?.code) problem('A11', `'${name}': ${victim.log.slice(-3).join(' ')}`);
  await victim.kill();
  for (const ended of [place, ...others]) stack.restart(ended);
}
