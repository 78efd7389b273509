/** The embedded server's data: its first initialisation, its version, its password. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import { type DataPlace, passwordFile } from './data-place.ts';

/** The server's superuser. */
export const superuser = 'ravenmq';

/** Environment of the server's programs: nothing of ours. */
export const serverEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes the data when there are none, and answers the superuser's password. Throws, with what to do, when they were
 * made by another major version or the password is gone.
 */
export async function openData(dataDir: string, place: DataPlace, binaries: Binaries): Promise<string> {
  const { path } = place;
  if (!existsSync(join(path, 'PG_VERSION'))) await initialise(dataDir, place, binaries);
  const found = readFileSync(join(path, 'PG_VERSION'), 'utf8').trim();
  const own = binaries.version.split('.')[0];
  if (found !== own) {
    throw new Error(
      `The data in ${path} were made by PostgreSQL ${found}, this is ${own}: export them with the former version's pg_dump, move the folder away, start anew and import them; or set DATABASE_URL to a PostgreSQL ${found} on that folder.`,
    );
  }
  if (!existsSync(passwordFile(dataDir))) {
    throw new Error(
      `${passwordFile(dataDir)} is gone, so the data in ${path} cannot be opened: put it back, or move the data away to start anew.`,
    );
  }
  return readFileSync(passwordFile(dataDir), 'utf8').trim();
}

/** Under another name first, so that half an initialisation is never taken for data. */
async function initialise(dataDir: string, { path, account }: DataPlace, binaries: Binaries): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  const scratch = mkdtempSync(join(tmpdir(), 'ravenmq-init-'));
  const half = `${path}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  const pwfile = join(scratch, 'password');
  writeFileSync(pwfile, `${password}\n`, { mode: 0o600 });
  if (account) for (const owned of [half, scratch, pwfile]) chownSync(owned, account.uid, account.gid);
  try {
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${half}`,
        `--username=${superuser}`,
        `--pwfile=${pwfile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...account, env: serverEnvironment, cwd: scratch },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  // Removed first, as it may belong to somebody else and lead to data that are gone.
  rmSync(passwordFile(dataDir), { force: true });
  writeFileSync(passwordFile(dataDir), `${password}\n`, { mode: 0o600 });
  renameOver(half, path);
}

function renameOver(half: string, path: string): void {
  try {
    renameSync(half, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
    throw new Error(
      `${path} is not empty and holds no PostgreSQL data: move it away, or choose another folder with RAVENMQ_DATA_DIR.`,
      { cause: error },
    );
  }
}
