import { expect, test } from 'vitest';
import { cumulativeNormal, leftAt, quantileOfNormal } from './draws.ts';
import { forecast } from './forecast.ts';
import type { Lane, PlanState, RunningJob, WaitingJob } from './state.ts';

const sure = (ms: number) => ({ p50Ms: ms, p90Ms: ms * 1.0001 });

function lane(some: Partial<Lane> = {}): Lane {
  return {
    queue: 0,
    tenantId: 'a',
    vtime: 0,
    weight: 1,
    paused: false,
    beyond: { jobs: 0, meanMs: 0 },
    ...some,
  };
}
function waiting(rank: number, ms: number, some: Partial<WaitingJob> = {}): WaitingJob {
  return { id: `job ${rank}`, lane: 0, type: 0, rank, scopes: [], gated: false, ...sure(ms), ...some };
}
function running(ms: number, elapsedMs: number, some: Partial<RunningJob> = {}): RunningJob {
  return { id: 'running', lane: 0, worker: 0, elapsedMs, scopes: [], ...sure(ms), ...some };
}
function picture(some: Partial<PlanState> = {}): PlanState {
  return {
    nowMs: 0,
    queues: [{ name: 'q', paused: false }],
    lanes: [lane()],
    types: ['t', 'other'],
    limits: [],
    workers: [{ id: 'w', slots: 1, queues: null, types: null }],
    running: [],
    waiting: [],
    arrivals: { perMs: 0, like: [] },
    ...some,
  };
}
const startsOf = async (state: PlanState) =>
  [...(await forecast(state)).median.startMs].map((ms) => Math.round(ms / 10) * 10);

test('on one slot jobs start one after the other in the order of their ranks', async () => {
  const jobs = [waiting(3, 300), waiting(1, 100), waiting(2, 200)];
  expect(await startsOf(picture({ waiting: jobs }))).toEqual([300, 0, 100]);
});

test('what runs holds its slot for what is left of it, and claimed jobs go before all others', async () => {
  const state = picture({
    running: [running(1_000, 400), running(500, -1, { id: 'claimed' })],
    waiting: [waiting(1, 100)],
  });
  const { median, runningEnd } = await forecast(state);
  expect(Math.round(median.startMs[0] as number)).toBeGreaterThan(1_050);
  expect(Math.round(median.startMs[0] as number)).toBeLessThan(1_150);
  expect(runningEnd.p50[1]).toBeGreaterThan(runningEnd.p50[0] as number);
});

test('lanes share by predicted work over weight, whatever their ranks', async () => {
  const lanes = [lane(), lane({ tenantId: 'b', weight: 2 })];
  const jobs = Array.from({ length: 9 }, (_, n) => waiting(n, 100)).concat(
    Array.from({ length: 18 }, (_, n) => waiting(1_000 + n, 100, { lane: 1 })),
  );
  const starts = await startsOf(picture({ lanes, waiting: jobs }));
  const early = starts.filter((ms) => ms < 1_500);
  const ofHeavy = starts.slice(9).filter((ms) => ms < 1_500);
  expect([early.length, ofHeavy.length]).toEqual([15, 10]);
});

test('a limit lets in as many as it has places, and others pass', async () => {
  const limits = [{ scope: 't:a', max: 1, held: 0 }];
  const gated = { gated: true, scopes: [0] };
  const state = picture({
    limits,
    lanes: [lane(), lane({ tenantId: 'b' })],
    workers: [{ id: 'w', slots: 3, queues: null, types: null }],
    waiting: [waiting(1, 100, gated), waiting(2, 100, gated), waiting(3, 100, { lane: 1 })],
  });
  expect(await startsOf(state)).toEqual([0, 100, 0]);
});

test('nothing starts where a queue or lane is paused, a limit is 0, or no worker runs the type', async () => {
  const state = picture({
    queues: [
      { name: 'q', paused: false },
      { name: 'p', paused: true },
    ],
    lanes: [lane(), lane({ queue: 1 }), lane({ tenantId: 'b', paused: true })],
    limits: [{ scope: 'q:q', max: 0, held: 0 }],
    workers: [{ id: 'w', slots: 1, queues: new Set([0, 1]), types: new Set([0]) }],
    waiting: [
      waiting(1, 100, { type: 1 }),
      waiting(2, 100, { lane: 1 }),
      waiting(3, 100, { lane: 2 }),
      waiting(4, 100, { gated: true, scopes: [0] }),
      waiting(5, 100),
    ],
    // Who comes for ever does not keep the plan from ending.
    arrivals: { perMs: 1, like: [[{ ...waiting(0, 100), rankAhead: 0 }]] },
  });
  const { median, start } = await forecast(state);
  expect([...median.startMs]).toEqual([...Array(4).fill(Number.POSITIVE_INFINITY), 0]);
  expect(start.p90[0]).toBe(Number.POSITIVE_INFINITY);
});

test('jobs behind the listed ones take their turns and count in positions', async () => {
  const lanes = [lane({ beyond: { jobs: 3, meanMs: 100 } }), lane({ tenantId: 'b' })];
  const jobs = [
    waiting(1, 100),
    waiting(1, 100, { lane: 1 }),
    waiting(2, 100, { lane: 1 }),
    waiting(3, 100, { lane: 1 }),
  ];
  const { median } = await forecast(picture({ lanes, waiting: jobs }));
  expect([...median.position].sort()).toEqual([1, 2, 4, 6]);
});

test('those who arrive with smaller ranks push a job back, and ranges hold the share they claim', async () => {
  const like = [[{ lane: 0, type: 0, scopes: [], gated: false, ...sure(50), rankAhead: 0 }]];
  const quiet = await forecast(picture({ waiting: [waiting(1e12, 100), waiting(2e12, 100)] }));
  const busy = await forecast(
    picture({ waiting: [waiting(1e12, 100), waiting(2e12, 100)], arrivals: { perMs: 0.01, like } }),
  );
  expect(busy.start.p50[1]).toBeGreaterThan((quiet.start.p50[1] as number) + 20);
  expect(busy.start.p10[1]).toBeLessThan(busy.start.p90[1] as number);
});

test('a run that has passed its median has still time left, more the longer it ran', () => {
  const build = { p50Ms: 1_000, p90Ms: 2_000 };
  const left = [0, 1_000, 3_000, 30_000].map((elapsed) => leftAt(build, elapsed, 0.5));
  expect(left[0]).toBeCloseTo(1_000, 0);
  expect(left[1]).toBeLessThan(700);
  expect(left[3]).toBeGreaterThan(left[2] as number);
  expect(quantileOfNormal(cumulativeNormal(0.7))).toBeCloseTo(0.7, 5);
});
