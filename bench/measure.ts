/** A window of measurement: time, processor time of server and actors, and what else ran on the machine. */
import { monotonicMs } from './contestant.ts';
import { machineCpuMs } from './cpu.ts';
import type { Actor, Stage } from './stage.ts';

export interface Measured {
  jobs: number;
  perSecond: number;
  /** Milliseconds of processor time for 1,000 jobs. */
  serverCpuMs: number;
  actorCpuMs: number;
  /** Processors busy with anything else. */
  foreign: number;
}

/** Runs `act`, which answers the instant at which the last job was through; `actors` take part. */
export async function measure(
  stage: Stage,
  name: string,
  jobs: number,
  actors: Actor[],
  act: () => Promise<number>,
): Promise<Measured> {
  const actorCpu = async () =>
    (await Promise.all(actors.map((actor) => actor.report()))).reduce((sum, r) => sum + r.cpuMs, 0);
  const before = {
    actors: await actorCpu(),
    server: stage.serverCpuMs(name),
    machine: machineCpuMs(),
    at: monotonicMs(),
  };
  const through = await act();
  const server = stage.serverCpuMs(name) - before.server;
  const elapsed = monotonicMs() - before.at;
  const machine = machineCpuMs() - before.machine;
  const busy = (await actorCpu()) - before.actors;
  const per1k = (ms: number) => Math.round((ms / jobs) * 10_000) / 10;
  return {
    jobs,
    perSecond: Math.round((jobs / (through - before.at)) * 1_000),
    serverCpuMs: per1k(server),
    actorCpuMs: per1k(busy),
    foreign: Math.max(0, Math.round(((machine - server - busy) / elapsed) * 100) / 100),
  };
}

/** Resolves with the instant at which the workers have handled so many jobs together. */
export function handled(actors: Actor[], jobs: number): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      if (actors.reduce((sum, actor) => sum + actor.handled, 0) >= jobs) resolve(monotonicMs());
    };
    for (const actor of actors) actor.onHandled = look;
    look();
  });
}
