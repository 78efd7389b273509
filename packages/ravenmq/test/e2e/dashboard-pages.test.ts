/** What holds for every page of the dashboard: safe, accessible, small, still; and the lab. One system and browser for all. */
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import {
  type Account,
  echoJob,
  expectStatus,
  jobWith,
  manySignIns,
  register,
  run,
  signInAsAdmin,
  submit,
} from './api-client.ts';
import { type OpenBrowser, startBrowser } from './browser.ts';
import { adminOf, openAs, unexpected } from './dashboard-person.ts';
import { type System, startSystem } from './system.ts';

const attack = '<img src=x onerror=alert(1)><script>alert(2)</script>';
/** Told apart from the job of that name. */
const another = attack.replace('src=x', 'src=y');
const failing = { name: 'failing', type: 'shell', max_retries: 0 };

let system: System;
let browser: OpenBrowser;
let admin: Account;
let pages: string[];
beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem(manySignIns), startBrowser()]);
  admin = await signInAsAdmin(system);
  await admin.post('/orgs', { name: attack });
  await admin.post('/api-keys', { name: attack });
  const text = { name: attack, type: 'mine', payload: { [attack]: attack }, labels: { [attack]: attack } };
  const waiting = await submit(admin, { ...text, concurrency_key: attack, idempotency_key: attack });
  const schedule = { name: another, cron: '0 9 * * 1-5', job: { ...text, name: undefined } };
  const { id: scheduled } = (await admin.post('/schedules', schedule)).body;
  await admin.post(`/schedules/${scheduled}/run`);
  const script = `echo '${attack}' >&2; exit 3`;
  const failed = await run(admin, { ...failing, payload: { script } });
  const done = await run(admin, { name: 'done', type: 'shell', payload: { argv: ['/bin/echo', attack] } });
  await run(admin, echoJob());
  const question = {
    slots: [1, 2],
    policies: ['fifo', 'shortest', 'hrrn', 'adaptive'],
    arrival_scales: [1, 2],
  };
  const asked = expectStatus(202, await admin.post('/whatif', question));
  const whatif = `/whatif/${asked.id}`;
  await eventually(async () => (await admin.get(whatif)).body.status === 'done' || undefined);
  pages = [
    '/ui/',
    '/ui/jobs/',
    '/ui/jobs/?new=1',
    ...[waiting, failed, done].map(({ id }) => `/ui/job/?id=${id}`),
    '/ui/failures/',
    '/ui/schedules/',
    '/ui/schedules/?new=1',
    `/ui/schedule/?id=${scheduled}`,
    '/ui/analytics/',
    '/ui/lab/',
    `/ui/lab/?id=${asked.id}`,
    '/ui/queues/',
    '/ui/queue/?name=default',
    '/ui/workers/',
    '/ui/predictor/',
    '/ui/organization/',
    '/ui/keys/',
    '/ui/audit/',
  ];
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** Goes to a page and waits until nothing loads. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.goto(system.baseUrl + path);
  await page.locator('h1').waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

test.each(['light', 'dark'])('axe finds nothing on any page, %s; nor does the policy', async (theme) => {
  const { page, complaints, close } = await openAs(browser, system, adminOf(system));
  await page.evaluate(`localStorage.setItem('ravenmq-theme', '${theme}')`);
  const found: string[] = [];
  for (const path of pages) {
    await goTo(page, path);
    found.push(...(await violations(page)).map((line) => `${path} ${line}`));
    if (path === '/ui/analytics/' || path.startsWith('/ui/lab/?')) {
      for (const button of await page.getByRole('button', { name: /as a table$/ }).all())
        await button.click();
      found.push(...(await violations(page)).map((line) => `${path} as tables ${line}`));
    }
  }
  await page.keyboard.press('?');
  found.push(...(await violations(page)).map((line) => `keyboard map ${line}`));
  await close();
  expect(found).toEqual([]);
  expect(unexpected(complaints)).toEqual([]);
});

