import { expect, test } from 'vitest';
import { compare } from '../simulator/compare.ts';
import { rowOf } from '../simulator/trace.ts';
import { progressOn } from './simulate-progress.ts';
import { scheduleLines, scheduleTitles, tableOf } from './simulate-report.ts';

const rows = Array.from({ length: 60 }, (_, n) =>
  rowOf({
    id: n === 0 ? 'the "first", one' : String(n),
    submitS: n * 10,
    runtimeS: n % 3 === 0 ? 60 : 5,
    user: 'ada',
    group: 'acme',
    name: `series ${n % 3}`,
    queue: '',
    requestedS: undefined,
    requestedSlots: undefined,
  }),
);
const question = {
  rows,
  slots: 1,
  load: 'moderate',
  seeds: [1, 2],
  predictors: ['shrunk-mean', 'experts'],
} as const;

test('a row per order and predictor, in columns', () => {
  const table = tableOf(compare({ ...question, policies: ['fifo', 'adaptive', 'shortest-oracle'] }));

  const cells = table.map((line) => line.split(/ {2,}/));
  expect(cells.map(([policy, predictor]) => [policy, predictor])).toEqual([
    ['policy', 'predictor'],
    ['fifo', '-'],
    ['adaptive', 'shrunk-mean'],
    ['adaptive', 'experts'],
    ['shortest-oracle', 'oracle'],
  ]);
  expect(cells.every((row) => row.length === cells[0]?.length)).toBe(true);
  expect(cells[1]).toContain('0.0 / 0.0');
  expect(cells[4]).toContain('100.0 / 100.0');
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(140);
});

test('the schedule is enough to work the figures out again', () => {
  let text = `${scheduleTitles}\n`;
  const { results } = compare({
    ...question,
    seeds: [0],
    policies: ['adaptive'],
    onSchedule: (...all) => {
      text += scheduleLines(...all);
    },
  });

  const lines = text.trim().split('\n');
  expect(lines).toHaveLength(1 + 4 * rows.length);
  expect(lines[1]).toMatch(/^fifo,,0,"the ""first"", one",0,0,60,,,$/);
  const waits = lines.flatMap((line) => {
    const [policy, predictor, , id, submitS, startS] = line.replace(/".*"/, '0').split(',');
    return policy === 'adaptive' && predictor === 'experts' && Number(id) >= 6
      ? [Number(startS) - Number(submitS)]
      : [];
  });
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  expect(mean * 1_000).toBeCloseTo(results[1]?.figures.meanWaitMs as number, -1);
});

test('progress is told up to the end, and drawn on terminals only', () => {
  const told: number[] = [];
  compare({
    ...question,
    policies: ['fifo', 'adaptive'],
    onProgress: (done, all) => void told.push(done / all),
  });
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(told.at(-1)).toBe(1);

  const drawn = (isTTY: boolean) => {
    let text = '';
    const write = (part: string | Uint8Array) => {
      text += part;
      return true;
    };
    const progress = progressOn({ isTTY, write }, 'replaying');
    progress.at(1, 2);
    progress.end();
    return text;
  };
  expect(drawn(true)).toContain('replaying ███████████████░░░░░░░░░░░░░░░ 50 %');
  expect(drawn(false)).toBe('');
});
