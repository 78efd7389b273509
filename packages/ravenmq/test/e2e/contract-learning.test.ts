/** Predictions: the predictor's own paths, the priority of jobs, and that the system learns while it runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  caller,
  echoJob,
  expectStatus,
  jobWith,
  manySignIns,
  register,
  run,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let user: Account;
beforeAll(async () => {
  // One slot, so that the order of starts shows the order of the queue.
  system = await startSystem({ ...manySignIns, RAVENMQ_SLOTS: '1' });
  user = await register(system);
});
afterAll(() => system?.stop());

const priorityOf = (runtimeMs: number) => 1 / (1 + runtimeMs / 3_000);
const sleepJob = (seconds: string, name = `sleep ${seconds}`) => ({
  name,
  type: 'shell',
  payload: { argv: ['/bin/sleep', seconds] },
});

describe('POST /predict', () => {
  const predict = (body: unknown) => caller(system.predictorUrl).post('/predict', body);

  test.each(['http', 'shell', 'etl', 'ml', 'never-seen'])(
    'answers a runtime and its priority for %s',
    async (type) => {
      const answer = await predict({ job_type: type, history: ['http', 'shell', type] });

      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        job_type: type,
        predicted_runtime_ms: expect.any(Number),
        predicted_priority: expect.any(Number),
      });
      expect(answer.body.predicted_runtime_ms).toBeGreaterThan(0);
      expect(answer.body.predicted_priority).toBeCloseTo(priorityOf(answer.body.predicted_runtime_ms), 4);
    },
  );

  test('takes histories of any length', async () => {
    for (const history of [[], ['http'], Array(50).fill('ml')])
      expect((await predict({ job_type: 'http', history })).status).toBe(200);
  });

  test('answers 4xx to a bad body', async () => {
    for (const body of [{}, { job_type: 5, history: [] }, { job_type: 'http', history: 'http' }, '{'])
      expect([400, 422]).toContain((await predict(body)).status);
  });
});

test('GET /health of the predictor answers its state', async () => {
  const answer = await caller(system.predictorUrl).get('/health');
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ status: expect.stringMatching(/./), model_trained: expect.any(Boolean) });
});

describe('the priority of a job', () => {
  test('is 0.5 when nothing is known', async () => {
    expect((await submit(user, waitingJob())).priority).toBe(0.5);
  });

  test('follows from its predicted runtime', async () => {
    for (const job of [
      echoJob(),
      { name: 'x', type: 'http', payload: { url: `${system.baseUrl}/health` } },
    ]) {
      const { priority, predicted_runtime_ms: predicted } = await submit(user, job);
      expect(priority).toBeCloseTo(priorityOf(predicted), 6);
    }
  });
});

test('the prediction of a series moves to what its runs take, while the system runs', async () => {
  for (let n = 0; n < 5; n++) expect((await run(user, sleepJob('0.05', 'short'))).status).toBe('done');
  await eventually(
    async () => {
      const job = await run(user, sleepJob('0.05', 'short'));
      return job.predicted_runtime_ms < 500 && job.priority > 0.85;
    },
    { timeoutMs: 20_000 },
  );
});

test('the shorter of two waiting jobs starts first', async () => {
  for (let n = 0; n < 3; n++) {
    await run(user, sleepJob('1.5', 'long'));
    await run(user, sleepJob('0.02', 'quick'));
  }
  await eventually(
    async () => {
      const quick = await run(user, sleepJob('0.02', 'quick'));
      return quick.predicted_runtime_ms < 500;
    },
    { timeoutMs: 20_000 },
  );

  const blocker = await submit(user, sleepJob('1', 'blocker'));
  await jobWith(user, blocker.id, 'running');
  const long = await submit(user, sleepJob('1.5', 'long'));
  const quick = await submit(user, sleepJob('0.02', 'quick'));
  expect(quick.priority).toBeGreaterThan(long.priority);
  const [longDone, quickDone] = [
    await jobWith(user, long.id, 'done', 'failed'),
    await jobWith(user, quick.id, 'done', 'failed'),
  ];

  expect(Date.parse(quickDone.started_at)).toBeLessThan(Date.parse(longDone.started_at));
});

test('what was predicted is kept beside what it took', async () => {
  const job = await run(user, echoJob('measured'));
  const rows = await eventually(
    async () => {
      const answer = expectStatus(200, await user.get('/analytics/prediction-accuracy'));
      const at = Date.parse(job.finished_at);
      const row = answer.find(
        (one: { finished_at: string }) => Math.abs(Date.parse(one.finished_at) - at) < 50,
      );
      return row && [row];
    },
    { timeoutMs: 5_000 },
  );
  expect(rows[0]).toMatchObject({ type: 'shell', predicted_ms: job.predicted_runtime_ms });
});
