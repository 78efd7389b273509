/** A worker is killed while it trains and while it runs SQL: the training goes on, no half file and no process stays. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { cancelJob } from '../../src/jobs/cancel.ts';
import { getJob } from '../../src/jobs/list.ts';
import { readLog } from '../../src/jobs/reports.ts';
import { eventually } from '../eventually.ts';
import { test } from '../fixtures.ts';
import { submitted } from '../jobs.ts';
import { startRole } from './processes.ts';

const training = `
  state="$RAVENMQ_CHECKPOINT_DIR/step"; step=$(cat "$state" 2>/dev/null || echo 0)
  echo "from step $step"
  while [ $step -lt 30 ]; do
    sleep 0.1; step=$((step + 1)); echo $step >"$state.new"; mv "$state.new" "$state"
  done`;
const endless =
  'select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = -1';

test('a killed worker’s training is resumed, and its SQL leaves nothing behind', async ({ db }) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravenmq-kills-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711);
  const [ml, files] = [join(folder, 'ml'), join(folder, 'files')];
  await mkdir(files);
  const env = {
    ...{ RAVENMQ_ALLOW_ML: 'true', RAVENMQ_ML_ALLOW: '/bin/sh', RAVENMQ_ML_FOLDER: ml },
    ...{ RAVENMQ_ETL_FOLDERS: files, RAVENMQ_LEASE_MS: '1500', TMPDIR: folder },
  };
  const processes = [startRole('scheduler', db), startRole('worker', db, env)];
  onTestFinished(async () => {
    for (const each of processes) await each.kill();
  });
  const [train, copy] = await submitted(
    db.pool,
    { type: 'ml', name: 'train', payload: { argv: ['/bin/sh', '-c', training] } },
    { type: 'etl', name: 'copy', payload: { outputs: [{ file: 'out.csv', query: endless }] } },
  );
  const [trainId, copyId] = [train?.id as string, copy?.id as string];
  const checkpoint = join(ml, train?.tenant_id as string, trainId, 'checkpoint/step');
  const ofSql = () =>
    execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter(
        (line) => line.includes('etl-child.ts') && !line.includes('setpriv') && !line.includes('/bin/sh'),
      );
  const before = ofSql().length;
  await eventually(async () => Number(await readFile(checkpoint, 'utf8').catch(() => '0')) >= 3, {
    timeoutMs: 30_000,
  });
  await eventually(async () => (await getJob(db.pool, copyId))?.started_at, { timeoutMs: 30_000 });

  await processes[1]?.kill();
  await eventually(() => ofSql().length <= before);
  expect((await readdir(files)).filter((name) => !name.startsWith('.'))).toEqual([]);
  processes.push(startRole('worker', db, env));

  await eventually(async () => (await getJob(db.pool, trainId))?.status === 'done', { timeoutMs: 60_000 });
  const log = (await readLog(db.pool, trainId, 0, 100)).map((line) => line.message);
  expect(log).toContainEqual(expect.stringMatching(/^from step ([3-9]|[12]\d)$/));
  await cancelJob(db.pool, copyId);
  await eventually(async () => (await getJob(db.pool, copyId))?.status === 'cancelled', {
    timeoutMs: 30_000,
  });
  expect(await readdir(files)).toEqual([]);
});
