/**
 * A process of its own that outlives a killed parent: when the pipe from the parent closes it shuts the server down.
 * Started with the server's process id and the mark of its start.
 */
import { endProcess, startMark } from './process.ts';

const pid = Number(process.argv[2]);
const mark = process.argv[3];

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.stdin.on('error', () => {});
process.stdin.resume();
process.stdin.once('close', async () => {
  if (startMark(pid) === mark) {
    await endProcess(pid, [
      ['SIGINT', 10_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 1_000],
    ]);
  }
  process.exit(0);
});
