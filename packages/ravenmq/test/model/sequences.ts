import fc from 'fast-check';
import type { Command } from './command.ts';
import { comeDue, expire, leads } from './leader-commands.ts';
import { cancel, limit, pause, retryByHand } from './people-commands.ts';
import { submissions } from './submissions.ts';
import { workerCommands } from './worker-commands.ts';

/** Sequences of about `length` commands, in which work goes through often enough to get somewhere. */
export function commandSequences(length: number, replayPath?: string): fc.Arbitrary<Iterable<Command>> {
  const often = (arbitrary: fc.Arbitrary<Command>, times: number) => Array(times).fill(arbitrary);
  const arbitraries = [
    ...often(submissions, 6),
    ...workerCommands.flatMap(([arbitrary, times]) => often(arbitrary, times)),
    ...often(leads, 14),
    ...often(expire, 4),
    ...[cancel, retryByHand, retryByHand, comeDue, comeDue, pause, limit],
  ];
  return fc.commands(arbitraries, {
    maxCommands: length,
    size: 'max',
    ...(replayPath === undefined ? {} : { replayPath }),
  });
}
