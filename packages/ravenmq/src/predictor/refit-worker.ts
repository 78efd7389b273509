/** The thread's side of refit-thread.ts: one refit in, one answer out. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Refit, runRefit } from './net/train.ts';

const trained = runRefit(workerData as Refit);
parentPort?.postMessage(trained, [trained.weights.buffer]);
