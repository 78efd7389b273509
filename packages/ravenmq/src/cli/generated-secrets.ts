import { randomBytes } from 'node:crypto';

/** Where the database will be reached. */
interface DatabasePlace {
  host: string;
  user: string;
  name: string;
}

/** By the names of the keys of the Secret, which are the names of the files in the pods. */
type Secrets<Name extends string> = Record<Name, string>;

const draw = (bytes: number) => randomBytes(bytes).toString('base64url');

export function drawSignInSecrets(): Secrets<'jwt-secret' | 'admin-password'> {
  return { 'jwt-secret': draw(32), 'admin-password': draw(12) };
}

/** The secrets of a new installation whose database is to be made, too. */
export function drawSecrets(
  place: DatabasePlace,
): Secrets<'database-password' | 'database-url' | 'jwt-secret' | 'admin-password'> {
  const password = draw(24);
  return {
    'database-password': password,
    'database-url': `postgres://${place.user}:${password}@${place.host}/${place.name}`,
    ...drawSignInSecrets(),
  };
}
