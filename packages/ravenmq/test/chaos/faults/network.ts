/** Faults of the network between the processes and PostgreSQL. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Trial } from '../fault.ts';
import { type ChaosProxy, clear, type Way } from '../proxy.ts';
import { type Place, type Role, termMs } from '../stack.ts';

export const badWeather: Fault = {
  id: 'F5',
  title: 'delay, jitter and stalls on every connection',
  async run({ size, random, stack }) {
    const proxies: ChaosProxy[] = [...stack.places.map(({ proxy }) => proxy), stack.loadProxy];
    for (const proxy of proxies) {
      proxy.weather = {
        delayMs: random.between(5, 50),
        jitterMs: random.between(5, 100),
        stall: random.between(0.01, 0.05),
        stallMs: random.between(100, 500),
      };
    }
    await pause(size.seconds * 1_000);
    for (const proxy of proxies) proxy.weather = clear;
  },
};

const ways: Way[][] = [['to server'], ['to client'], ['to server', 'to client']];

export const halfOpen: Fault = {
  id: 'F6',
  title: 'half-open connections: one or both ways swallowed',
  // A stop waits for the statement that hangs.
  stopWithinMs: 15_000,
  async run({ size, random, stack, deeds }) {
    const roles: Role[] = ['worker', 'scheduler', 'api', 'worker'];
    for (let n = 0; n < size.times; n++) {
      const role = roles[n % roles.length] as Role;
      const leader = role === 'scheduler' ? await stack.leader() : undefined;
      const { proxy } = leader?.place ?? (random.pick(stack.of(role)) as Place);
      deeds.swallowed++;
      proxy.swallow(random.pick(ways));
      await pause(1_000 * random.between(2, size.seconds));
      proxy.swallow([]);
      await pause(termMs);
    }
  },
};

/** Statements that change something: the ones whose answers matter. */
const changes = /submit_jobs|turnover|finish|claim|retries_of|held_of|renew_leases|commit/i;

export const cutConnections: Fault = {
  id: 'F7',
  title: 'connections reset, or cut after a statement was sent and before its answer',
  async run(trial) {
    const { size, random, stack, deeds } = trial;
    const proxies: ChaosProxy[] = [...stack.places.map(({ proxy }) => proxy), stack.loadProxy];
    const cuts = () => proxies.reduce((sum, proxy) => sum + proxy.cuts, 0);
    for (const proxy of proxies) proxy.cutAfter({ match: changes, oneIn: random.whole(4, 9) });
    const until = performance.now() + 1_000 * size.seconds;
    while (cuts() < size.times && performance.now() < until) {
      await pause(250);
      if (random.chance(0.2)) deeds.resets += random.pick(proxies).reset();
    }
    for (const proxy of proxies) proxy.cutAfter(undefined);
    deeds.cuts += cuts();
    if (cuts() < size.times) trial.note(`${cuts()} cuts in ${size.seconds} s; ${size.times} were wanted`);
  },
};

/** Backends of the system under test, the newest first. */
const backends = `select pid, application_name from pg_stat_activity
  where backend_type = 'client backend' and application_name not like 'chaos%' and pid <> pg_backend_pid()`;

export const endedBackends: Fault = {
  id: 'F8',
  title: 'pg_terminate_backend of one, of the listeners, of all',
  async run({ size, random, server, deeds }: Trial) {
    for (let n = 0; n < size.times; n++) {
      const choice = random.next();
      const which =
        choice < 0.05
          ? backends
          : choice < 0.25
            ? `${backends} and application_name like '%listener' order by random() limit 1`
            : `${backends} order by random() limit 1`;
      const ended = await server.query(`select pg_terminate_backend(pid) from (${which}) b`);
      deeds.terminations += ended.length;
      await pause(random.between(50, 150));
    }
  },
};
