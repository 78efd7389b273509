import { expect, test } from 'vitest';
import { questionOf, questionText } from './whatif.ts';

function filled(fields: [string, string][]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

test('a form becomes a question; lists of numbers take spaces and commas', () => {
  const fields: [string, string][] = [
    ['window', 'week'],
    ['policy', 'fifo'],
    ['policy', 'adaptive'],
    ['slots', '4, 8 16'],
    ['scales', ' 1 1.5 '],
  ];
  const question = {
    window: 'week',
    policies: ['fifo', 'adaptive'],
    slots: [4, 8, 16],
    arrival_scales: [1, 1.5],
  };
  expect(questionOf(filled(fields))).toEqual(question);
  expect(questionOf(filled([...fields, ['everything', 'on']]))).toEqual({ ...question, scope: 'all' });
  expect(() => questionOf(filled([['slots', '4 many']]))).toThrow('Slots: “many” is not a number.');
  expect(() => questionOf(filled([['slots', '']]))).toThrow('Slots: “” is not a number.');
});

test('a question is said in one line', () => {
  const asked = {
    ...{ window: 'day' as const, predictor: 'shrunk-mean', everything: false, policies: ['fifo' as const] },
    ...{ slots: [4, 8], arrival_scales: [1] },
  };
  expect(questionText(asked)).toBe('fifo on 4 or 8 slots');
  expect(questionText({ ...asked, arrival_scales: [1, 1.3], queue: 'batch' })).toBe(
    'fifo on 4 or 8 slots, × 1 or 1.3 the arrivals, queue batch',
  );
});
