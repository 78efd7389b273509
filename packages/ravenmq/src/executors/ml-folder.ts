/**
 * Where training runs live: `<folder>/<tenant>/<job>/` holds `checkpoint`, which survives attempts and is removed after
 * a success, and `artifacts`, which stays until the retention is over.
 */
import { createHash } from 'node:crypto';
import { promises as fs, constants as open } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Attempt } from './executor.ts';
import { NonRetryable } from './outcome.ts';
import type { SystemUser } from './shell-user.ts';

const mostArtifacts = 1_000;

export interface RunFolder {
  checkpoint: string;
  artifacts: string;
}

export interface Artifact {
  name: string;
  bytes: number;
  sha256: string;
}

/** Throws when a later attempt has been here: this one has lost its lease and must not touch the checkpoint. */
export async function openRunFolder(
  root: string,
  attempt: Attempt,
  user: SystemUser | undefined,
): Promise<RunFolder> {
  const job = join(root, attempt.tenantId, attempt.jobId);
  // Passed through by the job's user, listed only by the worker's.
  for (const folder of [root, join(root, attempt.tenantId), job]) {
    await fs.mkdir(folder, { recursive: true, mode: 0o711 });
  }
  if (user) await requirePassage(job, user);
  const fenceFile = join(job, 'fence');
  const before = Number(await fs.readFile(fenceFile, 'utf8').catch(() => '0'));
  if (before > attempt.fence) throw new Error('a later attempt of this job has taken over its folder');
  await fs.writeFile(`${fenceFile}.new`, String(attempt.fence));
  await fs.rename(`${fenceFile}.new`, fenceFile);
  const folders = { checkpoint: join(job, 'checkpoint'), artifacts: join(job, 'artifacts') };
  for (const folder of Object.values(folders)) {
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    if (user) await fs.chown(folder, user.uid, user.gid);
  }
  return folders;
}

/** A folder above that the run's user cannot pass would show as a program that fails for no reason. */
async function requirePassage(job: string, { uid, gid }: SystemUser): Promise<void> {
  for (let folder = job; folder !== dirname(folder); folder = dirname(folder)) {
    const stats = await fs.stat(folder);
    const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
    if ((stats.mode >> shift) & 1) continue;
    throw new NonRetryable(
      `The user of ml jobs cannot pass ${folder}: an operator can allow it (chmod o+x) or name another RAVENMQ_ML_FOLDER.`,
    );
  }
}

/** Every regular file below the folder, by name; links are not followed. */
export async function readArtifacts(folder: string): Promise<Artifact[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > mostArtifacts) {
    throw new NonRetryable(
      `${files.length} artifacts, at most ${mostArtifacts} are kept: pack them together`,
    );
  }
  const artifacts: Artifact[] = [];
  for (const file of files.sort()) {
    const handle = await fs.open(file, open.O_RDONLY | open.O_NOFOLLOW);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of handle.createReadStream()) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    artifacts.push({ name: relative(folder, file), bytes, sha256: hash.digest('hex') });
  }
  return artifacts;
}

/** Removes the folders of jobs that no attempt has opened for `keepDays`. Resolves with how many there were. */
export async function forgetRuns(root: string, keepDays: number): Promise<number> {
  const before = Date.now() - keepDays * 86_400_000;
  let forgotten = 0;
  for (const tenant of await fs.readdir(root).catch(() => [])) {
    for (const job of await fs.readdir(join(root, tenant)).catch(() => [])) {
      const folder = join(root, tenant, job);
      const fence = await fs.stat(join(folder, 'fence')).catch(() => undefined);
      if (!fence || fence.mtimeMs > before) continue;
      await fs.rm(folder, { recursive: true, force: true });
      forgotten++;
    }
  }
  return forgotten;
}
