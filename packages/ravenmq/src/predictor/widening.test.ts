import { expect, test } from 'vitest';
import { normal, seeded } from './net/random.ts';
import { Widening } from './widening.ts';

test.each([0.4, 1, 2.5])(
  'a 90th percentile that is %f times too near or far comes to cover nine of ten',
  (off) => {
    const widening = new Widening();
    const random = seeded(1);
    let covered = 0;
    for (let n = 0; n < 3_000; n++) {
      const exceeded = normal(random) > off * 1.2816 * widening.factor;
      widening.observe(exceeded);
      if (n >= 1_000 && !exceeded) covered++;
    }
    expect(covered / 2_000).toBeGreaterThan(0.885);
    expect(covered / 2_000).toBeLessThan(0.915);
  },
);
