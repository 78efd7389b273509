/** Clocks that are wrong: offsets, other speeds. Only the database's clock decides, so nothing may change. */
import { existsSync, globSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';

/** Of the package libfaketime; RAVENMQ_FAKETIME names one elsewhere. */
function library(): string | undefined {
  const named = process.env.RAVENMQ_FAKETIME;
  if (named) return existsSync(named) ? named : undefined;
  return globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0];
}

const clocks = ['+10m', '-10m', '+0 x2', '+0 x0.5', '+2h', '-2h', '+3d', '+0 x10'];

export const wrongClocks: Fault = {
  id: 'F12',
  title: 'wrong clocks: minutes and days off, too fast, too slow',
  skipped: () => (library() ? undefined : 'libfaketime is not installed'),
  async run({ size, random, stack, deeds, trace }) {
    for (let n = 0; n < size.times; n++) {
      const clock = clocks[n % clocks.length] as string;
      // One of each role; the other scheduler stays to take over.
      const roles = ['api', 'scheduler', 'worker'] as const;
      for (const place of roles.map((role) => random.pick(stack.of(role)))) {
        trace(`${place.name} has the clock ${clock}`);
        deeds.rolls++;
        await place.child.terminate(40_000);
        stack.restart(place, {
          env: {
            LD_PRELOAD: library() as string,
            FAKETIME: clock,
            // Timers keep their pace: a skewed clock is no slow machine.
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
          },
        });
      }
      await pause(size.seconds * 1_000);
    }
  },
};
