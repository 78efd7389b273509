/** The thread's side of refit-thread.ts: one refit in, one answer out. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Refit, runRefit } from './candidates/residual-net.ts';

const trained = runRefit(workerData as Refit);
parentPort?.postMessage(trained, [trained.weights.buffer]);
