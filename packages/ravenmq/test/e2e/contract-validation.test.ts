/** What a submission may hold: each bound of the contract, exactly at it and one past it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, expectStatus, type Json, manySignIns, register } from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let roomy: System;
let user: Account;
let roomyUser: Account;
beforeAll(async () => {
  system = await startSystem(manySignIns);
  roomy = await startSystem({ ...manySignIns, RAVENMQ_MAX_PAYLOAD_CHARS: '20000' });
  user = await register(system);
  roomyUser = await register(roomy);
});
afterAll(() => Promise.all([system?.stop(), roomy?.stop()]));

const job = (changes: Json) => ({ name: 'valid', type: 'mine', payload: {}, ...changes });
/** A payload of so many characters of JSON text. */
const payloadOf = (characters: number, letter = 'x') => ({ text: letter.repeat(characters - 11) });

test.each<[number, string, Json]>([
  [422, 'a name of 0 characters', { name: '' }],
  [201, 'a name of 1 character', { name: 'n' }],
  [201, 'a name of 64 characters', { name: 'n'.repeat(64) }],
  [422, 'a name of 65 characters', { name: 'n'.repeat(65) }],
  [201, 'a name in any script', { name: 'Übersicht für 東京 ☂' }],
  [201, 'a name of 64 characters beyond the basic plane', { name: '😀'.repeat(64) }],
  [422, 'a name that is a number', { name: 5 }],
  [422, 'no name', { name: undefined }],
  [422, 'a type of 0 characters', { type: '' }],
  [422, 'a type that is a list', { type: ['http'] }],
  [422, 'no type', { type: undefined }],
  [201, 'an empty payload', { payload: {} }],
  [201, 'a deep payload', { payload: { a: { b: [{ c: null, d: 1.5, e: 'ü', f: true }] } } }],
  [422, 'no payload', { payload: undefined }],
  [422, 'a payload that is a list', { payload: [] }],
  [422, 'a payload that is text', { payload: '{}' }],
  [422, 'a payload that is a number', { payload: 1 }],
  [422, 'a payload that is null', { payload: null }],
  [201, 'a payload of 10,000 characters', { payload: payloadOf(10_000) }],
  [422, 'a payload of 10,001 characters', { payload: payloadOf(10_001) }],
  [201, 'a payload of 10,000 characters of two bytes', { payload: payloadOf(10_000, 'ü') }],
  [201, 'a payload of 10,000 characters beyond the basic plane', { payload: payloadOf(10_000, '😀') }],
  [422, 'an http job without a URL', { type: 'http', payload: {} }],
  [422, 'an http job with another scheme', { type: 'http', payload: { url: 'file:///etc/passwd' } }],
  [422, 'a shell job without a program', { type: 'shell', payload: {} }],
  [422, 'a shell job with a program that is no list', { type: 'shell', payload: { argv: 5 } }],
  [422, 'a start time that is no time', { run_at: 'tomorrow' }],
  [422, 'a deadline that is no time', { deadline: 'tomorrow' }],
  [422, 'a weight that is not positive', { weight: 0 }],
  [422, 'retries below 0', { max_retries: -1 }],
  [201, 'no retries', { max_retries: 0 }],
  [422, 'a timeout of 0', { timeout_ms: 0 }],
  [422, 'labels that are a list', { labels: ['a'] }],
  [422, 'a queue without a name', { queue: '' }],
])('answers %i to %s', async (status, _, changes) => {
  const answer = await user.post('/jobs/', job(changes));
  expect(answer.status, answer.text).toBe(status);
  if (status === 422) expect(answer.text).toMatch(new RegExp(Object.keys(changes).at(-1) ?? ''));
});

test('the limit of the payload can be raised', async () => {
  const statuses = [10_001, 20_000, 20_001].map(
    async (size) => (await roomyUser.post('/jobs/', job({ payload: payloadOf(size) }))).status,
  );
  expect(await Promise.all(statuses)).toEqual([201, 201, 422]);
});

describe('a body that is', () => {
  test.each([
    ['cut off', '{"name": "x"'],
    ['a list', '[]'],
    ['text', '"text"'],
    ['null', 'null'],
    ['empty', ''],
  ])('%s is answered 400 or 422', async (_, body) => {
    const answer = await user.send('POST', '/jobs/', body);
    expect([400, 422], answer.text).toContain(answer.status);
  });

  test('of another content type is answered 4xx', async () => {
    const answer = await user.post('/jobs/', 'name=x&type=mine', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});

test.each([
  ['a NUL in the payload', '{"name":"x","type":"mine","payload":{"a":"\\u0000"}}'],
  ['a NUL in the name', '{"name":"\\u0000","type":"mine","payload":{}}'],
  ['half a character', '{"name":"x","type":"mine","payload":{"a":"\\ud800"}}'],
  ['a number beyond every bound', '{"name":"x","type":"mine","payload":{"a":1e400}}'],
  [
    'a very deep payload',
    `{"name":"x","type":"mine","payload":{"a":${'['.repeat(4000)}${']'.repeat(4000)}}}`,
  ],
  ['a key named __proto__', '{"name":"x","type":"mine","payload":{"__proto__":{"a":1}}}'],
])('%s is never an error of the server', async (_, body) => {
  const answer = await user.send('POST', '/jobs/', body);
  expect(answer.status, answer.text).toBeLessThan(500);
});

test.each<[number, string]>([
  [200, '/jobs/?status=queued'],
  [200, '/jobs?status=failed'],
  [422, '/jobs/?status=sleeping'],
  [200, '/jobs/?limit=1'],
  [422, '/jobs/?limit=0'],
  [422, '/jobs/?limit=many'],
  [422, '/jobs/?created_after=yesterday'],
  [422, '/jobs/?before=not-an-id'],
])('answers %i to GET %s', async (status, path) => {
  expect((await user.get(path)).status).toBe(status);
});

test('a payload comes back as it was sent', async () => {
  const payload = {
    text: 'ü☂"\\\n',
    number: -1.25e-7,
    big: 9_007_199_254_740_991,
    list: [null, true, {}],
    '': 0,
  };
  const { id } = expectStatus(201, await user.post('/jobs/', job({ payload })));
  expect((await user.get(`/jobs/${id}`)).body.payload).toEqual(payload);
});
