/** A real browser from npm, so that a machine with nothing but Node can run the tests of the dashboard. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface OpenPage {
  page: Page;
  /** What went wrong in the page: console errors, refused by the policy, uncaught errors, requests that left the origin. */
  complaints: string[];
  close(): Promise<void>;
}

export interface OpenBrowser {
  /** A page with cookies and storage of its own, which watches what it does. */
  open(origin: string, viewport?: { width: number; height: number }): Promise<OpenPage>;
  close(): Promise<void>;
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a browser. `RAVENMQ_TEST_CHROMIUM` names another one to use. */
export async function startBrowser(): Promise<OpenBrowser> {
  const unpacked = await mkdtemp(join(tmpdir(), 'ravenmq-browser-'));
  const removeUnpacked = () => rm(unpacked, { recursive: true, force: true });
  const browser = await launch(unpacked).catch(async (error) => {
    await removeUnpacked();
    throw error;
  });
  return {
    async open(origin, viewport = { width: 1_280, height: 900 }) {
      const context = await browser.newContext({ viewport });
      const page = await context.newPage();
      return { page, complaints: complaintsOf(page, origin), close: () => context.close() };
    },
    async close() {
      await browser.close();
      await removeUnpacked();
    },
  };
}

function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { href, protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol !== 'data:') complaints.push(`foreign request: ${href}`);
  });
  return complaints;
}

/**
 * The package unpacks its browser into the temporary folder; a folder of our own keeps users out of each other's way.
 * The flags it proposes stay unused: they switch the same-origin policy off, which these tests rely on.
 */
async function launch(unpacked: string): Promise<Browser> {
  const given = process.env.RAVENMQ_TEST_CHROMIUM;
  if (given) return chromium.launch({ executablePath: given, args: flags });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = unpacked;
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    const executablePath = await packaged.executablePath();
    return await chromium.launch({ executablePath, headless: true, args: flags });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
