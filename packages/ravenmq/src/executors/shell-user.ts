import { readFileSync } from 'node:fs';

export interface SystemUser {
  uid: number;
  gid: number;
}

/** Looks a user up in the password file. Throws when it is unknown or is root itself. */
export function findUser(name: string, passwdFile = '/etc/passwd'): SystemUser {
  for (const line of readFileSync(passwdFile, 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login !== name) continue;
    const user = { uid: Number(uid), gid: Number(gid) };
    // BSD systems write nobody as -2, which as an unsigned id is not what setuid takes.
    if (!Number.isInteger(user.uid) || !Number.isInteger(user.gid) || user.uid < 0 || user.gid < 0) break;
    if (user.uid === 0) throw new Error(`RAVENMQ_SHELL_USER=${name}: shell jobs do not run as root`);
    return user;
  }
  throw new Error(
    `RAVENMQ_SHELL_USER=${name}: no such user in ${passwdFile}. Create it (useradd --system ${name}), name another one, or do not run the worker as root`,
  );
}
