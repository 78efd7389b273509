import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';
import { acme, aFinish, claim, finish, globex, leadership, submitted } from '../../test/jobs.ts';
import { aliveWorker, planned } from '../../test/planned.ts';
import { pauseQueue } from '../jobs/queues.ts';
import { createLogger } from '../log.ts';
import { createAlarms } from '../scheduler/raise-alarms.ts';

const many = (count: number, job = {}) => Array.from({ length: count }, () => job);

test('workers are asked for by predicted work, and who has the least left is stopped first', async ({
  db,
}) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  const root = await signedUp(api, 'root');
  await db.pool.query(`update users set role = 'admin' where id = $1`, [root.id]);
  await aliveWorker(db.pool, { slots: 2 });
  await aliveWorker(db.pool, { workerId: 'worker-2', slots: 2, queues: ['default'] });
  await submitted(db.pool, ...many(41));
  await claim(db.pool, { workerId: 'worker-2' });
  await submitted(db.pool, { queue: 'other' });
  await planned(db.pool, guard);
  const ask = async (url: string) => (await api.app.inject({ url, headers: root.headers })).json();

  const scaling = await ask('/autoscaling/default?target_wait_s=10&slots=2');
  // 40 jobs of 3 s wait, one has about 3 s left: 123 s of work for 20 slot seconds a worker.
  expect(scaling).toMatchObject({ desired_workers: 7, workers: 2, waiting: 40, running: 1, backlog_s: 120 });
  expect(scaling.scale_in.map((worker: { worker_id: string }) => worker.worker_id)).toEqual([
    'worker-1',
    'worker-2',
  ]);
  expect(await ask('/autoscaling/all?target_wait_s=10')).toMatchObject({ waiting: 41, slots_per_worker: 2 });
  expect(await ask('/autoscaling/default?target_wait_s=10&max=3')).toMatchObject({ desired_workers: 3 });
  expect(await ask('/autoscaling/other,nothing')).toMatchObject({ waiting: 1, workers: 1 });
  await pauseQueue(db.pool, 'default', true);
  expect(await ask('/autoscaling/default')).toMatchObject({ desired_workers: 1, waiting: 0 });
  const metrics = (await api.app.inject('/metrics')).body;
  expect(metrics).toContain('ravenmq_predicted_backlog_seconds{queue="default"} 120');
  expect(metrics).toContain('ravenmq_desired_workers 1');
  await api.stop();
});

test('a run far past its time and a deadline at risk are told to whom they belong, and logged once', async ({
  db,
}) => {
  const api = await anApi(db);
  const guard = await leadership(db.pool);
  const ada = await signedUp(api, 'ada');
  await db.pool.query(`insert into organizations (id, name) values ($1, 'acme')`, [acme]);
  await db.pool.query('update users set org_id = $1 where id = $2', [acme, ada.id]);
  await aliveWorker(db.pool);
  await submitted(db.pool, ...many(25, { name: 'usual' }));
  for (const job of await claim(db.pool, { count: 25 }))
    await finish(db.pool, aFinish(job, { runtimeMs: 800 }));
  await submitted(db.pool, { name: 'stuck' }, { orgId: globex, name: 'others' });
  await claim(db.pool, { count: 2 });
  await db.pool.query(
    `update job_live set started_at = now() - interval '1 minute' where status = 'running'`,
  );
  await submitted(db.pool, { name: 'urgent', deadline: new Date(Date.now() + 1_000).toISOString() });
  await planned(db.pool, guard);

  const alarms = (await api.app.inject({ url: '/alarms', headers: ada.headers })).json();
  expect(alarms).toMatchObject({
    running_long: [{ name: 'stuck', p90_ms: 3_000, worker_id: 'worker-1' }],
    deadlines_at_risk: [{ name: 'urgent' }],
    timeouts: [{ type: 'noop', name: 'usual', samples: 25, p98_ms: 800, suggested_timeout_ms: 1_600 }],
  });
  const id = alarms.running_long[0].job_id;
  const job = (await api.app.inject({ url: `/jobs/${id}`, headers: ada.headers })).json();
  expect(job).toMatchObject({ status: 'running', running_long: true });
  const why = (await api.app.inject({ url: `/jobs/${id}/explain`, headers: ada.headers })).json();
  expect(why.sentence).toMatch(/^Running for (1 min|59 s).* far longer than its predicted p90 of 3 s/);

  const said: { event: string; name: string }[] = [];
  const log = Object.assign(createLogger('silent'), { warn: (line: (typeof said)[0]) => said.push(line) });
  const raise = createAlarms(db.pool, log);
  await raise();
  await raise();
  expect(said.map(({ event, name }) => `${event} ${name}`).sort()).toEqual([
    'deadline_at_risk urgent',
    'job_running_long others',
    'job_running_long stuck',
  ]);
  const metrics = (await api.app.inject('/metrics')).body;
  expect(metrics).toContain('ravenmq_jobs_running_long 2');
  expect(metrics).toContain('ravenmq_deadlines_at_risk 1');
  await api.stop();
});
