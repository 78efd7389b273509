/** The dashboard as people use it, in a real browser on a running system, which all tests here share. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Account,
  foundOrganization,
  inviteMember,
  manySignIns,
  register,
  signInAsAdmin,
  submit,
  uniqueName,
  waitingJob,
} from './api-client.ts';
import { type OpenBrowser, startBrowser } from './browser.ts';
import { adminOf, openAs, signIn, unexpected } from './dashboard-person.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let browser: OpenBrowser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem(manySignIns), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

test('register, submit, watch it finish, found an organization, invite, sign out', async () => {
  const { page, complaints, close } = await browser.open(system.baseUrl);
  const username = uniqueName('user');
  const guest = await register(system);
  await page.goto(system.baseUrl);
  await page.getByRole('button', { name: 'Make an account' }).click();
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.getByText('No jobs yet').waitFor();

  await page.getByRole('link', { name: 'Submit a job' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('greeting');
  await page.getByRole('combobox', { name: /^Type/ }).selectOption('shell');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  await row('greeting').getByText('done').waitFor();

  await page.keyboard.press('n');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('call');
  await page.getByLabel('URL').fill(`${system.baseUrl}/health`);
  await page.getByRole('button', { name: 'json' }).click();
  expect(await page.getByRole('textbox', { name: /^Payload/ }).inputValue()).toContain('/health');
  await page.getByRole('textbox', { name: /^Payload/ }).fill('{ "url": 5 }');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText(/payload\.url/).waitFor();
  await page.getByRole('textbox', { name: /^Payload/ }).fill(`{ "url": "${system.baseUrl}/health" }`);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await row('call').getByText('done').waitFor();

  await page.keyboard.press('n');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('ours');
  await page.getByRole('combobox', { name: /^Type/ }).selectOption('your own');
  await page.getByLabel('Your type').fill('nobody-runs-this');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await row('ours').getByText('queued').waitFor();

  await page.getByRole('link', { name: 'greeting' }).click();
  await page.getByRole('heading', { name: 'Result' }).waitFor();
  expect(await page.locator('pre').allInnerTexts()).toContainEqual(expect.stringContaining('hello'));

  await page.getByRole('link', { name: 'Organization', exact: true }).click();
  await page.getByLabel('Name').fill(`org of ${username}`);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByLabel('User name').fill(guest.username);
  await page.getByRole('button', { name: 'Invite' }).click();
  await row(guest.username).getByRole('combobox').selectOption('org_admin');
  await page.getByText(`${guest.username} is org_admin now.`).waitFor();

  await page.getByRole('button', { name: username }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await close();
  expect(unexpected(complaints, 422)).toEqual([]);
});

test('a schedule is made with a look at its next runs, run at once, paused, changed and deleted', async () => {
  const { page, complaints, close } = await openAs(browser, system, await register(system));
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByText('No schedules yet').waitFor();
  await page.getByText(/^ravenmq schedule create /).waitFor();
  await page.getByRole('button', { name: 'Make a schedule' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('cleanup');
  await dialog.getByLabel(/^Time zone/).fill('Europe/Zurich');
  await dialog.getByLabel(/^Cron pattern/).fill('61 9 * * *');
  await dialog.getByText('cron "61 9 * * *"').waitFor();
  await dialog.getByLabel(/^Cron pattern/).fill('0 9 * * 1-5');
  await dialog.getByText('Next runs: Monday to Friday at 09:00').waitFor();
  const runs = await dialog.getByLabel('Next runs').locator('dt').allInnerTexts();
  expect(runs).toEqual(Array(5).fill(expect.stringMatching(/^(Mon|Tue|Wed|Thu|Fri).*\b0?9:00/)));
  await dialog.getByRole('combobox', { name: /^Type/ }).selectOption('shell');
  await dialog.getByRole('button', { name: 'Make', exact: true }).click();

  const row = page.getByRole('row').filter({ hasText: 'cleanup' });
  await row.getByText('Monday to Friday at 09:00').waitFor();
  await row.getByRole('button', { name: 'Run cleanup now' }).click();
  await row.getByRole('link', { name: 'fired' }).waitFor();
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('paused').waitFor();

  await row.getByRole('link', { name: 'cleanup' }).click();
  await page.getByText('None while it is paused.').waitFor();
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await dialog.getByLabel('Repeats').selectOption('at an interval');
  await dialog.getByLabel('Every', { exact: true }).fill('2');
  await dialog.getByLabel('Unit').selectOption('hours');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.locator('.job-line').getByText('every 2 hours').waitFor();
  await page.getByRole('link', { name: 'fired' }).click();
  await page.locator('.job-line').getByText('done').waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No schedules yet').waitFor();
  await close();
  expect(unexpected(complaints, 422)).toEqual([]);
});

test('search with suggestions, filters in the address, deep links, all by keyboard', async () => {
  const owner = await register(system);
  for (const name of ['first', 'second', 'third'])
    await submit(owner, { ...waitingJob(name), labels: { team: name } });
  const { page, complaints, close } = await openAs(browser, system, owner, '/ui/jobs/?label.team=second');
  await page.getByRole('link', { name: 'second' }).waitFor();
  expect(await page.locator('tbody a').allInnerTexts()).toEqual(['second']);

  await page.keyboard.press('/');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('stat');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'status:queued' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/ui/jobs/?status=queued');
  await page.getByRole('link', { name: 'first' }).waitFor();

  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'second', level: 1 }).waitFor();
  await page.keyboard.press('c');
  await page.locator('.job-line').getByText('cancelled').waitFor();
  await page.goBack();
  await page.waitForURL('**/ui/jobs/?status=queued');

  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.getByRole('heading', { name: 'Workers', level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('api k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard map' }).waitFor();
  await page.keyboard.press('Escape');
  await close();
  expect(unexpected(complaints)).toEqual([]);
});

