/** Answers a question by replaying the jobs: pure, and so it can run in a thread. */
import { compare, type PolicyName } from '../simulator/compare.ts';
import { measuredFrom } from '../simulator/measure.ts';
import { createPredictor } from '../simulator/predictors.ts';
import { type Schedule, simulate } from '../simulator/simulate.ts';
import { jobsOf, type ReplayedJob, type TraceRow } from '../simulator/trace.ts';
import type { Answer, Capacity, Question, Row } from './question.ts';
import { capacitySentence, mainSentence } from './words.ts';

/** More slots than this times what there is are not tried. */
const mostTimes = 4;

export function answer(
  question: Question,
  rows: readonly TraceRow[],
  onProgress: (share: number) => void,
): Answer {
  const [firstSlots = 1] = question.slots;
  const order = question.policies.findLast((policy) => policy !== 'fifo') ?? 'fifo';
  const parts = question.slots.length * question.arrival_scales.length + question.arrival_scales.length;
  let part = 0;
  const compared = question.arrival_scales.flatMap((scale) =>
    question.slots.flatMap((slots) => {
      const found = compareOne(question, rows, slots, scale, (share) => onProgress((part + share) / parts));
      part++;
      return found;
    }),
  );
  const p95 = (scale: number, slots: number) =>
    compared.find((row) => row.policy === order && row.arrival_scale === scale && row.slots === slots)
      ?.p95_wait_ms ?? 0;
  const todayMs = p95At(question, rows, order, firstSlots, 1);
  const capacity = question.arrival_scales.map((scale): Capacity => {
    const p95Ms = p95(scale, firstSlots);
    const toKeep = slotsToKeep(todayMs, firstSlots, p95Ms, (slots) =>
      p95At(question, rows, order, slots, scale),
    );
    onProgress(++part / parts);
    const found = { arrival_scale: scale, slots: firstSlots, p95_wait_ms: p95Ms, slots_to_keep: toKeep };
    return { ...found, sentence: capacitySentence(found, todayMs) };
  });
  return {
    jobs: rows.length,
    from: new Date(rows[0]?.submitMs ?? 0).toISOString(),
    until: new Date(rows.at(-1)?.submitMs ?? 0).toISOString(),
    sentence: mainSentence(
      order,
      compared.filter(
        (row) => row.slots === firstSlots && row.arrival_scale === (question.arrival_scales[0] ?? 1),
      ),
    ),
    rows: compared,
    capacity,
  };
}

function compareOne(
  question: Question,
  rows: readonly TraceRow[],
  slots: number,
  scale: number,
  onProgress: (share: number) => void,
): Row[] {
  const waits = new Map<string, Float64Array>();
  const policies: PolicyName[] = [...new Set<PolicyName>(['fifo', ...question.policies, 'shortest-oracle'])];
  const { results, utilisation } = compare({
    ...{ rows, slots, policies, predictors: [question.predictor], seeds: [0] },
    load: { timeScale: 1 / scale },
    onProgress: (done, all) => onProgress(done / all),
    onSchedule: ({ policy }, jobs, schedule) => void waits.set(policy, waitsOf(jobs, schedule)),
  });
  return results.map(({ policy, figures, gap }) => {
    const sorted = waits.get(policy) ?? new Float64Array();
    return {
      policy: policy === 'shortest-oracle' ? 'clairvoyant' : policy,
      ...{ slots, arrival_scale: scale, utilisation: figure(utilisation) },
      mean_wait_ms: figure(figures.meanWaitMs),
      p95_wait_ms: figure(quantile(sorted, 0.95)),
      p99_wait_ms: figure(figures.p99WaitMs),
      max_wait_ms: figure(figures.maxWaitMs),
      slowdown: figure(figures.slowdown),
      gap_wait: figure(gap.wait),
      gap_slowdown: figure(gap.slowdown),
      wait_quantiles_ms: Array.from({ length: 21 }, (_, n) => figure(quantile(sorted, n / 20))),
    };
  });
}

/** Sorted; without the first tenth, as the predictors start with nothing. */
function waitsOf(jobs: readonly ReplayedJob[], { startMs }: Schedule): Float64Array {
  const from = measuredFrom(jobs.length);
  return Float64Array.from(
    jobs.slice(from),
    ({ submitMs }, n) => (startMs[from + n] as number) - submitMs,
  ).sort();
}

function p95At(
  { predictor }: Question,
  rows: readonly TraceRow[],
  policy: string,
  slots: number,
  scale: number,
): number {
  const jobs = jobsOf(rows, 1 / scale);
  const schedule = simulate({
    jobs,
    slots,
    policy: policy as never,
    predictor: createPredictor(predictor, 0),
  });
  return quantile(waitsOf(jobs, schedule), 0.95);
}

/** The fewest slots whose p95 wait is no longer than today's, by bisection. */
function slotsToKeep(
  todayMs: number,
  slots: number,
  p95Ms: number,
  p95Of: (slots: number) => number,
): number | null {
  if (p95Ms <= todayMs) return slots;
  let [low, high] = [slots, mostTimes * slots];
  if (p95Of(high) > todayMs) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (p95Of(middle) <= todayMs) high = middle;
    else low = middle;
  }
  return high;
}

const quantile = (sorted: Float64Array, q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
const figure = (value: number) => Number(value.toPrecision(6));
