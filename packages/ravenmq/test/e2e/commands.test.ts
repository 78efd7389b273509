/** The commands that speak to the API, as a person or a script uses them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from './system.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let system: System;
let home: string;
beforeAll(async () => {
  system = await startSystem();
  home = await mkdtemp(join(tmpdir(), 'ravenmq-cli-'));
});
afterAll(async () => {
  await system?.stop();
  await rm(home, { recursive: true, force: true });
});

function ravenmq(args: string[], env: Record<string, string> = {}, input = '') {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env: { PATH: process.env.PATH, XDG_CONFIG_HOME: home, RAVENMQ_URL: system.baseUrl, ...env } },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

const echo = (...words: string[]) => JSON.stringify({ argv: ['/bin/echo', ...words] });

test('sign in once; then submit, wait, list, read the log, retry and cancel', async () => {
  const stranger = await ravenmq(['job', 'list']);
  expect(stranger).toMatchObject({ code: 4, out: '', err: expect.stringContaining('ravenmq login') });
  const login = await ravenmq(['login', system.adminUsername], {}, system.adminPassword);
  expect(login).toMatchObject({ code: 0, err: expect.stringContaining('Signed in') });
  expect(login.out + login.err).not.toContain('rmq_');

  const done = await ravenmq(['job', 'enqueue', 'shell', '-n', 'hello', '-d', echo('hello raven'), '--wait']);
  expect(done.code).toBe(0);
  const job = JSON.parse(done.out);
  expect(job).toMatchObject({ name: 'hello', status: 'done' });
  expect((await ravenmq(['job', 'logs', job.id, '-o', 'table'])).out).toContain('hello raven');
  expect(JSON.parse((await ravenmq(['job', 'list', '--name', 'hello', '-o', 'json'])).out)).toHaveLength(1);
  const table = await ravenmq(['job', 'list', '-o', 'table']);
  expect(table.out.split('\n')[0]).toMatch(/^id +name +type +status/);

  const failing = ['job', 'enqueue', 'shell', '-d', '-', '--max-retries', '0', '--label', 'team=x', '--wait'];
  const failed = await ravenmq(failing, {}, JSON.stringify({ argv: ['/bin/false'] }));
  expect(failed).toMatchObject({ code: 7, err: expect.stringContaining('exit code 1') });
  const { id, labels } = JSON.parse(failed.out);
  expect(labels).toEqual({ team: 'x' });
  expect(JSON.parse((await ravenmq(['job', 'retry', id])).out)).toMatchObject({ id, status: 'queued' });
  const later = JSON.parse((await ravenmq(['job', 'enqueue', 'x', '--run-at', '2100-01-01T00:00:00Z'])).out);
  expect(await ravenmq(['job', 'cancel', later.id, '-o', 'table'])).toMatchObject({
    out: expect.stringContaining('cancelled'),
  });
});

test('schedules by name', async () => {
  const made = await ravenmq([
    ...['schedule', 'create', 'tick', '--every', '1s', '--type', 'shell', '-d', echo('tick')],
    ...['--overlap', 'skip'],
  ]);
  expect(JSON.parse(made.out)).toMatchObject({ name: 'tick', every_ms: 1_000, overlap: 'skip' });
  const preview = ['schedule', 'preview', '--cron', '0 0 1 1 *', '--timezone', 'Asia/Tokyo', '--count', '2'];
  expect((await ravenmq(preview)).out).toMatch(/^20\d\d-12-31T15:00:00.000Z\n20\d\d-12-31T15:00:00.000Z\n$/);
  const ran = JSON.parse((await ravenmq(['schedule', 'run', 'tick'])).out);
  expect((await ravenmq(['job', 'watch', ran.job_id])).code).toBe(0);
  expect(JSON.parse((await ravenmq(['schedule', 'pause', 'tick'])).out)).toMatchObject({ paused: true });
  const fires = (await ravenmq(['schedule', 'fires', 'tick'])).out.trim().split('\n');
  expect(fires.length).toBeGreaterThanOrEqual(1);
  expect(await ravenmq(['schedule', 'delete', 'tick'])).toMatchObject({ code: 0, out: '' });
  expect(await ravenmq(['schedule', 'get', 'tick'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('ravenmq schedule list'),
  });
});

test('exit codes and words for what goes wrong', async () => {
  const nowhere = { RAVENMQ_URL: 'http://127.0.0.1:1' };
  expect(await ravenmq(['worker', 'list'], nowhere)).toMatchObject({
    code: 5,
    err: expect.stringContaining('ravenmq up'),
  });
  expect(await ravenmq(['job', 'list', '--limit', 'many'])).toMatchObject({ code: 2 });
  expect(await ravenmq(['job', 'enqueue', 'x', '-d', '{'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--data is not JSON'),
  });
  expect(await ravenmq(['job', 'get', '01990000-0000-7000-8000-000000000000'])).toMatchObject({ code: 3 });
  const well = await ravenmq(['doctor']);
  expect(well).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^API +ok.*\nsign-in +ok.*\nleader +ok.*\nworkers +ok/),
  });
  expect(await ravenmq(['doctor'], nowhere)).toMatchObject({
    code: 1,
    out: expect.stringContaining('NOT OK'),
  });
  const keys = JSON.parse((await ravenmq(['token', 'list', '-o', 'json'])).out);
  expect(keys).toHaveLength(1);
  await ravenmq(['token', 'revoke', keys[0].id]);
  expect(await ravenmq(['job', 'list'])).toMatchObject({ code: 4 });
});