test('all failed jobs are retried at once; a long list scrolls and loses no job when new ones come', async () => {
  const owner = await register(system);
  const failing = { name: 'failing', type: 'shell', payload: { script: 'exit 3' }, max_retries: 0 };
  const jobs = Array.from({ length: 230 }, (_, n) => ({ ...waitingJob(`w${n}`) }));
  expect((await owner.post('/jobs/bulk', { jobs })).status).toBe(201);
  expect((await owner.post('/jobs/bulk', { jobs: [failing, failing, failing] })).status).toBe(201);
  const { page, close } = await openAs(browser, system, owner, '/ui/jobs/?status=failed');
  await page.getByText('3 match').waitFor();
  await page.getByRole('button', { name: 'Retry all that match' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry 3 jobs' }).click();
  await page.getByText('3 jobs put back into their queues.').waitFor();

  await page.goto(`${system.baseUrl}/ui/failures/`);
  await page.getByRole('button', { name: 'Retry 3 jobs' }).waitFor();

  await page.goto(`${system.baseUrl}/ui/jobs/?type=nobody-runs-this`);
  await page.getByRole('link', { name: 'w229' }).waitFor();
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, 20_000);
        return page.getByRole('link', { name: 'w0', exact: true }).count();
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(1);
  await submit(owner, waitingJob('newcomer'));
  await page.getByRole('button', { name: '1 new job' }).click();
  await page.getByRole('link', { name: 'newcomer' }).waitFor();
  await close();
});

test('an administrator pauses a queue, takes it back, limits and orders it; others see no such page', async () => {
  const admin = await signInAsAdmin(system);
  await submit(admin, waitingJob());
  const { page, close } = await openAs(browser, system, adminOf(system), '/ui/queues/');
  const row = page.getByRole('row').filter({ hasText: 'default' });
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('paused').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('active').waitFor();
  await row.getByRole('button', { name: /^Limit of default/ }).click();
  await page.getByLabel('Jobs that may run at the same time').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByRole('button', { name: 'Limit of default: 7' }).waitFor();
  await row.getByRole('button', { name: /^Limit of default/ }).click();
  await page.getByLabel('Starts', { exact: true }).fill('1200');
  await page.getByLabel('In every').selectOption('minute');
  await page.getByRole('button', { name: 'Save' }).click();
  await row.getByRole('button', { name: 'Limit of default: 7 running, 20/second' }).waitFor();
  await page.locator('.toast').filter({ hasText: '20/second' }).getByRole('button', { name: 'Undo' }).click();
  await row.getByRole('button', { name: 'Limit of default: 7', exact: true }).waitFor();

  await row.getByRole('button', { name: 'Order of default: adaptive' }).click();
  await page.getByLabel(/^Policy/).selectOption('fifo');
  await page.getByLabel(/^Promise/).fill('20');
  await page.getByRole('button', { name: 'Save' }).click();
  const ordered = row.getByRole('button', { name: 'Order of default: fifo, 20m' });
  await ordered.waitFor();
  await page.reload();
  await ordered.waitFor();
  await page.getByRole('link', { name: 'Predictor' }).click();
  await page.getByRole('heading', { name: 'Candidates' }).waitFor();
  await close();

  const other = await openAs(browser, system, await register(system));
  await other.page.getByRole('link', { name: 'API keys' }).waitFor();
  expect(await other.page.getByRole('link', { name: /Queues|Predictor|Audit/ }).count()).toBe(0);
  await other.close();
});

test('two organizations see nothing of each other, members see the same', async () => {
  const [acme, globex] = await Promise.all([foundOrganization(system), foundOrganization(system)]);
  const member = await inviteMember(system, acme);
  const theirs = await submit(globex, waitingJob('of-globex'));
  await submit(acme, waitingJob('of-acme'));
  const shown = async (who: Account, path: string) => {
    const { page, close } = await openAs(browser, system, who, path);
    await page.getByRole('link', { name: 'of-acme' }).waitFor();
    const text = await page.locator('body').textContent();
    await page.goto(`${system.baseUrl}/ui/job/?id=${theirs.id}`);
    await page.getByText('There is no such job.').waitFor();
    await close();
    return text;
  };
  for (const who of [acme, member]) {
    for (const path of ['/ui/', '/ui/jobs/']) expect(await shown(who, path)).not.toContain('of-globex');
  }
});

test('a page whose session has ended leads to the sign-in, and from there back', async () => {
  const owner = await register(system);
  const { page, close } = await openAs(browser, system, owner, '/ui/jobs/?status=done');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await signIn(page, owner);
  await page.waitForURL('**/ui/jobs/?status=done');
  await close();
});

test.each(['', 'workers', '../auth/users'])('an address that names no job says so: %j', async (id) => {
  const { page, close } = await openAs(browser, system, adminOf(system), `/ui/job/?id=${id}`);
  await page.getByText('The address names no job').waitFor();
  await close();
});
