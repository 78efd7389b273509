import { expect } from 'vitest';
import { test } from '../../test/fixtures.ts';
import { acme, aJob, globex } from '../../test/jobs.ts';
import { noWakeUps } from '../db/wake-ups.ts';
import { createSubmitter } from './submit.ts';

test('a job is stored with priority 0.5 when nothing is known of its series', async ({ db }) => {
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });

  const answer = await submitter.submit(aJob({ payload: { a: 1 } }));

  expect(answer).toMatchObject({
    kind: 'created',
    job: { status: 'queued', priority: 0.5, predicted_runtime_ms: 3000 },
  });
});

test('the finest estimate that exists decides rank and priority', async ({ db }) => {
  await db.pool.query(
    `insert into estimate (tenant_id, type, name, p50_ms, p90_ms, mean_ms, samples) values
      ($1, 'etl', 'nightly', 6000, 9000, 7000, 5), ($1, 'etl', '', 1000, 1500, 1200, 9),
      ('00000000-0000-0000-0000-000000000000', 'etl', '', 3000, 3000, 3000, 0)`,
    [acme],
  );
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const predicted = async (orgId: string, name: string) => {
    const answer = await submitter.submit(aJob({ orgId, type: 'etl', name }));
    return answer.kind === 'conflict' ? undefined : answer.job;
  };

  expect((await predicted(acme, 'nightly'))?.predicted_runtime_ms).toBe(6000);
  expect((await predicted(acme, 'other'))?.predicted_runtime_ms).toBe(1000);
  expect((await predicted(globex, 'nightly'))?.predicted_runtime_ms).toBe(3000);
  const job = await predicted(acme, 'nightly');
  expect(job?.priority).toBeCloseTo(1 / (1 + 6000 / 3000), 10);
  const waits = (job?.rank as number) / 1000 - Date.parse(job?.ready_at as string);
  expect(Math.round(waits / 1000)).toBe(10 * 7);
});

test('the rank never passes the deadline less the p90, and never precedes the submission', async ({ db }) => {
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

  const soon = await submitter.submit(aJob({ deadline: inMs(10_000) }));
  const missed = await submitter.submit(aJob({ deadline: inMs(-60_000) }));

  const slack = (answer: typeof soon) =>
    answer.kind === 'conflict'
      ? 0
      : (answer.job.rank as number) / 1000 - Date.parse(answer.job.ready_at as string);
  expect(slack(soon)).toBeGreaterThan(6_500);
  expect(slack(soon)).toBeLessThan(7_100);
  expect(Math.abs(slack(missed))).toBeLessThan(1);
});

test('the same idempotency key and request answers the first job, another request a conflict', async ({
  db,
}) => {
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const request = aJob({ idempotencyKey: 'order-1', payload: { b: 1, a: [1, 2] } });

  const first = await submitter.submit(request);
  const again = await submitter.submit({ ...request, payload: { a: [1, 2], b: 1 } });
  const other = await submitter.submit({ ...request, payload: { a: 2 } });
  const elsewhere = await submitter.submit({ ...request, orgId: globex });

  expect(first.kind).toBe('created');
  expect(again).toMatchObject({ kind: 'existing', job: { id: first.kind === 'created' && first.job.id } });
  expect(other.kind).toBe('conflict');
  expect(elsewhere.kind).toBe('created');
});

test('submissions that race with one key make one job, also inside one group', async ({ db }) => {
  const submitters = [1, 2, 3].map(() => createSubmitter({ pool: db.pool, wakeUps: noWakeUps }));

  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => submitters[n % 3]?.submit(aJob({ idempotencyKey: 'once' }))),
  );

  expect(answers.filter((answer) => answer?.kind === 'created')).toHaveLength(1);
  expect(answers.filter((answer) => answer?.kind === 'existing')).toHaveLength(29);
  expect((await db.pool.query('select count(*) from jobs')).rows[0].count).toBe(1);
});

test('concurrent submissions share a statement, and one bad row fails alone', async ({ db }) => {
  let statements = 0;
  const counting = {
    query: (...args: never[]) => (
      statements++, (db.pool.query as never as (...a: never[]) => never)(...args)
    ),
  };
  const submitter = createSubmitter({
    pool: Object.assign(Object.create(db.pool), counting),
    wakeUps: noWakeUps,
  });

  const good = await Promise.all(Array.from({ length: 50 }, () => submitter.submit(aJob())));
  expect(good.every((answer) => answer.kind === 'created')).toBe(true);
  expect(statements).toBe(1);

  const mixed = await Promise.allSettled(
    Array.from({ length: 5 }, (_, n) => submitter.submit(aJob({ name: n === 2 ? '' : 'ok' }))),
  );
  expect(mixed.map((entry) => entry.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
});

test('a delayed job is scheduled and carries its run_at', async ({ db }) => {
  const submitter = createSubmitter({ pool: db.pool, wakeUps: noWakeUps });
  const runAt = new Date(Date.now() + 60_000).toISOString();

  const answer = await submitter.submit(aJob({ runAt }));

  expect(answer).toMatchObject({ kind: 'created', job: { status: 'scheduled', run_at: runAt } });
});

test('enqueue() joins the caller’s transaction', async ({ db }) => {
  await db.pool.query(`insert into organizations (id, name) values ($1, 'acme')`, [acme]);
  const client = await db.pool.connect();
  const enqueue = (options: object) =>
    client.query(`select enqueue('acme', 'mail', '{"to":"a"}', $1::jsonb) as id`, [JSON.stringify(options)]);
  try {
    await client.query('begin');
    await enqueue({});
    await client.query('rollback');
    expect((await client.query('select count(*) from jobs')).rows[0].count).toBe(0);

    const { rows } = await enqueue({
      queue: 'mails',
      idempotency_key: 'k',
      max_retries: 1,
      labels: { team: 'x' },
    });
    expect(
      (await enqueue({ queue: 'mails', idempotency_key: 'k', max_retries: 1, labels: { team: 'x' } })).rows,
    ).toEqual(rows);
    await expect(enqueue({ idempotency_key: 'k' })).rejects.toMatchObject({ code: '23505' });
    await expect(enqueue({ quue: 'x' })).rejects.toThrow('unknown option: quue');
    expect((await client.query('select queue, name, max_retries, labels, status from jobs')).rows).toEqual([
      { queue: 'mails', name: 'mail', max_retries: 1, labels: { team: 'x' }, status: 'queued' },
    ]);
  } finally {
    client.release();
  }
});