/** axe runs from outside the page's policy, as a developer's tool does. */
async function violations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) =>
      id + ' ' + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return JSON.parse(result.value as string) as string[];
}

test('text that people and jobs bring is shown as text, also in the search and the forms', async () => {
  const { page, complaints, close } = await openAs(browser, system, adminOf(system), '/ui/jobs/');
  await page.getByRole('link', { name: attack }).waitFor();
  for (const path of pages) {
    await goTo(page, path);
    expect([path, await page.locator('main img, main script, dialog img').count()]).toEqual([path, 0]);
  }
  await goTo(page, `/ui/jobs/?${new URLSearchParams({ name: attack, queue: attack })}`);
  await page.getByText('No job matches').waitFor();
  await page.getByLabel('Search jobs').fill(`label.x=${attack}`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await goTo(page, '/ui/organization/');
  await page.getByLabel('User name').fill(attack.slice(0, 32));
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText('There is no user').waitFor();
  await close();
  expect(unexpected(complaints)).toEqual([]);
});

test('finished jobs are replayed in other orders: a sentence, every order, an address that keeps the answer', async () => {
  const owner = await register(system);
  const jobs = ['sleep 0.2', 'true', 'true', 'true'].map((script) => ({
    ...{ name: script, type: 'shell', payload: { script } },
  }));
  const { body } = await owner.post('/jobs/bulk', { jobs });
  await Promise.all(body.map(({ id }: { id: string }) => jobWith(owner, id, 'done')));
  const { page, complaints, close } = await openAs(browser, system, owner, '/ui/lab/');
  await page.getByText('Nothing was asked yet').waitFor();
  await page.getByLabel(/^Slots/).fill('1 many');
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByText('Slots: “many” is not a number.').waitFor();
  await page.getByLabel(/^Slots/).fill('1 2');
  await page.getByRole('button', { name: 'Replay' }).click();
  const sentence = page.getByText(/^In the order adaptive jobs wait \d+ % (less|more) than first come/);
  await sentence.waitFor();
  const orders = page.getByRole('region', { name: 'Orders compared' }).getByRole('row');
  expect(await orders.count()).toBe(1 + 2 * 3);
  await page.getByRole('combobox', { name: 'Slots and arrivals' }).selectOption('2 slots, × 1 the arrivals');
  await page.getByRole('button', { name: 'Waits as a table' }).click();
  await page.getByRole('cell', { name: '95 %' }).waitFor();
  await page.reload();
  await sentence.waitFor();
  await page.goto(`${system.baseUrl}/ui/lab/`);
  await page.getByRole('link', { name: 'fifo, adaptive on 1 or 2 slots' }).click();
  await sentence.waitFor();
  expect(await page.getByLabel(/^Everything/).count()).toBe(0);
  await close();
  expect(unexpected(complaints)).toEqual([]);
});

test('the first page is small, moves nothing while it loads, and fits a phone', async () => {
  const { page, close } = await openAs(browser, system, adminOf(system), '/ui/', { width: 390, height: 844 });
  await page.addInitScript(`window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });`);
  await goTo(page, '/ui/');
  expect(await gzippedScripts('/ui/')).toBeLessThan(250 * 1_024);
  for (const path of pages) {
    await goTo(page, path);
    const wider = await page.evaluate(
      'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
    );
    // What is measured as good: under a tenth of the screen.
    const shift = (await page.evaluate('window.shift')) as number;
    expect([path, wider, shift < 0.1]).toEqual([path, 0, true]);
  }
  await close();
});

/** What the scripts of a page weigh on the way, in bytes. */
async function gzippedScripts(path: string): Promise<number> {
  const html = await (await fetch(system.baseUrl + path)).text();
  const sources = [...html.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, source]) => source as string);
  expect(sources.length).toBeGreaterThan(3);
  const sizes = await Promise.all(
    sources.map(async (source) => {
      const script = await fetch(new URL(source, system.baseUrl), {
        headers: { 'accept-encoding': 'identity' },
      });
      return gzipSync(await script.bytes()).length;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
