import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { configurationPage } from './config-page.ts';
import { moves } from './jobs/job.ts';

const page = (name: string) => readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('docs/configuration.md is what npm run docs writes', async () => {
  expect(await page('configuration.md')).toBe(configurationPage());
});

test('docs/job-lifecycle.md lists and draws exactly the legal moves', async () => {
  const text = await page('job-lifecycle.md');
  const rows = text.split('\n').filter((line) => /^\| (?!from )[a-z]+ \|/.test(line));
  expect(rows).toEqual(moves.map(({ from, to, by, why }) => `| ${from} | ${to} | ${by} | ${why} |`));
  const arrows = [...text.matchAll(/^ {2}(\S+) --> (\w+): (\w+)$/gm)].map(
    ([, from, to, by]) => `${from} ${to} ${by}`,
  );
  const drawn = new Set(moves.map(({ from, to, by }) => `${from === 'new' ? '[*]' : from} ${to} ${by}`));
  expect(new Set(arrows)).toEqual(drawn);
});

test('settings that cannot be used are all named, with what is expected', () => {
  const bad = {
    RAVENMQ_PORT: 'x',
    RAVENMQ_SLOTS: '0',
    RAVENMQ_ALLOW_SHELL: 'maybe',
    RAVENMQ_SCHEMA: 'Bad Name',
  };
  const complain = () => readConfig(bad);
  for (const name of Object.keys(bad)) expect(complain).toThrow(name);
  expect(readConfig({}).port).toBe(8000);
  expect(readConfig({ RAVENMQ_QUEUES: ' a, b ,' }).queues).toEqual(['a', 'b']);
});
