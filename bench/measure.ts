/** A window of measurement: time, processor time of server and actors, and what else ran on the machine. */
import { monotonicMs } from './contestant.ts';
import { machineCpuMs } from './cpu.ts';
import type { Actor } from './processes.ts';
import { round } from './spread.ts';
import type { Stage } from './stage.ts';

export interface Window {
  ms: number;
  serverCpuMs: number;
  producerCpuMs: number;
  workerCpuMs: number;
  /** Processors busy with anything else, or taken away by the host. */
  foreign: number;
}

export async function measure(
  stage: Stage,
  name: string,
  cast: { producers?: Actor[]; workers?: Actor[] },
  act: () => Promise<void>,
): Promise<Window> {
  const { producers = [], workers = [] } = cast;
  const read = () => ({
    ms: monotonicMs(),
    machine: machineCpuMs(),
    server: stage.serverCpuMs(name),
    producers: sum(producers.map((actor) => actor.cpuMs())),
    workers: sum(workers.map((actor) => actor.cpuMs())),
  });
  const before = read();
  await act();
  const after = read();
  const window = {
    ms: after.ms - before.ms,
    serverCpuMs: after.server - before.server,
    producerCpuMs: after.producers - before.producers,
    workerCpuMs: after.workers - before.workers,
  };
  const known = window.serverCpuMs + window.producerCpuMs + window.workerCpuMs;
  return { ...window, foreign: Math.max(0, round((after.machine - before.machine - known) / window.ms)) };
}

export const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

export const perSecond = (jobs: number, ms: number): number => Math.round((jobs / ms) * 1_000);

/** Milliseconds of processor time for 1,000 jobs. */
export const per1000 = (cpuMs: number, jobs: number): number => round((cpuMs / jobs) * 1_000, 1);

/**
 * The steady speed of workers, in jobs a second: from the moment at which a fifth of the jobs had started to the last
 * start. Start-up is not in it, and it is right for those too who start a thousand jobs at the same moment.
 */
export function steadySpeed(reports: { starts: number[] }[]): number {
  const starts = reports.flatMap((report) => report.starts).sort((a, b) => a - b);
  const fifth = Math.floor(starts.length / 5);
  return perSecond(starts.length - fifth, (starts.at(-1) ?? 0) - (starts[fifth - 1] ?? 0));
}
