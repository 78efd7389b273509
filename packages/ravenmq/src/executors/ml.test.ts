import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { anAttempt } from './an-attempt.ts';
import type { Attempt } from './executor.ts';
import { createMlExecutor, type MlResult } from './ml.ts';
import { forgetRuns } from './ml-folder.ts';
import { NonRetryable } from './outcome.ts';

async function aFolder(): Promise<string> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'ravenmq-test-ml-'));
  await fs.chmod(folder, 0o711);
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

function run(folder: string, script: string, more: Partial<Attempt> = {}, payload = {}) {
  const execute = createMlExecutor({ allow: ['/bin/sh'], user: 'nobody', folder, keepDays: 30 });
  const attempt = anAttempt({ argv: ['/bin/sh', '-c', script], ...payload }, more);
  return { attempt, ended: execute(attempt) as Promise<MlResult> };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('resolved'),
    (error) => error as Error & { result: MlResult },
  );

/** Counts to five, from where its checkpoint says; `each` is done after every step. */
const training = (each: string) => `
  step=$(cat "$RAVENMQ_CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
  echo "from step $step" >&2
  while [ $step -lt 5 ]; do
    step=$((step + 1))
    echo "{\\"step\\": $step, \\"loss\\": 0.$((9 - step)), \\"progress\\": 0.$((step * 2 - 1))}"
    echo $step >"$RAVENMQ_CHECKPOINT_DIR/step.new" && mv "$RAVENMQ_CHECKPOINT_DIR/step.new" "$RAVENMQ_CHECKPOINT_DIR/step"
    ${each}
  done
  echo weights >"$RAVENMQ_ARTIFACT_DIR/model.txt"; echo done training`;

test('metrics, progress, log and artifacts of a run; its checkpoint is gone when it is done', async () => {
  const folder = await aFolder();
  const { attempt, ended } = run(folder, training('true'));
  const result = await ended;

  expect(result).toMatchObject({
    exit_code: 0,
    metrics: { loss: 0.4 },
    folder: 'tenant-1/job-1/artifacts',
    artifacts: [
      { name: 'model.txt', bytes: 8, sha256: createHash('sha256').update('weights\n').digest('hex') },
    ],
  });
  expect(attempt.reported.metrics).toEqual([1, 2, 3, 4, 5].map((step) => ['loss', step, (9 - step) / 10]));
  expect(attempt.reported.progress).toEqual([0.1, 0.3, 0.5, 0.7, 0.9, 1]);
  expect(attempt.reported.logs.toSorted()).toEqual(['done training', 'from step 0']);
  expect((await fs.readdir(join(folder, 'tenant-1/job-1'))).sort()).toEqual(['artifacts', 'fence']);
});

test('a killed run goes on from its checkpoint', async () => {
  const folder = await aFolder();
  const first = run(folder, training('[ $step -lt 3 ] || kill -9 $$'), { attempt: 1, fence: 1 });
  const error = await errorOf(first.ended);
  expect(error.message).toContain('137 (SIGKILL)');
  expect(error).not.toBeInstanceOf(NonRetryable);
  expect(error.result.metrics).toEqual({ loss: 0.6 });

  const second = run(folder, training('true'), { attempt: 2, fence: 2 });
  await second.ended;
  expect(second.attempt.reported.logs).toContain('from step 3');
  expect(second.attempt.reported.metrics.map(([, step]) => step)).toEqual([4, 5]);

  const stale = run(folder, training('true'), { attempt: 1, fence: 1 });
  expect((await errorOf(stale.ended)).message).toContain('a later attempt');
});

test('a run that has to stop writes a last checkpoint; one that lost its lease may not', async () => {
  const folder = await aFolder();
  const script = `trap 'echo last >"$RAVENMQ_CHECKPOINT_DIR/state"; exit 1' TERM; echo ready; while :; do sleep 0.02; done`;
  const stopped = async (jobId: string, reason: string) => {
    const stop = new AbortController();
    const { attempt, ended } = run(folder, script, { jobId, signal: stop.signal });
    const error = errorOf(ended);
    await eventually(() => attempt.reported.logs.includes('ready'));
    stop.abort(reason);
    expect((await error).message).toBe(`stopped: ${reason}`);
    return fs.readdir(join(folder, 'tenant-1', jobId, 'checkpoint'));
  };
  expect(await stopped('asked', 'cancel')).toEqual(['state']);
  const deaf = `trap '' TERM; echo ready; while :; do sleep 0.02; done`;
  const { attempt, ended } = run(folder, deaf, {}, { grace_ms: 100, timeout_ms: 500 });
  expect((await errorOf(ended)).message).toContain('not finished within 500 ms');
  expect(attempt.reported.logs).toContain('ready');

  const began = performance.now();
  const slow = `trap 'sleep 5' TERM; echo ready; while :; do sleep 0.02; done`;
  const stop = new AbortController();
  const lost = run(folder, slow, { jobId: 'lost', signal: stop.signal });
  const error = errorOf(lost.ended);
  await eventually(() => lost.attempt.reported.logs.includes('ready'));
  stop.abort('lost');
  await error;
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('only programs of the list run, and a link among the artifacts is not followed', async () => {
  const folder = await aFolder();
  const other = run(folder, '', {}, { argv: ['/usr/bin/env'] });
  expect((await errorOf(other.ended)).message).toContain('RAVENMQ_ML_ALLOW');
  const { ended } = run(folder, 'ln -s /etc/passwd "$RAVENMQ_ARTIFACT_DIR/link"; id -u');
  const result = await ended;
  expect(result.artifacts).toEqual([]);
  if (process.getuid?.() === 0) expect(result.stdout).not.toBe('0\n');
});

test('folders of old runs are removed, those of young ones stay', async () => {
  const folder = await aFolder();
  await run(folder, 'true', { jobId: 'old' }).ended;
  await run(folder, 'true', { jobId: 'young' }).ended;
  const longAgo = new Date(Date.now() - 31 * 86_400_000);
  await fs.utimes(join(folder, 'tenant-1/old/fence'), longAgo, longAgo);
  expect(await forgetRuns(folder, 30)).toBe(1);
  expect(await fs.readdir(join(folder, 'tenant-1'))).toEqual(['young']);
});
