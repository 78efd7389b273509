/** `npm run screenshots [-- FOLDER [PAGE ...]]`: every page of the dashboard, both themes, wide and narrow, as PNG. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '../../packages/ravenmq/test/e2e/browser.ts';
import { startOwnSystem } from './system.ts';
import { fillBacklog, makeSchedules, type People, people, runHistory } from './workload.ts';

const [folder = 'screenshots', ...wanted] = process.argv.slice(2);
const widths = [1_280, 390];
const themes = ['light', 'dark'];

/** What is opened, and what is done there before the picture. */
const pages: Record<string, { path: string; prepare?(page: Page): Promise<void> }> = {
  overview: { path: '/ui/' },
  jobs: { path: '/ui/jobs/' },
  'jobs-failed': { path: '/ui/jobs/?status=failed' },
  'jobs-selected': {
    path: '/ui/jobs/?type=shell',
    async prepare(page) {
      for (const key of ['j', 'x', 'j', 'x', 'j']) await page.keyboard.press(key);
    },
  },
  search: {
    path: '/ui/jobs/',
    async prepare(page) {
      await page.keyboard.press('/');
      await page.keyboard.type('status:');
    },
  },
  submit: { path: '/ui/jobs/?new=1' },
  failures: { path: '/ui/failures/' },
  schedules: { path: '/ui/schedules/' },
  'schedule-new': { path: '/ui/schedules/?new=1' },
  analytics: { path: '/ui/analytics/' },
  lab: {
    path: '/ui/lab/',
    async prepare(page) {
      await page.getByRole('button', { name: 'Replay' }).click();
      await page.getByRole('heading', { name: 'Orders compared' }).waitFor();
    },
  },
  queues: { path: '/ui/queues/' },
  board: { path: '/ui/queue/?name=default' },
  workers: { path: '/ui/workers/' },
  predictor: { path: '/ui/predictor/' },
  organization: { path: '/ui/organization/' },
  keys: { path: '/ui/keys/' },
  audit: { path: '/ui/audit/' },
  palette: {
    path: '/ui/',
    prepare: (page) => page.keyboard.press('Control+k'),
  },
  'keyboard-map': {
    path: '/ui/',
    prepare: (page) => page.keyboard.press('?'),
  },
};

/** The live stream keeps the network busy for ever; what a page shows is settled after that, in milliseconds. */
const settleMs = 1_200;

await mkdir(resolve(folder), { recursive: true });
const system = await startOwnSystem();
const browser = await startBrowser();
try {
  const users = await people(system.url, system.password);
  await runHistory(system.url, users);
  await fillBacklog(users);
  pages.schedule = { path: `/ui/schedule/?id=${await makeSchedules(users)}` };
  await addJobPages(users);
  await admins(users);
  for (const width of widths) await takeAll(width);
} finally {
  await browser.close();
  await system.stop();
}

async function takeAll(width: number): Promise<void> {
  const { page, complaints, close } = await browser.open(system.url, {
    width,
    height: width > 800 ? 860 : 844,
  });
  try {
    for (const theme of themes) {
      await page.goto(`${system.url}/ui/sign-in/`);
      await page.evaluate(`localStorage.setItem('ravenmq-theme', '${theme}')`);
      await page.reload();
      await picture(page, `sign-in-${theme}-${width}`);
      await page.getByLabel('User name').fill('admin');
      await page.getByLabel('Password').fill(system.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      for (const [name, { path, prepare }] of Object.entries(pages)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        await page.goto(system.url + path);
        await page.locator('h1').waitFor();
        await page.waitForTimeout(settleMs);
        await prepare?.(page);
        await picture(page, `${name}-${theme}-${width}`);
      }
      await page.context().clearCookies();
    }
  } finally {
    await close();
  }
  for (const line of new Set(complaints.filter((each) => !/status of 40[14]/.test(each)))) console.log(line);
}

async function picture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(250);
  await page.screenshot({ path: resolve(folder, `${name}.png`) });
}

/** One page each for a job that is done, failed, was retried, and waits. */
async function addJobPages({ admin }: People): Promise<void> {
  const kinds = [
    ['job-done', { name: 'nightly-report', status: 'done' }],
    ['job-failed', { name: 'import-orders', status: 'failed' }],
    ['job-retried', { name: 'warm-cache', status: 'done' }],
    ['job-waiting', { name: 'sync-inventory', status: 'queued' }],
    ['job-running', { status: 'running' }],
  ] as const;
  for (const [name, filter] of kinds) {
    const job = await firstOf(admin.jobs.list({ ...filter, limit: 1 }));
    if (job) pages[name] = { path: `/ui/job/?id=${job.id}` };
  }
}

/** Something for the pages of keys and of the audit. */
async function admins({ admin }: People): Promise<void> {
  const login = await fetch(`${system.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: system.password }),
  });
  const { token } = (await login.json()) as { token: string };
  const send = (method: string, path: string, body: object) =>
    fetch(system.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  for (const name of ['nightly importer', 'CI']) await send('POST', '/api-keys', { name });
  await send('PUT', '/queues/batch', { concurrency: 3 });
  const waiting = await firstOf(admin.jobs.list({ name: 'month-end', limit: 1 }));
  if (waiting) await send('POST', `/jobs/${waiting.id}/cancel`, {});
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
