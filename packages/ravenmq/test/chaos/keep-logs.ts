/** Of a trial that failed: what every process wrote, and what was done to them when. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from './child.ts';

/** Answers the folder that they are in. */
export function keepLogs(name: string, children: readonly Child[], trace: readonly string[]): string {
  const folder = join(tmpdir(), `ravenmq-chaos-${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  for (const { name, pid, log } of children) {
    writeFileSync(join(folder, `${name}-${pid}.log`), `${log.join('\n')}\n`);
  }
  writeFileSync(join(folder, 'trace.log'), `${trace.join('\n')}\n`);
  return folder;
}
