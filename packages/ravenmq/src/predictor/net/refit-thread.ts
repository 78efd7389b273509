/** Trains in a thread of its own, so that nothing else waits for it. */
import { Worker } from 'node:worker_threads';
import type { Refit, Trained } from './train.ts';

/** The samples are handed over and gone afterwards; the weights are copied. Rejects with the signal's reason. */
export function trainInThread(refit: Refit, signal: AbortSignal): Promise<Trained> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(new URL('./refit-worker.ts', import.meta.url));
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', cancel);
      act();
      void worker.terminate();
    };
    const cancel = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', cancel);
    worker.once('message', (trained: Trained) => settle(() => resolve(trained)));
    worker.once('error', (error) => settle(() => reject(error)));
    worker.once('exit', (code) => settle(() => reject(new Error(`The training thread ended with ${code}.`))));
    const { sequences, lengths, statics, offsets, targets } = refit.samples;
    worker.postMessage(
      refit,
      [sequences, lengths, statics, offsets, targets].map(({ buffer }) => buffer),
    );
  });
}
