import { expect, test } from 'vitest';
import { type JobType, jobTypes, payloadOf } from './job-types.ts';

const typed = (type: string) => jobTypes.find((each) => each.type === type) as JobType;

test('a form becomes a payload without what was left empty', () => {
  expect(
    payloadOf(typed('http'), {
      url: 'https://a/',
      method: 'POST',
      timeout_ms: '5',
      headers: '{"a":"b"}',
      body: '',
    }),
  ).toEqual({ url: 'https://a/', method: 'POST', timeout_ms: 5, headers: { a: 'b' } });
  expect(payloadOf(typed('shell'), { argv: '/bin/echo\ntwo words\n', stdin: ' ' })).toEqual({
    argv: ['/bin/echo', 'two words'],
  });
});

test('what is not JSON is named', () => {
  expect(() => payloadOf(typed('http'), { headers: 'a: b' })).toThrow(/^Headers: this is not JSON/);
});
