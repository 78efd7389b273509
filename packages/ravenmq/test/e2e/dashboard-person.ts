/** What a person does in the dashboard again and again, for its tests. */
import type { Page } from 'playwright-core';
import type { OpenBrowser, OpenPage } from './browser.ts';
import type { System } from './system.ts';

export interface Credentials {
  username: string;
  password: string;
}

export const adminOf = ({ adminUsername, adminPassword }: System): Credentials => ({
  username: adminUsername,
  password: adminPassword,
});

/** Fills in the form of the sign-in page, which has to be open. */
export async function signIn(page: Page, { username, password }: Credentials): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a page of the dashboard as somebody, in a window of their own. */
export async function openAs(
  browser: OpenBrowser,
  system: System,
  who: Credentials,
  path = '/ui/',
  viewport?: { width: number; height: number },
): Promise<OpenPage> {
  const opened = await browser.open(system.baseUrl, viewport);
  await opened.page.goto(system.baseUrl + path);
  await signIn(opened.page, who);
  await opened.page.locator('aside').waitFor({ state: 'attached' });
  await opened.page.locator('h1').waitFor();
  return opened;
}

/** Refusals that a test provokes show in the console as failed loads; nothing else may. */
export const unexpected = (complaints: string[], ...statuses: number[]): string[] =>
  complaints.filter(
    (line) => ![401, 404, ...statuses].some((status) => line.includes(`status of ${status}`)),
  );
