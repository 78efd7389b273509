/** `npm start`: sets everything up, then runs `ravenmq up` with the given arguments until Ctrl-C. */
import { buildDashboard, findNode, install, run } from './setup.mjs';

try {
  install();
  const node = findNode();
  if (!buildDashboard(node)) console.error('The dashboard could not be built; the API runs without it.');
  const child = run(node, 'packages/ravenmq/src/cli/main.ts', ['up', ...process.argv.slice(2)]);
  // In a terminal Ctrl-C reaches the child as well; it takes its time to stop, and we wait for it.
  let forwarded = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!process.stdin.isTTY || signal !== 'SIGINT') {
        if (!forwarded) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
        forwarded = true;
      }
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
