import { expect, test } from 'vitest';
import { faults } from './faults/catalogue.ts';
import { type Profile, partOf, unitsOf } from './profiles.ts';

const profiles: Profile[] = ['pr', 'nightly', 'release'];

test.each(profiles)('every unit of %s names a fault, and is in exactly one part', (profile) => {
  const units = unitsOf(profile);
  const ids = faults.map((fault) => fault.id);
  expect(units.filter((unit) => !ids.includes(unit.fault))).toEqual([]);
  expect(new Set(units.map((unit) => unit.name)).size).toBe(units.length);
  const parts = [1, 2, 3, 4, 5].flatMap((part) => partOf(units, part, 5));
  expect(parts.map((unit) => unit.name).sort()).toEqual(units.map((unit) => unit.name).sort());
});

test('every fault is in the nightly profile, and its twelve parts take no hour each', () => {
  const units = unitsOf('nightly');
  expect(new Set(units.map((unit) => unit.fault))).toEqual(new Set(faults.map((fault) => fault.id)));
  for (let part = 1; part <= 12; part++) {
    const seconds = partOf(units, part, 12).reduce((sum, unit) => sum + unit.expectedSeconds, 0);
    expect(seconds).toBeLessThan(3_600);
  }
});
