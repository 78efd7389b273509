/** The thread's side of in-thread.ts: one question in; shares done and then the answer out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { TraceRow } from '../simulator/trace.ts';
import { answer } from './answer.ts';
import type { Question } from './question.ts';

const { question, rows } = workerData as { question: Question; rows: TraceRow[] };
const everyMs = 100;
let toldAt = 0;
const found = answer(question, rows, (share) => {
  if (performance.now() - toldAt < everyMs) return;
  toldAt = performance.now();
  parentPort?.postMessage({ share });
});
parentPort?.postMessage({ found });
