/** Where the embedded server's data lies, and its first initialisation. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
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
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../log.ts';
import { type Account, reachable } from './account.ts';
import type { Binaries } from './binaries.ts';

/** The server's superuser. */
export const superuser = 'ravenmq';

export interface DataFolder {
  /** PGDATA */
  path: string;
  password: string;
}

/** Environment of the server's programs: nothing of ours. */
export const serverEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Finds or makes the data folder. Throws, with what to do, when it was made by another major version. */
export async function prepareDataFolder(
  dataDir: string,
  binaries: Binaries,
  account: Account | undefined,
  log: Logger,
): Promise<DataFolder> {
  const path = placeData(dataDir, account, log);
  if (existsSync(join(path, 'PG_VERSION')) && !existsSync(passwordFile(dataDir)))
    forgetPassword(path, dataDir, log);
  if (!existsSync(join(path, 'PG_VERSION'))) await initialise(path, dataDir, binaries, account);
  const found = readFileSync(join(path, 'PG_VERSION'), 'utf8').trim();
  const own = binaries.version.split('.')[0];
  if (found !== own) {
    throw new Error(
      `The data in ${path} were made by PostgreSQL ${found}, this is ${own}: export them with the former version's pg_dump, move the folder away, start anew and import them; or set DATABASE_URL to a PostgreSQL ${found} on that folder.`,
    );
  }
  return { path, password: readFileSync(passwordFile(dataDir), 'utf8').trim() };
}

const passwordFile = (dataDir: string) => join(dataDir, 'postgres-password');

/** Inside the given folder, or, where the server's account cannot reach that, in a system folder that is named in it. */
function placeData(dataDir: string, account: Account | undefined, log: Logger): string {
  const inside = join(dataDir, 'postgres');
  if (!account || reachable(inside, account)) return inside;
  const id = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const outside = join('/var/lib/ravenmq', id);
  mkdirSync('/var/lib/ravenmq', { recursive: true, mode: 0o755 });
  const note = join(dataDir, 'postgres-data-folder.txt');
  writeFileSync(note, `The database server's user cannot reach this folder; its data lie in\n${outside}\n`);
  log.info({ event: 'data_placed_elsewhere', folder: outside, note });
  return outside;
}

/** The data are there, but the password that opens them is not. */
function forgetPassword(path: string, dataDir: string, log: Logger): void {
  if (path.startsWith(resolve(dataDir))) {
    throw new Error(
      `${passwordFile(dataDir)} is gone, so the data in ${path} cannot be opened: put it back, or move the data away to start anew.`,
    );
  }
  // The folder that names these data was deleted, which is how one starts anew; they are kept all the same.
  const aside = `${path}.${Date.now()}`;
  renameSync(path, aside);
  log.warn({ event: 'old_data_put_aside', folder: aside });
}

async function initialise(
  path: string,
  dataDir: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
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
  writeFileSync(passwordFile(dataDir), `${password}\n`, { mode: 0o600 });
  rmSync(path, { recursive: true, force: true });
  renameSync(half, path);
}
