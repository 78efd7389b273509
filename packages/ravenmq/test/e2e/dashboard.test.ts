/** The dashboard as a person uses it, in a real browser on a running system. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, signIn } from './browser.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ RAVENMQ_REGISTER_PER_MINUTE: '100', RAVENMQ_LOGIN_PER_MINUTE: '100' });
});
afterAll(() => system.stop());

test('register, submit, watch it run, found an organization, sign out', async () => {
  const { page, complaints, close } = await openPage(system.baseUrl);
  const username = `user-${randomBytes(4).toString('hex')}`;
  try {
    await page.goto(system.baseUrl);
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await page.getByText('No jobs yet').waitFor();

    await page.getByText('Submit a job').click();
    await page.getByLabel('Name', { exact: true }).fill('greeting');
    await page.getByRole('combobox', { name: /^Type/ }).selectOption('shell');
    await page.getByRole('button', { name: 'Submit' }).click();
    const row = page.getByRole('row').filter({ hasText: 'greeting' });
    await row.getByText('done').waitFor();

    await page.getByRole('textbox', { name: /^Payload/ }).fill('{ "argv": 5 }');
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.locator('output.error').getByText('payload').waitFor();

    await row.getByRole('link', { name: 'greeting' }).click();
    await page.getByRole('heading', { name: 'Result' }).waitFor();
    expect(await page.locator('pre').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringContaining('hello')]),
    );
    await page.reload();
    await page.getByRole('heading', { name: 'Result' }).waitFor();

    await page.getByRole('link', { name: 'Workers' }).click();
    await page.getByText('Leading scheduler').waitFor();
    await page.getByText('-worker-').first().waitFor();

    await page.getByText(username).click();
    await page.getByLabel('New organization').fill(`org of ${username}`);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('org_admin').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  } finally {
    await close();
  }
  // The answers that are refusals by design show in the console as failed loads; nothing else may.
  const refusals = /status of (401 .*\/auth\/session|422 .*\/jobs)$/;
  const unexpected = complaints.filter((line) => !refusals.test(line));
  expect(unexpected).toEqual([]);
});

test('text that a job brings is shown as text', async () => {
  const { page, complaints, close } = await openPage(system.baseUrl, { width: 390, height: 800 });
  const attack = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  try {
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs++;
      void dialog.dismiss();
    });
    await signIn(page, system);
    await page.evaluate(async (name) => {
      const body = JSON.stringify({ name, type: 'mine', payload: { name }, labels: { name } });
      const headers = { 'content-type': 'application/json', 'x-ravenmq-csrf': '1' };
      await fetch('/jobs/', { method: 'POST', headers, body });
    }, attack);
    await page.getByRole('link', { name: attack }).click();
    await page.getByRole('heading', { name: 'Payload' }).waitFor();
    expect(dialogs).toBe(0);
    expect(await page.locator('main img, main script').count()).toBe(0);
  } finally {
    await close();
  }
  expect(complaints.filter((line) => !/status of 401/.test(line))).toEqual([]);
});
