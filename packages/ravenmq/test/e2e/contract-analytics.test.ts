/** The numbers under /analytics after a known set of runs. They are rolled up, so each is waited for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  echoJob,
  expectStatus,
  foundOrganization,
  type Json,
  jobWith,
  type Member,
  manySignIns,
  register,
  run,
  signInAsAdmin,
  submit,
  waitingJob,
} from './api-client.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let member: Member;
let admin: Account;
let runs: Json[];
const failing = { name: 'false', type: 'shell', payload: { argv: ['/bin/false'] }, max_retries: 0 };
beforeAll(async () => {
  system = await startSystem(manySignIns);
  admin = await signInAsAdmin(system);
  member = await foundOrganization(system);
  runs = [];
  for (let n = 0; n < 3; n++) runs.push(await run(member, echoJob()));
  runs.push(
    await run(member, { name: 'health', type: 'http', payload: { url: `${system.baseUrl}/health` } }),
  );
  runs.push(await run(member, failing));
  await submit(member, waitingJob());
  await submit(member, waitingJob());
});
afterAll(() => system?.stop());

const rolledUp = { timeoutMs: 5_000, everyMs: 50 };
// The depth is a sample, taken every few seconds.
const sampled = { timeoutMs: 15_000, everyMs: 100 };
const summaryWhen = (as: Account, condition: (summary: Json) => boolean): Promise<Json> =>
  eventually(async () => {
    const summary = expectStatus(200, await as.get('/analytics/summary'));
    return condition(summary) && summary;
  }, rolledUp);
const complete = ({ counts }: Json) => counts.total_done === 4 && counts.total_failed === 1;

describe('the summary', () => {
  test('counts what ran and what waits', async () => {
    const { counts } = await summaryWhen(member, complete);
    expect(counts).toMatchObject({ total_done: 4, total_failed: 1, total_queued: 2, total_running: 0 });
    expect([0.8, 80]).toContain(counts.success_rate);
  });

  test('counts what is running', async () => {
    const job = await submit(member, {
      name: 'sleep',
      type: 'shell',
      payload: { argv: ['/bin/sleep', '60'] },
    });
    await jobWith(member, job.id, 'running');
    await summaryWhen(member, ({ counts }) => counts.total_running === 1);
    await member.post(`/jobs/${job.id}/cancel`);
    await jobWith(member, job.id, 'cancelled');
    const { counts } = await summaryWhen(member, ({ counts }) => counts.total_running === 0);
    expect(counts).toMatchObject({ total_done: 4, total_failed: 1 });
  });

  test('tells actual and predicted runtimes by type', async () => {
    const { by_type: byType } = await summaryWhen(member, complete);
    const of = (type: string) => byType.find((row: Json) => row.type === type);
    const done = runs.filter((job) => job.type === 'shell' && job.status === 'done');
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

    expect(of('http').total).toBe(1);
    expect([3, 4, 5]).toContain(of('shell').total);
    for (const type of ['http', 'shell']) {
      expect(of(type).avg_actual_ms).toBeGreaterThan(0);
      expect(of(type).avg_predicted_ms).toBeGreaterThan(0);
    }
    // The runtime is that of the attempt and so at most the time between start and end.
    const spans = done.map((job) => Date.parse(job.finished_at) - Date.parse(job.started_at) + 1);
    expect(of('shell').avg_actual_ms).toBeLessThan(Math.max(1_000, 3 * mean(spans)));
  });

  test('tells the error of the predictions and the health of the queue', async () => {
    const summary = await summaryWhen(member, complete);
    const rows: Json[] = expectStatus(200, await member.get('/analytics/prediction-accuracy'));
    const errors = rows.map((row) => Math.abs(row.actual_ms - row.predicted_ms) / row.actual_ms);
    const mape = (100 * errors.reduce((sum, error) => sum + error, 0)) / errors.length;
    expect(summary.prediction_mape_pct / mape).toBeCloseTo(1, 2);
    const logs = rows.map((row) => Math.abs(Math.log(row.predicted_ms / row.actual_ms)));
    const logError = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    expect(summary.prediction_log_error / logError).toBeCloseTo(1, 2);
    const { queue_health: health } = summary;
    expect(health.jobs_last_hour).toBeGreaterThanOrEqual(5);
    expect(health.avg_queue_wait_ms).toBeGreaterThanOrEqual(0);
    expect(health.p95_queue_wait_ms).toBeGreaterThanOrEqual(0);
    expect(health.p95_queue_wait_ms).toBeLessThan(5_000);
    expect(health.p95_execution_ms).toBeGreaterThan(0);
    expect(health.p95_execution_ms).toBeLessThan(61_000);
  });

  test('of a user who has submitted nothing has every field', async () => {
    const empty = expectStatus(200, await (await register(system)).get('/analytics/summary'));
    expect(Object.keys(empty.counts)).toEqual(
      expect.arrayContaining(['total_done', 'total_failed', 'total_queued', 'total_running', 'success_rate']),
    );
    expect(Object.keys(empty.queue_health)).toEqual(
      expect.arrayContaining([
        'avg_queue_wait_ms',
        'p95_queue_wait_ms',
        'p95_execution_ms',
        'jobs_last_hour',
      ]),
    );
    expect(empty).toMatchObject({ by_type: [] });
    expect(empty).toMatchObject({ prediction_mape_pct: null, prediction_log_error: null });
  });

  test('of the administrator counts all organizations', async () => {
    const own = await register(system);
    await run(own, echoJob());
    await summaryWhen(admin, ({ counts }) => counts.total_done === 5);
    expect((await summaryWhen(member, complete)).counts.total_done).toBe(4);
    expect((await summaryWhen(own, ({ counts }) => counts.total_done === 1)).counts.total_queued).toBe(0);
  });
});

test('throughput covers the last 24 hours and adds up to what ended', async () => {
  const sum = (buckets: Json[], field: string) => buckets.reduce((total, bucket) => total + bucket[field], 0);
  const buckets = await eventually(async () => {
    const answer = expectStatus(200, await member.get('/analytics/throughput'));
    return sum(answer, 'done') === 4 && sum(answer, 'failed') === 1 && answer;
  }, rolledUp);
  const times = buckets.map((bucket: Json) => Date.parse(bucket.bucket));

  expect(times).toEqual(times.toSorted((a: number, b: number) => a - b));
  expect(new Set(times).size).toBe(times.length);
  expect(times[0]).toBeGreaterThan(Date.now() - 25 * 3_600_000);
  expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
});

test('queue depth has a count for each bucket of time', async () => {
  const buckets = await eventually(async () => {
    const answer = expectStatus(200, await member.get('/analytics/queue-depth'));
    return answer.at(-1)?.queued === 2 && answer;
  }, sampled);
  for (const bucket of buckets) {
    expect(Date.parse(bucket.bucket)).toBeLessThanOrEqual(Date.now());
    expect(bucket.queued).toEqual(expect.any(Number));
  }
});

describe('prediction accuracy', () => {
  test('shows each run with its predicted and its actual time', async () => {
    const rows = await eventually(async () => {
      const answer = expectStatus(200, await member.get('/analytics/prediction-accuracy'));
      return answer.length >= 4 && answer;
    }, rolledUp);

    for (const row of rows) {
      expect(['shell', 'http']).toContain(row.type);
      expect(row.actual_ms).toBeGreaterThan(0);
      expect(row.predicted_ms).toBeGreaterThan(0);
      expect(Math.abs(Date.now() - Date.parse(row.finished_at))).toBeLessThan(60_000);
    }
    expect(rows.filter((row: Json) => row.type === 'http')).toHaveLength(1);
  });

  test('keeps to the last 100', async () => {
    const jobs = Array.from({ length: 110 }, (_, n) => ({
      name: `call ${n % 5}`,
      type: 'http',
      payload: { url: `${system.baseUrl}/health` },
    }));
    const submitted = expectStatus(201, await member.post('/jobs/bulk', { jobs }));
    for (const { id } of submitted) await jobWith(member, id, 'done', 'failed');
    const rows = await eventually(async () => {
      const answer = expectStatus(200, await member.get('/analytics/prediction-accuracy'));
      return answer.length >= 100 && answer.every((row: Json) => row.type === 'http') && answer;
    }, rolledUp);
    expect(rows).toHaveLength(100);
  });
});

test.each(['summary', 'throughput', 'prediction-accuracy', 'queue-depth', 'scheduler-leader'])(
  '/analytics/%s answers every user, with and without the slash at the end',
  async (name) => {
    const loner = await register(system);
    for (const user of [member, admin, loner]) {
      expect((await user.get(`/analytics/${name}`)).status).toBe(200);
      expect((await user.get(`/analytics/${name}/`)).status).toBe(200);
    }
  },
);
