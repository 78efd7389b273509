/**
 * The primary dies and a standby takes its place, again and again. Half of the time what is freshest on the primary is
 * something that others rely on: a worker that has just come, or a leader that has just been elected and, stopped,
 * sleeps through the failover.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { isClaim, nothingLost } from '../evidence.ts';
import type { Fault, Trial } from '../fault.ts';
import { addLost } from '../lost.ts';
import { hasLogged, termMs } from '../stack.ts';
import type { Replication } from '../standby.ts';
import { leaderWithStandby, nextTerm } from './schedulers.ts';

const final = new Set(['done', 'failed', 'cancelled']);
/** Cancels acknowledged so long before a failover may have gone with it, in milliseconds: far longer than the wire is slow. */
const farBehindMs = 5_000;

/** Behind by up to half a second, so that there is something to lose. */
export const asynchronousFailover: Fault = {
  id: 'F18a',
  title: 'failover to an asynchronous standby',
  recoverWithinMs: 10_000,
  run: (trial) => failOver(trial, 'asynchronous', [100, 500]),
};

export const synchronousFailover: Fault = {
  id: 'F18s',
  title: 'failover to a synchronous standby',
  recoverWithinMs: 10_000,
  run: (trial) => failOver(trial, 'synchronous', [2, 15]),
};

async function failOver(trial: Trial, replication: Replication, delaysMs: [number, number]): Promise<void> {
  const { size, random, server, stack, deeds, load } = trial;
  const gone = replication === 'asynchronous' ? trial.lost : nothingLost();
  for (let n = 0; n < size.times; n++) {
    await server.replicate(replication, random.between(...delaysMs));
    await pause(random.between(1_000, 2_000));
    if (n % 4 === 1) await freshWorker(trial);
    const asleep = n % 4 === 3 ? await freshLeader(trial) : undefined;
    deeds.failovers++;
    const struck = Date.now();
    const dead = await trial.outage(() => server.failOver());
    await trial.probe('after a failover');
    await asleep?.awake;
    await dead.examine((query) => addLost(gone, stack.schema, query, server.query));
    if (replication === 'asynchronous') load.cancelAgain(struck - farBehindMs, gone.jobs);
  }
  const claims = gone.events.filter(isClaim).length;
  const ends = gone.events.filter(({ to }) => final.has(to)).length;
  trial.note(
    `committed on the dead primaries only: ${gone.jobs.length} jobs, ${claims} claims, ${ends} ends, ${gone.effects.length} effects, ${gone.terms.length} renewals or elections of leaders`,
  );
}

async function freshWorker(trial: Trial): Promise<void> {
  const place = trial.anyOf('worker');
  await trial.kill(place);
  await eventually(() => hasLogged(place.child, 'worker_started'), { timeoutMs: 30_000 });
}

/**
 * The leader's session ends, the next one is elected, and stopped. Answers when it will go on: in an object, as a bare
 * promise would be waited for.
 */
async function freshLeader(trial: Trial): Promise<{ awake: Promise<void> }> {
  const { server, stack, deeds, random } = trial;
  const { term } = await leaderWithStandby(trial);
  deeds.terminations++;
  await server.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = (select left('ravenmq leader ' || worker_id, 63) from ${stack.schema}.scheduler_leader)`,
  );
  await nextTerm(trial, term);
  const { place } = await eventually(() => stack.leader(), { timeoutMs: 20_000 });
  return { awake: trial.pause(place, termMs * random.between(2, 4)) };
}
