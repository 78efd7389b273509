/**
 * Where the server's data lie: in the given data folder, or, when root starts a server whose user cannot reach that,
 * in a system folder that a note in the data folder names. Data that exist are always found again; a second,
 * empty database is never made beside them.
 */

import { createHash, randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from '../log.ts';
import { type Account, reachable, serverAccount } from './account.ts';

export interface DataPlace {
  /** PGDATA */
  path: string;
  /** Who the server runs as; undefined: whoever started us. */
  account: Account | undefined;
}

const systemFolder = '/var/lib/ravenmq';
const noteFile = (dataDir: string) => join(dataDir, 'postgres-data-folder.txt');
export const passwordFile = (dataDir: string) => join(dataDir, 'postgres-password');

export function placeData(dataDir: string, log: Logger): DataPlace {
  const inside = join(dataDir, 'postgres');
  const noted = readNote(dataDir);
  refuseForeign(dataDir, noted ?? inside);
  const account = serverAccount(noted ?? inside);
  if (noted) {
    log.info({ event: 'data_placed_elsewhere', folder: noted, note: noteFile(dataDir) });
    return { path: noted, account };
  }
  if (!account || reachable(inside, account)) return { path: inside, account };
  if (existsSync(join(inside, 'PG_VERSION'))) {
    throw new Error(
      `The data in ${inside} cannot be opened by the server's user (number ${account.uid}): give them to it (chown -R ${account.uid} "${inside}") and let it pass the folders above (chmod o+x).`,
    );
  }
  const path = newSystemFolder(dataDir);
  writeFileSync(
    noteFile(dataDir),
    `The database server's user cannot reach this folder; its data lie in\n${path}\nKeep this file: without it they are not found.\n`,
  );
  log.info({ event: 'data_placed_elsewhere', folder: path, note: noteFile(dataDir) });
  return { path, account };
}

/** The folder that the note names, while it is there. */
function readNote(dataDir: string): string | undefined {
  const note = noteFile(dataDir);
  if (!existsSync(note)) return undefined;
  const path = readFileSync(note, 'utf8').split('\n')[1] ?? '';
  return dirname(path) === systemFolder && existsSync(path) ? path : undefined;
}

/** Named after the data folder; what an earlier folder of that name left there stays untouched. */
function newSystemFolder(dataDir: string): string {
  mkdirSync(systemFolder, { recursive: true, mode: 0o755 });
  const id = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const path = join(systemFolder, id);
  return existsSync(path) ? `${path}-${randomBytes(4).toString('hex')}` : path;
}

/** An ordinary user cannot go on with what root, or anybody else, began. */
function refuseForeign(dataDir: string, data: string): void {
  const uid = process.getuid?.();
  if (!uid) return;
  const owner = statSync(data, { throwIfNoEntry: false })?.uid ?? uid;
  const password = passwordFile(dataDir);
  const open = !existsSync(password) || permitted(password, constants.R_OK);
  if (owner === uid && open) return;
  throw new Error(
    `The data in ${data} belong to another user, perhaps since RavenMQ was started as root once: start it as that user again, hand them over as root (chown -R ${uid} "${dataDir}" "${data}"), or choose another folder with RAVENMQ_DATA_DIR.`,
  );
}

/** Makes the data folder; throws, with what to do, when it cannot be written. */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `The data folder ${dataDir} cannot be made or written (${(error as Error).message}): choose another one with RAVENMQ_DATA_DIR, or make it yours (chown).`,
      { cause: error },
    );
  }
}

function permitted(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
