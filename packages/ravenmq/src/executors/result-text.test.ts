import { expect, test } from 'vitest';
import { resultText } from './result-text.ts';

const bytes = (text: string) => Buffer.from(text);

test('NUL is left out and other control characters are kept', () => {
  expect(resultText(bytes('a\0b\u001b[1m\n'), 100).text).toBe('ab\u001b[1m\n');
});

test('the limit counts bytes of JSON, so control characters do not burst it', () => {
  for (const text of ['x'.repeat(5000), '\u0001'.repeat(5000), '😀'.repeat(5000), '"\\'.repeat(5000)]) {
    for (const keep of ['start', 'end'] as const) {
      const cut = resultText(bytes(text), 1000, keep);

      expect(cut.cut).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(cut.text))).toBeLessThanOrEqual(1002);
      expect(cut.text.length).toBeGreaterThan(100);
      expect(cut.text.isWellFormed()).toBe(true);
    }
  }
});

test('a character that a cut split is dropped at either edge', () => {
  expect(resultText(bytes('aé').subarray(0, 2), 100, 'start').text).toBe('a');
  expect(resultText(bytes('éa').subarray(1), 100, 'end').text).toBe('a');
});

test('bytes that are no text become replacement characters', () => {
  expect(resultText(Buffer.from([0xff, 0x61]), 100).text).toBe('\ufffda');
});

test('a known charset is decoded and an unknown one read as UTF-8', () => {
  expect(resultText(Buffer.from([0xe9]), 100, 'start', 'iso-8859-1').text).toBe('é');
  expect(resultText(bytes('é'), 100, 'start', 'no-such-charset').text).toBe('é');
});
