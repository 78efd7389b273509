import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';
import { aFinish, claim, finish, submitted } from '../../test/jobs.ts';
import { settled } from '../../test/settled.ts';
import { saveVersion } from '../models/versions.ts';
import { learnFromLogs } from '../predictor/learn.ts';

test('administrators see how right every candidate is, and decide who predicts, with a record of it', async ({
  db,
}) => {
  const api = await anApi(db);
  const admin = await signedUp(api, 'root');
  await db.pool.query(`update users set role = 'admin' where id = $1`, [admin.id]);
  const ask = async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) => {
    const answer = await api.app.inject({ method, url, headers: admin.headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  expect((await ask('GET', '/predictor')).body).toMatchObject({
    choice: { mode: 'auto' },
    report: null,
    learned_at: null,
    versions: [],
  });
  await submitted(db.pool, ...Array.from({ length: 5 }, () => ({ name: 'a' })));
  for (const job of await claim(db.pool, { count: 5 }))
    await finish(db.pool, aFinish(job, { runtimeMs: 70 }));
  await settled(db.pool);
  await learnFromLogs(db.pool);
  const version = await saveVersion(db.pool, {
    ...{
      candidate: 'lstm',
      samples: 5,
      tookMs: 2,
      weights: new Float32Array(3),
      losses: [2, 1],
      metrics: {},
    },
  });

  const { body } = await ask('GET', '/predictor');
  expect(body.report.runs).toBe(5);
  expect(Object.keys(body.report.candidates)).toContain('lstm');
  expect(body.report.candidates['shrunk-mean'].logError).toBeGreaterThan(0);
  expect(body.versions).toMatchObject([{ id: version, candidate: 'lstm', curve: [2, 1] }]);
  const metrics = await api.app.inject('/metrics');
  expect(metrics.body).toMatch(/ravenmq_predictor_log_error\{candidate="shrunk-mean"\} \d/);

  const fixed = await ask('PUT', '/predictor/choice', { mode: 'fixed', candidate: 'lstm', version });
  expect(fixed).toMatchObject({
    status: 200,
    body: { choice: { mode: 'fixed', candidate: 'lstm', version } },
  });
  const unknown = await ask('PUT', '/predictor/choice', { mode: 'fixed', candidate: 'lstm', version: 99 });
  expect(unknown).toMatchObject({ status: 404, body: { detail: 'lstm has no version 99.' } });
  expect((await ask('PUT', '/predictor/choice', { mode: 'fixed' })).status).toBe(422);
  expect((await ask('POST', '/predictor/rollback', { candidate: 'lstm' })).status).toBe(404);
  expect((await ask('POST', '/predictor/train', {})).body.choice.train_asked_at).not.toBeNull();
  expect((await ask('PUT', '/predictor/choice', { mode: 'auto' })).body.choice.mode).toBe('auto');

  const { rows } = await db.pool.query(
    `select action from audit where action like 'predictor.%' order by id`,
  );
  expect(rows.map((row) => row.action)).toEqual(['predictor.choice', 'predictor.train', 'predictor.choice']);
});
