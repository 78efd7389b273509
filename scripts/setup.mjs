/**
 * What both commands need before they can do anything: the packages, and Node 24 from among them. Runs on whatever
 * Node (20 or newer) npm itself uses; nothing is installed beforehand.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const lockFile = join(root, 'package-lock.json');
const installStamp = join(modules, '.ravenmq-installed');

/** Installs when the lock file has changed since the last time. */
export function install() {
  const wanted = hashOf(lockFile, `${process.platform} ${process.arch}`);
  if (readStamp(installStamp) === wanted) return;
  console.log('Installing packages ...');
  if (!installLocked() && !installLenient()) {
    throw new Error(
      'The packages could not be installed; npm says why above. Is the npm registry reachable?',
    );
  }
  writeFileSync(installStamp, wanted);
}

const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

function installLocked() {
  return npm(['ci', ...quiet], { stdio: 'ignore' }).status === 0;
}

/**
 * `npm ci` refuses the whole lock file when a registry lacks an optional package of some other platform. `npm install`
 * takes the locked versions all the same; the lock file itself stays as it is.
 */
function installLenient() {
  const lock = readFileSync(lockFile);
  const { status } = npm(['install', '--no-save', ...quiet]);
  writeFileSync(lockFile, lock);
  return status === 0;
}

/** The Node that runs our TypeScript: the installed one, or the present one when it is new enough. */
export function findNode() {
  const installed = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(installed)) return installed;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Error(
    `Node ${process.versions.node} is too old to run RavenMQ, and npm did not bring a newer one: allow the install script of the package "node" (npm install-scripts approve node), or use Node 22.18 or newer.`,
  );
}

/** Environment in which programs of the installed packages are found first, and run on that Node. */
export function environment(node) {
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(
    process.platform === 'win32' ? ';' : ':',
  );
  return { ...process.env, PATH: path, NEXT_TELEMETRY_DISABLED: '1' };
}

/** Builds the dashboard when its sources have changed since the last time. Answers whether it is there. */
export function buildDashboard(node) {
  const folder = join(root, 'packages', 'dashboard');
  const stamp = join(folder, 'out', '.ravenmq-built');
  const wanted = sourcesHash(folder);
  if (readStamp(stamp) === wanted) return true;
  console.log('Building the dashboard ...');
  const { status } = npm(['run', '--silent', 'build', '-w', '@ravenmq/dashboard'], {
    env: environment(node),
  });
  if (status !== 0) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/** The program of an installed package, run by the given Node. */
export function run(node, script, args, options = {}) {
  return spawn(node, [script, ...args], { cwd: root, stdio: 'inherit', env: environment(node), ...options });
}

function npm(args, options = {}) {
  // npm names itself to the scripts it runs; that one surely exists.
  const script = process.env.npm_execpath;
  const [program, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return spawnSync(program, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashOf(file, more) {
  return createHash('sha256').update(readFileSync(file)).update(more).digest('hex');
}

function sourcesHash(folder) {
  const hash = createHash('sha256');
  const skipped = new Set(['node_modules', 'out', '.next', 'next-env.d.ts']);
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (skipped.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) visit(full);
      else hash.update(full.slice(folder.length)).update(readFileSync(full));
    }
  };
  visit(folder);
  return hash.digest('hex');
}
