/**
 * `npm run lock`: brings package-lock.json up to date and takes the download addresses out of it. They name whatever
 * registry the last person used; versions and integrity hashes stay, and every registry must deliver the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const { status } = spawnSync('npm', ['install', '--package-lock-only'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);
const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
for (const entry of Object.values(lock.packages)) {
  if (/^https?:/.test(entry.resolved ?? '')) delete entry.resolved;
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
