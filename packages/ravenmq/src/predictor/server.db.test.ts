import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, submitted } from '../../test/jobs.ts';
import { aJob, aRun } from '../../test/runs.ts';
import { settled } from '../../test/settled.ts';
import { connect, type Pool } from '../db/connect.ts';
import { silentLogger } from '../log.ts';
import { saveVersion } from '../models/versions.ts';
import { classic } from './candidates/classic.ts';
import { History } from './history.ts';
import { learnFromLogs } from './learn.ts';
import { normal, seeded } from './net/random.ts';
import { publishPriors } from './series.ts';
import { createPredictorServer } from './server.ts';

function serverOn(pool: Pool) {
  const server = createPredictorServer(pool, silentLogger);
  return {
    predict: (payload: object) => server.inject({ method: 'POST', url: '/predict', payload }),
    get: (url: string) => server.inject(url),
  };
}

async function learnRuns(pool: Pool, type: string, runtimeMs: number) {
  await submitted(pool, ...Array.from({ length: 10 }, () => ({ type, orgId: acme })));
  for (const job of await claim(pool, { count: 10 })) await finish(pool, aFinish(job, { runtimeMs }));
  await settled(pool);
  await learnFromLogs(pool);
}

test('/predict answers base runtimes at first and learned ones later', async ({ db }) => {
  const { predict } = serverOn(db.pool);
  const base = { predicted_runtime_ms: 12_000, predicted_priority: 0.2, job_type: 'ml' };
  expect((await predict({ job_type: 'ml', history: ['http', 'ml'] })).json()).toEqual(base);
  await publishPriors(db.pool);
  expect((await predict({ job_type: 'ml' })).json()).toEqual(base);

  await learnRuns(db.pool, 'ml', 1_000);

  const { predicted_runtime_ms: ms, predicted_priority: priority } = (
    await predict({ job_type: 'ml', history: [] })
  ).json();
  expect(ms).toBeLessThan(2_000);
  expect(priority).toBeCloseTo(1 / (1 + ms / 3_000), 12);
});

test('/predict with a history is the classic form: a base runtime times a factor of the last three types', async ({
  db,
}) => {
  const { predict } = serverOn(db.pool);
  const net = classic();
  const random = seeded(1);
  const weights = net.weights.slice().map(() => normal(random) / 4);
  net.take(weights);
  await saveVersion(db.pool, {
    candidate: 'classic',
    samples: 1,
    tookMs: 1,
    weights,
    losses: [],
    metrics: {},
  });
  const history = new History();
  const types = ['shell', 'http', 'ml', 'http'];
  for (const type of types) net.learn(aRun(100, { type }), history);
  const { p50Ms } = net.predict(aJob({ type: 'ml' }), history);

  const answer = async (before: string[]) =>
    (await predict({ job_type: 'ml', history: before })).json().predicted_runtime_ms;

  expect(p50Ms).not.toBe(12_000);
  expect(await answer(types)).toBe(p50Ms);
  expect(await answer(types.slice(1))).toBe(p50Ms);
  expect(await answer(['etl', 'etl'])).not.toBe(p50Ms);
});

test('/predict answers the general assumption for every other type, whatever its name', async ({ db }) => {
  const { predict } = serverOn(db.pool);
  await learnRuns(db.pool, 'mine', 50);

  for (const type of ['mine', 'unheard-of', 'constructor', '__proto__', 'nul \u0000', 'x'.repeat(64)]) {
    const answer = await predict({ job_type: type, history: [] });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ predicted_runtime_ms: 3_000, predicted_priority: 0.5, job_type: type });
  }
});

test('/health says whether a run was learned', async ({ db }) => {
  const { get } = serverOn(db.pool);
  await publishPriors(db.pool);
  expect((await get('/health')).json()).toEqual({ status: 'ok', model_trained: false });

  await learnRuns(db.pool, 'mine', 50);

  for (const url of ['/health', '/health/'])
    expect((await get(url)).json()).toEqual({ status: 'ok', model_trained: true });
});

test('what is wrong is answered as problem details', async ({ db }) => {
  const { predict, get } = serverOn(db.pool);
  const invalid = [
    {},
    { history: [] },
    { job_type: '', history: [] },
    { job_type: 'x'.repeat(65), history: [] },
    { job_type: 1, history: [] },
    { job_type: 'ml', history: 'http' },
    { job_type: 'ml', history: [1] },
  ];
  const answers = await Promise.all([...invalid.map(predict), get('/nowhere')]);
  for (const answer of answers) {
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json().status).toBe(answer.statusCode);
  }
  expect(answers.map((answer) => answer.statusCode)).toEqual([...invalid.map(() => 422), 404]);
});

test('without the database /predict is unavailable, and health goes on once it knew', async ({ db }) => {
  const pool = connect({
    url: db.url,
    schema: db.schema,
    max: 1,
    applicationName: db.schema,
    log: silentLogger,
  });
  const { predict, get } = serverOn(pool);
  await learnRuns(db.pool, 'ml', 50);
  expect((await get('/health')).json().model_trained).toBe(true);
  await pool.end();

  expect((await predict({ job_type: 'ml', history: [] })).statusCode).toBe(503);
  expect((await get('/health')).json()).toEqual({ status: 'ok', model_trained: true });
});
