/** A trial on a small disk runs in a mount namespace of its own, so that the disk is gone when it ends, however it ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile, Unit } from './profiles.ts';
import type { Result } from './trial.ts';

const program = fileURLToPath(new URL('./run.ts', import.meta.url));
const inside = 'RAVENMQ_CHAOS_NAMESPACE';
const diskSize = '224m';

export const hasOwnNamespace = (): boolean => process.env[inside] === '1';

/** A folder on a small disk. */
export function mountSmallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ravenmq-chaos-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskSize},mode=0711`, 'none', folder]);
  if (mounted.status !== 0) throw new Error(`No small disk could be mounted: ${mounted.stderr}`);
  return folder;
}

/** Runs one unit by this program in a new namespace, and answers its result. */
export function runInOwnNamespace(unit: Unit, profile: Profile, seed: number): Result {
  const folder = mkdtempSync(join(tmpdir(), 'ravenmq-chaos-result-'));
  const json = join(folder, 'result.jsonl');
  const args = ['--profile', profile, '--seed', String(seed), '--only', unit.fault, '--json', json];
  try {
    spawnSync('unshare', ['-m', process.execPath, program, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, [inside]: '1' },
    });
    const [line = ''] = readFileSync(json, 'utf8').split('\n');
    return JSON.parse(line).result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
