import { expect, test } from 'vitest';
import { answer } from '../whatif/answer.ts';
import { answerText } from './whatif.ts';

/** Every ten seconds two long jobs and after them six short ones. */
const rows = Array.from({ length: 400 }, (_, n) => ({
  ...{
    id: String(n),
    tenant: 't',
    user: 'u',
    type: 'a',
    variant: '',
    requestedMs: undefined,
    sizeHint: undefined,
  },
  name: n % 8 < 2 ? 'long' : 'short',
  submitMs: Math.floor(n / 8) * 10_000,
  runtimeMs: n % 8 < 2 ? 6_000 : 500,
}));
const question = {
  ...{ window: 'day' as const, policies: ['adaptive' as const], slots: [2], predictor: 'shrunk-mean' },
  arrival_scales: [1, 1.6],
};

test('the answer is told in a sentence, a table, and what more arrivals would need', () => {
  const shares: number[] = [];
  const text = answerText(answer(question, rows, (share) => shares.push(share)));
  expect(text.split('\n')[0]).toMatch(
    /^400 jobs\. In the order adaptive jobs wait \d+ % less than first come, first served \(.+ instead of .+ in the mean\); the clairvoyant order would wait \d+ % less\.$/,
  );
  expect(text).toMatch(/^order +slots +arrivals +used +mean wait +p95 wait +p99 wait +max wait +gap$/m);
  expect(text).toMatch(/^clairvoyant +2 +1\.6 x +.* 100\.0$/m);
  expect(text).toMatch(/^At 1\.6 x the arrivals the p95 wait grows from .+ to .+; \d slots keep it\.$/m);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});
