import { Worker } from 'node:worker_threads';
import type { Refit, Trained } from './net/train.ts';

/**
 * Trains in a thread of its own, so that nothing else of the process waits for it. Rejects with what the thread failed
 * of, and when `signal` aborts. The samples are handed over: the caller cannot read them afterwards.
 */
export function refitInThread(refit: Refit, signal: AbortSignal): Promise<Trained> {
  const { lengths, sequences, statics, offsets, targets } = refit.samples;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const thread = new Worker(new URL('./refit-worker.ts', import.meta.url), {
      workerData: { ...refit, weights: refit.weights.slice() },
      transferList: [lengths, sequences, statics, offsets, targets].map(
        (array) => array.buffer as ArrayBuffer,
      ),
    });
    const stop = () => {
      void thread.terminate();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The training thread ended without an answer.'));
    });
  });
}
