import { Worker } from 'node:worker_threads';
import type { TraceRow } from '../simulator/trace.ts';
import type { Answer, Question } from './question.ts';

/**
 * Answers in a thread of its own, so that nothing else of the process waits. Rejects with what the thread failed of, and
 * when `signal` aborts.
 */
export function answerInThread(
  question: Question,
  rows: TraceRow[],
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { question, rows } });
    const stop = () => {
      void thread.terminate();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    thread.on('message', ({ share, found }: { share?: number; found?: Answer }) => {
      if (found) resolve(found);
      else onProgress(share ?? 0);
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The thread ended without an answer.'));
    });
  });
}
