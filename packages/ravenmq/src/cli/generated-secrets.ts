/**
 * The secrets of an installation, drawn once. `ravenmq secrets DIR` keeps them as files (Compose's one-shot service
 * writes them to a volume), `ravenmq secrets --kubernetes NAME` as a Secret of the pod's own namespace. What is there
 * already is kept: a second run changes nothing, and no value is ever printed.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the secrets: of the files, and of the keys in Kubernetes. */
export interface GeneratedSecrets {
  'database-password': string;
  'database-url': string;
  'jwt-secret': string;
  'admin-password': string;
}

/** Where the database will be reached; the password is not part of it. */
export interface DatabasePlace {
  host: string;
  user: string;
  name: string;
}

const draw = (bytes: number) => randomBytes(bytes).toString('base64url');

export function drawSecrets(place: DatabasePlace, password = draw(24)): GeneratedSecrets {
  return {
    'database-password': password,
    'database-url': `postgres://${place.user}:${password}@${place.host}/${place.name}`,
    'jwt-secret': draw(32),
    'admin-password': draw(12),
  };
}

/** Writes the files that are missing, readable by owner and group. Answers their names. */
export function keepSecretFiles(folder: string, place: DatabasePlace): string[] {
  mkdirSync(folder, { recursive: true });
  const passwordFile = join(folder, 'database-password');
  const known = existsSync(passwordFile) ? readFileSync(passwordFile, 'utf8') : undefined;
  const written: string[] = [];
  for (const [name, value] of Object.entries(drawSecrets(place, known))) {
    const file = join(folder, name);
    if (existsSync(file)) continue;
    // Under its name only when it is whole: a start that was cut off must not leave half a password.
    const partial = `${file}.${process.pid}`;
    writeFileSync(partial, value);
    chmodSync(partial, 0o440);
    linkSync(partial, file);
    rmSync(partial);
    written.push(name);
  }
  return written;
}
