/**
 * How a job's program is started so that it has few rights and cannot outlive its attempt.
 *
 * Where Linux allows it, the program runs in a process namespace of its own: its first process is a small shell, and
 * when that ends the kernel kills whatever else was started, daemons that left the process group included. The outer
 * `unshare` dies with this process, its child with it.
 * Elsewhere (other systems, containers without the right to unshare) the program runs in a process group, and a
 * watchdog in that group kills it when this process is gone. A program that leaves the group (setsid) escapes there.
 *
 * Until the rights are dropped, no variable of the job has its own name: a job must not steer the loader of a
 * program that still runs as root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { SystemUser } from './shell-user.ts';

/** Helper programs of this machine; those that are absent are done without. */
export interface LaunchTools {
  setpriv?: string;
  unshare?: string;
  /** What `unshare` can do here, found by trying. */
  namespace?: string[];
}

export interface Launch {
  program: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Whom to run as; undefined keeps the user of this process. */
  user: SystemUser | undefined;
  /** Longest file it may write; 1 GB by default. */
  maxFileBytes?: number;
}

const prefix = 'RAVENMQ_ENV_';
const gigabyte = 1024 ** 3;

// Runs with the rights of the job. Limits: no core files, $3 blocks of 512 bytes a file, 1024 open files, $1 processes
// of the user.
// Variables get their names here; eval sees only names, which were checked to be A-Z, 0-9 and _.
const prepare = `umask 077
ulimit -c 0; ulimit -f "$3"; ulimit -n 1024
{ ulimit -u "$1" || ulimit -p "$1"; } 2>/dev/null
{ echo 800 >/proc/self/oom_score_adj; } 2>/dev/null
for name in $2; do eval "export $name=\\"\\$${prefix}$name\\"; unset ${prefix}$name"; done
unset name
shift 3`;

// Exits unless the process that asked is still the parent: it may have died before its death became a signal.
const gate = '[ "$PPID" = "$1" ] || exit 125; shift; exec "$@"';
// Not exec: the first process of a namespace ignores signals that it does not handle, so the program must not be it.
const runInNamespace = `${prepare}\n"$@"\nexit $?`;
// The read ends when this process closes its end of descriptor 3, by dying if not otherwise.
const runInGroup = `${prepare}
( read nothing; kill -KILL 0 ) <&3 >/dev/null 2>&1 &
exec 3<&- "$@"`;

/** Starts the program as leader of a process group; its pipes are stdio 0 to 2. */
export function launch(tools: LaunchTools, job: Launch): ChildProcess {
  const limit = job.user ? '1024' : '4096';
  const blocks = String(Math.floor((job.maxFileBytes ?? gigabyte) / 512));
  const rest = [limit, Object.keys(job.env).join(' '), blocks, job.program, ...job.args];
  const env = Object.fromEntries(Object.entries(job.env).map(([name, value]) => [prefix + name, value]));
  const options = { cwd: job.cwd, env, detached: true, shell: false } as const;
  const { setpriv, unshare, namespace } = tools;
  if (setpriv && unshare && namespace) {
    const drop = job.user
      ? ['--reuid', String(job.user.uid), '--regid', String(job.user.gid), '--clear-groups']
      : [];
    const inside = [
      setpriv,
      ...drop,
      '--no-new-privs',
      '--pdeathsig',
      'KILL',
      '--',
      '/bin/sh',
      '-c',
      runInNamespace,
    ];
    const outside = [
      '/bin/sh',
      '-c',
      gate,
      'gate',
      String(process.pid),
      unshare,
      ...namespace,
      '--',
      ...inside,
    ];
    return spawn(setpriv, ['--pdeathsig', 'KILL', '--', ...outside, 'job', ...rest], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
  const [file = '', ...args] = [
    ...(setpriv ? [setpriv, '--no-new-privs', '--'] : []),
    ...['/bin/sh', '-c', runInGroup, 'job', ...rest],
  ];
  const user = job.user ? { uid: job.user.uid, gid: job.user.gid } : {};
  return spawn(file, args, { ...options, ...user, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
}

/** Finds the helper programs in the system's folders and tries what they can do here. */
export async function findLaunchTools(): Promise<LaunchTools> {
  const setpriv = inSystemFolders('setpriv');
  const unshare = inSystemFolders('unshare');
  const tools: LaunchTools = {};
  if (!setpriv || !(await works(setpriv, ['--no-new-privs', '--', '/bin/sh', '-c', 'exit 7']))) return tools;
  tools.setpriv = setpriv;
  if (!unshare) return tools;
  const rights = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'];
  for (const proc of [['--mount-proc'], []]) {
    const namespace = [...rights, '--pid', '--fork', '--kill-child', ...proc];
    const inside = [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', '--', '/bin/sh', '-c', 'exit 7'];
    if (await works(setpriv, ['--pdeathsig', 'KILL', '--', unshare, ...namespace, '--', ...inside])) {
      return { setpriv, unshare, namespace };
    }
  }
  return tools;
}

function inSystemFolders(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function works(file: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'ignore', env: {}, timeout: 5_000, killSignal: 'SIGKILL' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 7));
  });
}
