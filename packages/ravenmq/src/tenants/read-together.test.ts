import { expect, test } from 'vitest';
import { readTogether } from './read-together.ts';

test('those who ask in the same moment share a read, later ones get a read that begins after they asked', async () => {
  const reads: { keys: string[]; answer: (rows: Map<string, string>) => void }[] = [];
  const began = { next: Promise.withResolvers<void>() };
  const read = readTogether((keys) => {
    began.next.resolve();
    began.next = Promise.withResolvers();
    return new Promise<Map<string, string>>((answer) => reads.push({ keys, answer }));
  });

  let started = began.next.promise;
  const first = [read('a'), read('b'), read('a')];
  await started;
  expect(reads.map(({ keys }) => keys)).toEqual([['a', 'b']]);

  started = began.next.promise;
  const later = read('a');
  reads[0]?.answer(new Map([['a', 'old']]));
  expect(await Promise.all(first)).toEqual(['old', undefined, 'old']);
  await started;
  reads[1]?.answer(new Map([['a', 'new']]));
  expect(await later).toBe('new');
  expect(reads).toHaveLength(2);
});

test('a read that fails fails for those who shared it only', async () => {
  let fails = true;
  const read = readTogether(async (keys) => {
    if (fails) throw new Error('no database');
    return new Map(keys.map((key) => [key, key]));
  });
  const answers = await Promise.allSettled([read('a'), read('b')]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await read('a')).toBe('a');
});
