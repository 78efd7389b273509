/** The results that were saved: a file of JSON lines for every measurement, the newest last. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { Line } from './line.ts';

const fileOf = (benchmark: string) => new URL(`./results/${benchmark}.jsonl`, import.meta.url);

export function save(lines: Line[]): void {
  mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
  for (const line of lines) appendFileSync(fileOf(line.benchmark), `${JSON.stringify(line)}\n`);
}

/** The last run: one line per contestant, the first of which the others are compared with. */
export function lastRun(benchmark: string): Line[] {
  const file = fileOf(benchmark);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((text): Line => JSON.parse(text));
  const last = lines.at(-1)?.date;
  return lines.filter(({ date }) => date === last);
}
