/**
 * Replays a trace on a number of slots by discrete events. Jobs are never interrupted. At one instant first the runs
 * that end are learned, then what is submitted is predicted and ranked, then free slots are filled: a prediction knows
 * exactly the runs that ended before it in this schedule.
 */
import type { ReplayedPolicy } from '../order/policies.ts';
import type { Candidate, Run } from '../predictor/candidate.ts';
import { History } from '../predictor/history.ts';
import { Heap } from './heap.ts';
import { Siblings } from './siblings.ts';
import type { ReplayedJob } from './trace.ts';
import { WaitingJobs } from './waiting-jobs.ts';

/** By place in the trace; milliseconds. */
export interface Schedule {
  startMs: Float64Array;
  /** As predicted at submission. */
  p50Ms: Float64Array;
  p90Ms: Float64Array;
  meanMs: Float64Array;
  /** Starts that the guard brought forward. */
  guarded: number;
}

export interface Setup {
  jobs: readonly ReplayedJob[];
  slots: number;
  policy: ReplayedPolicy;
  predictor: Candidate<History>;
  /** Told the number of ended jobs now and then. */
  onProgress?: ((ended: number) => void) | undefined;
}

export function simulate({ jobs, slots, policy, predictor, onProgress }: Setup): Schedule {
  const [startMs, p50Ms, p90Ms, meanMs] = Array.from({ length: 4 }, () => new Float64Array(jobs.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const history = new History();
  const waiting = new WaitingJobs(policy, slots);
  const siblings = new Siblings();
  const running = new Heap();
  const at = (place: number) => jobs[place] as ReplayedJob;
  const predict = (place: number) => predictor.predict(at(place).job, history);

  const end = (place: number, nowMs: number) => {
    const run = runOf(at(place), startMs[place] as number);
    predictor.learn(run, history);
    history.add(run);
    waiting.ended(place, run.runtimeMs);
    const known = (sibling: number) => waiting.meanMs(sibling) as number;
    for (const sibling of siblings.moved(run, known, (sibling) => predict(sibling).meanMs))
      waiting.rerank(sibling, predict(sibling), nowMs);
  };
  const submit = (place: number) => {
    const { job, submitMs } = at(place);
    const prediction = predict(place);
    [p50Ms[place], p90Ms[place], meanMs[place]] = [prediction.p50Ms, prediction.p90Ms, prediction.meanMs];
    waiting.add(place, submitMs, prediction);
    siblings.add(place, job);
  };
  const start = (nowMs: number) => {
    const place = waiting.take(nowMs);
    const { job, runtimeMs } = at(place);
    siblings.remove(place, job);
    startMs[place] = nowMs;
    running.push(nowMs + runtimeMs, place);
  };

  let submitted = 0;
  for (let ended = 0; ended < jobs.length; ) {
    const submission = () => jobs[submitted]?.submitMs ?? Number.POSITIVE_INFINITY;
    const nowMs = Math.min(submission(), running.leastKey);
    for (; running.leastKey <= nowMs && running.size > 0; ended++) {
      end(running.pop(), nowMs);
      if (ended % 256 === 0) onProgress?.(ended);
    }
    for (; submission() <= nowMs && submitted < jobs.length; submitted++) submit(submitted);
    while (running.size < slots && waiting.size > 0) start(nowMs);
  }
  return { startMs, p50Ms, p90Ms, meanMs, guarded: waiting.guarded };
}

/** The very object that predictors were asked about, so that they can be judged by what they said then. */
function runOf({ job, runtimeMs }: ReplayedJob, startedAtMs: number): Run {
  return Object.assign(job, {
    startedAtMs,
    finishedAtMs: startedAtMs + runtimeMs,
    runtimeMs,
    outcome: 'done' as const,
  });
}
