/** `npm start`: sets everything up, then runs `ravenmq up` with the given arguments until Ctrl-C. */
import { buildDashboard, findNode, install, run } from './setup.mjs';

try {
  install();
  const node = findNode();
  if (!buildDashboard(node)) console.error('The dashboard could not be built; the API runs without it.');
  supervise(node);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

/** Every signal reaches the child once, through us: Ctrl-C goes to the whole group, so the child has its own. */
function supervise(node) {
  const child = run(node, 'packages/ravenmq/src/cli/main.ts', ['up', ...process.argv.slice(2)], {
    detached: process.platform !== 'win32',
  });
  let signalled = false;
  const pass = (signal) => {
    signalled = true;
    child.kill(signal);
  };
  process.on('SIGINT', () => pass('SIGINT'));
  process.on('SIGTERM', () => pass('SIGTERM'));
  process.on('SIGHUP', () => pass('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

  // npm runs us in a shell; a signal that ends npm ends that shell too, but does not come through to us.
  const shell = process.ppid;
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  setInterval(() => {
    if (underNpm && process.ppid !== shell && !signalled) pass('SIGTERM');
  }, 500).unref();
}
