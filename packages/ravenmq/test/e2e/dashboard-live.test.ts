/** What the dashboard's pages do while the system behind them changes, is slow, or has forgotten the person. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenPage, openPage, signIn } from './browser.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ RAVENMQ_LOGIN_PER_MINUTE: '100' });
});
afterAll(() => system.stop());

async function signedIn(work: (page: OpenPage['page']) => Promise<void>, width = 1_280): Promise<void> {
  const { page, close } = await openPage(system.baseUrl, { width, height: 800 });
  try {
    await signIn(page, system);
    await work(page);
  } finally {
    await close();
  }
}

/** Jobs of a type that no worker runs: they stay queued. */
async function submit(page: OpenPage['page'], names: string[]): Promise<void> {
  await page.evaluate(
    async (jobs) => {
      const headers = { 'content-type': 'application/json', 'x-ravenmq-csrf': '1' };
      const answer = await fetch('/jobs/bulk', { method: 'POST', headers, body: JSON.stringify({ jobs }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    names.map((name) => ({ name, type: 'mine', payload: {} })),
  );
}

const numbered = (prefix: string, many: number) => Array.from({ length: many }, (_, n) => `${prefix}${n}`);

test('a list of several pages loses no job when new ones arrive, and shows what was done to an old one', () =>
  signedIn(async (page) => {
    await submit(page, numbered('old', 60));
    await page.getByRole('button', { name: 'Load more' }).click();
    const oldest = page
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: 'old0', exact: true }) });
    await oldest.waitFor();

    await submit(page, numbered('new', 5));
    await page.getByRole('link', { name: 'new4', exact: true }).waitFor();
    const shown = await page.locator('tbody a').allInnerTexts();
    expect(shown.toSorted()).toEqual([...numbered('old', 60), ...numbered('new', 5)].toSorted());

    await oldest.getByRole('button', { name: 'Cancel' }).click();
    await oldest.getByText('cancelled').waitFor();
  }));

test('the table is shown although every answer takes longer than the interval', () =>
  signedIn(async (page) => {
    await submit(page, ['slowly']);
    await page.route('**/jobs/', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await route.continue().catch(() => undefined);
    });
    await page.reload();
    await page.getByRole('link', { name: 'slowly' }).first().waitFor({ timeout: 15_000 });
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }));

test('a page whose session has ended leads to the sign-in', () =>
  signedIn(async (page) => {
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  }));

test.each(['', 'workers', '../auth/users'])('an address that names no job says so: %j', (id) =>
  signedIn(async (page) => {
    await page.goto(`${system.baseUrl}/ui/job/?id=${id}`);
    await page.getByText('The address names no job.').waitFor();
  }),
);

test('on a phone the table scrolls and the page does not', () =>
  signedIn(async (page) => {
    await submit(page, ['narrow']);
    await page.getByRole('link', { name: 'narrow' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }, 390));
