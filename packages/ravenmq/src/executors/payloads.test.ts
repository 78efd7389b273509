import { expect, test } from 'vitest';
import { validatePayload } from './payloads.ts';

const problems = (type: string, payload: unknown) => validatePayload(type, payload)?.join('\n') ?? 'none';

test('a full http payload and a minimal one have no problems', () => {
  expect(validatePayload('http', { url: 'https://example.com/a?b=c' })).toBeNull();
  expect(
    validatePayload('http', {
      method: 'post',
      url: 'http://example.com',
      headers: { 'X-Trace': 'a' },
      body: { deep: [1, null, 'x'] },
      expected_status: [200, 404],
      timeout_ms: 1000,
    }),
  ).toBeNull();
});

test.each([
  [{}, 'payload.url'],
  [{ url: 'example.com/x' }, 'not an absolute URL'],
  [{ url: 'file:///etc/passwd' }, 'must start with http'],
  [{ url: 'gopher://example.com' }, 'must start with http'],
  [{ url: 'http://user:word@example.com' }, 'must not carry a user name'],
  [{ url: ['http://example.com'] }, 'payload.url'],
  [{ url: 'http://example.com', method: 'CONNECT' }, 'payload.method'],
  [{ url: 'http://example.com', method: 'TRACE' }, 'payload.method'],
  [{ url: 'http://example.com', body: 'x' }, 'cannot be sent with GET'],
  [{ url: 'http://example.com', timeout_ms: 3_600_001 }, 'payload.timeout_ms'],
  [{ url: 'http://example.com', timeout: 5 }, 'timeout'],
  [{ url: 'http://example.com', expected_status: 99 }, 'payload.expected_status'],
  [{ url: 'http://example.com', headers: { 'x-a': 'b\r\nx-c: d' } }, 'line break'],
  [{ url: 'http://example.com', headers: { 'x-a': 'b\nc' } }, 'line break'],
  [{ url: 'http://example.com', headers: { 'x-a': 'b\0' } }, 'cannot carry'],
  [{ url: 'http://example.com', headers: { 'x-a\r\nx-b': 'c' } }, 'not a header name'],
  [{ url: 'http://example.com', headers: { 'x a': 'c' } }, 'not a header name'],
  [{ url: 'http://example.com', headers: { Connection: 'close' } }, 'set by the connection'],
  [{ url: 'http://example.com', headers: { 'Transfer-Encoding': 'chunked' } }, 'set by the connection'],
  [{ url: 'http://example.com', headers: { 'content-length': '3' } }, 'set by the connection'],
  [{ url: 'http://example.com', headers: { HOST: 'other' } }, 'set by the connection'],
])('the http payload %j is refused: %s', (payload, expected) => {
  expect(problems('http', payload)).toContain(expected);
});

test('a shell payload names a program or a script, not both and not neither', () => {
  expect(validatePayload('shell', { argv: ['/bin/echo', 'a'], env: { A_1: 'b' }, stdin: 'x' })).toBeNull();
  expect(validatePayload('shell', { script: 'echo a' })).toBeNull();
  expect(problems('shell', {})).toContain('either argv');
  expect(problems('shell', { argv: ['a'], script: 'b' })).toContain('either argv');
});

test.each([
  [{ argv: [] }, 'payload.argv'],
  [{ argv: 'echo a' }, 'payload.argv'],
  [{ argv: ['echo', 'a\0b'] }, 'NUL'],
  [{ argv: ['echo'], cwd: '/' }, 'cwd'],
  [{ argv: ['echo'], stdin: 'é'.repeat(33_000) }, '64 kB'],
  [{ argv: ['echo'], env: { lower: 'x' } }, 'must consist of'],
  [{ argv: ['echo'], env: { 'A;B': 'x' } }, 'must consist of'],
  [{ argv: ['echo'], env: { 'BASH_FUNC_ls%%': '() { id; }' } }, 'must consist of'],
  [{ argv: ['echo'], env: { LD_PRELOAD: '/tmp/x.so' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { DYLD_INSERT_LIBRARIES: 'x' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { PATH: '/tmp' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { ENV: '/tmp/x' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { BASH_ENV: '/tmp/x' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { RAVENMQ_FENCE: '9' } }, 'cannot be set'],
  [{ argv: ['echo'], env: { NODE_OPTIONS: '--require=/tmp/x' } }, 'cannot be set'],
])('the shell payload %j is refused: %s', (payload, expected) => {
  expect(problems('shell', payload)).toContain(expected);
});

test('etl: what to read, do and write', () => {
  const of = (payload: unknown) => validatePayload('etl', payload);
  const step = { name: 's', sql: 'select 1' };
  expect(of({ steps: [step] })).toBeNull();
  expect(
    of({ sources: { a: { file: 'a.csv.gz' }, b: { url: 'https://x.org/b.parquet?x=1' } }, result: 'from a' }),
  ).toBeNull();
  expect(of({})).toEqual(['payload: has nothing to do: give steps, outputs or result']);
  expect(of({ sources: { a: { file: 'a.txt' } }, steps: [step] })).toEqual([
    'payload.sources.a.format: cannot be told from the name; give one of csv, json, parquet',
  ]);
  expect(of({ sources: { 'a b': { file: 'a.csv' } }, steps: [step] })).toEqual([
    'payload.sources.a b: must start with a letter and consist of letters, digits and _',
  ]);
  expect(of({ sources: { a: { file: '../a.csv' } }, steps: [step] })).toEqual([
    'payload.sources.a.file: must not lead upwards with ..',
  ]);
  expect(of({ sources: { a: { file: 'a.csv', url: 'https://x.org/a.csv' } }, steps: [step] })).toEqual([
    'payload.sources.a: give either file or url',
  ]);
  const output = { file: 'o.csv', query: 'select 1' };
  expect(of({ outputs: [output, output] })).toEqual(['payload.outputs: writes the same file twice']);
});

test('ml: a program, and what it gets', () => {
  expect(validatePayload('ml', { argv: ['python3', 'train.py'], grace_ms: 60_000 })).toBeNull();
  expect(validatePayload('ml', {})).toEqual([expect.stringMatching(/^payload.argv/)]);
  expect(validatePayload('ml', { argv: ['x'], env: { LD_PRELOAD: '/x' } })).toEqual([
    'payload.env.LD_PRELOAD: cannot be set by a job',
  ]);
});

test('other types take any object', () => {
  expect(validatePayload('send-mail', { to: ['a'] })).toBeNull();
  expect(validatePayload('send-mail', ['a'])).not.toBeNull();
  expect(validatePayload('send-mail', null)).not.toBeNull();
});
