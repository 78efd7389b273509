import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { aJob, aRun } from '../../test/runs.ts';
import { lstm } from '../predictor/candidates/lstm.ts';
import { History } from '../predictor/history.ts';
import { runRefit } from '../predictor/net/train.ts';
import { latestWeights, saveVersion } from './versions.ts';

test('a net that was saved and loaded says exactly the same', async ({ db }) => {
  const net = lstm();
  const history = new History();
  for (let n = 0; n < 60; n++) {
    const run = aRun(1_000 * (1 + (n % 3)), { readyAtMs: n * 60_000, finishedAtMs: n * 60_000 + 3_000 });
    net.learn(run, history);
    history.add(run);
  }
  const refit = net.refit(true);
  if (!refit) throw new Error('There was nothing to train on.');
  const { weights, losses } = runRefit({ ...refit, training: { ...refit.training, epochs: 2 } });
  await saveVersion(db.pool, { candidate: 'lstm', samples: 60, tookMs: 1, weights, losses, metrics: {} });
  const loaded = await latestWeights(db.pool, 'lstm');

  expect(loaded).toEqual(weights);
  net.take(weights);
  const said = net.predict(aJob({ readyAtMs: 4_000_000 }), history);
  net.take(loaded as typeof weights);
  expect(net.predict(aJob({ readyAtMs: 4_000_000 }), history)).toEqual(said);
});
