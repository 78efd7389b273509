/** The thread of refit-thread.ts: one refit in, what was trained out. */
import { parentPort } from 'node:worker_threads';
import { type Refit, runRefit } from './train.ts';

parentPort?.once('message', (refit: Refit) => {
  const trained = runRefit(refit);
  parentPort?.postMessage(trained, [trained.weights.buffer]);
});
