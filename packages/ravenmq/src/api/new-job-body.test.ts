import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainNewJob, plainNewJobs } from './new-job-body.ts';
import { newJob, newJobs } from './wire.ts';

const anyJson = fc.jsonValue({ maxDepth: 2 });
const length = (most: number) => fc.constantFrom(0, 1, 2, most - 1, most, most + 1);
/** Of a length at the bounds, and of characters that matter. */
const someText = (most: number) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.string({ maxLength: 8 }) },
    fc
      .tuple(fc.constantFrom('x', '-', 'ü', '😀', '\0', '\ud800', ' ', '\n', '/'), length(most))
      .map(([letter, count]) => letter.repeat(count)),
  );
const text = (most: number) => fc.oneof({ weight: 5, arbitrary: someText(most) }, anyJson);
const number = (...bounds: number[]) =>
  fc.oneof(
    fc.constantFrom(...bounds, ...bounds.map((bound) => bound + 1), ...bounds.map((bound) => bound - 1)),
    fc.constantFrom(0, -0, 0.5, 1e-9, Number.POSITIVE_INFINITY, Number.NaN, 2 ** 53),
    fc.double(),
    anyJson,
  );
const labels = fc.oneof(
  fc.dictionary(someText(64), text(256), { maxKeys: 4 }),
  length(32).map((count) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']))),
  anyJson,
);
const payload = fc.oneof(fc.dictionary(fc.string(), anyJson, { maxKeys: 4 }), anyJson);
const time = fc.oneof(fc.constant('2030-01-01T00:00:00Z'), anyJson);

const body = fc.record(
  {
    name: fc.oneof({ weight: 5, arbitrary: fc.constant('a job') }, text(64)),
    type: fc.oneof({ weight: 5, arbitrary: fc.constant('a/type') }, text(64)),
    payload: fc.oneof({ weight: 5, arbitrary: fc.constant({ a: 1 }) }, payload),
    queue: text(64),
    run_at: time,
    deadline: time,
    weight: number(0, 1_000),
    max_retries: number(0, 100),
    timeout_ms: number(1, 2_147_483_647),
    idempotency_key: text(200),
    concurrency_key: text(200),
    labels,
    size_hint: number(0, 1e15),
    variant: text(64),
    stranger: anyJson,
  },
  { requiredKeys: ['name', 'type', 'payload'] },
);
/** Few fields at a time, so that many of the bodies are valid. */
const fewFields = fc.tuple(body, fc.nat({ max: 0xffff })).map(([full, chosen]) => {
  const entries = Object.entries(full).filter(
    ([key], n) => ['name', 'type', 'payload'].includes(key) || (chosen >> n) % 4 === 0,
  );
  return Object.fromEntries(entries);
});

test('what is taken for plainly valid, the schema accepts with the same outcome', () => {
  let taken = 0;
  const onlyValid = (value: unknown) => {
    const plain = plainNewJob(value);
    // The JSON parser refuses these before any validation.
    if (!plain || JSON.stringify(value).includes('__proto__')) return;
    taken++;
    const parsed = newJob.safeParse(value);
    expect(parsed.error).toBeUndefined();
    expect(plain).toEqual(parsed.data);
  };
  fc.assert(fc.property(fewFields, onlyValid), { numRuns: 10_000 });
  fc.assert(fc.property(anyJson, onlyValid));
  expect(taken).toBeGreaterThan(1_000);
});

test('usual bodies are taken for plainly valid', () => {
  const usual = { name: 'a', type: 'b', payload: {} };
  expect(plainNewJob(usual)).toBeDefined();
  expect(plainNewJob({ ...usual, labels: { team: 'x' }, queue: 'mail', idempotency_key: 'k' })).toBeDefined();
  expect(plainNewJob({ ...usual, weight: 2, max_retries: 0, timeout_ms: 1, size_hint: 0 })).toBeDefined();
});

test('so it is with many jobs at once', () => {
  const job = { name: 'a', type: 'b', payload: {} };
  const many = (count: number) => Array.from({ length: count }, () => job);
  expect(plainNewJobs({ jobs: many(1_000) })).toEqual(newJobs.parse({ jobs: many(1_000) }));
  const unsure = [
    null,
    [],
    {},
    { jobs: {} },
    { jobs: [] },
    { jobs: many(1_001) },
    { jobs: [job, null] },
    { jobs: [job, { ...job, stranger: 1 }] },
    { jobs: many(1), stranger: 1 },
  ];
  for (const body of unsure) {
    expect(plainNewJobs(body)).toBeUndefined();
    expect(newJobs.safeParse(body).success).toBe(false);
  }
});
