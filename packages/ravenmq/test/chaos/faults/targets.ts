/** Servers that http jobs call and that are slow, broken, busy, endless or gone. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import type { Fault, Trial } from '../fault.ts';
import { type BadTarget, type Behaviour, behaviours, startBadTarget } from './bad-target.ts';

const maxRetries = 2;
const timeoutMs = 1_500;
/** Of an endless answer the beginning is kept. */
const succeeding: Behaviour[] = ['ok', 'huge'];
/** A target that answers is not held up by those that do not. */
const okWithinMs = 15_000;

interface Ended {
  id: string;
  status: string;
  tookMs: number;
}

export const badTargets: Fault = {
  id: 'F19',
  title: 'targets of http jobs that are slow, broken, busy or endless',
  builtInWorker: true,
  async run(trial) {
    const { size, stack } = trial;
    const target = await startBadTarget();
    const [place] = stack.of('worker').filter(({ name }) => name.startsWith('built-in'));
    if (!place) throw new Error('no worker for built-in types');
    await place.child.terminate(40_000);
    stack.restart(place, { env: { RAVENMQ_HTTP_ALLOW_PRIVATE: target.host, RAVENMQ_SLOTS: '8' } });
    try {
      for (let n = 0; n < size.times; n++) await oneRound(trial, target, n);
    } finally {
      await target.stop();
    }
  },
};

async function oneRound(trial: Trial, target: BadTarget, round: number): Promise<void> {
  const { load, problem } = trial;
  const wanted = new Map<string, { behaviour: Behaviour; name: string }>();
  for (const behaviour of behaviours) {
    for (let n = 0; n < 4; n++) {
      const name = `${round}-${behaviour}-${n}`;
      const id = await load.orgs[0]?.api.submit({
        name: behaviour,
        type: 'http',
        payload: { url: `http://${target.host}/${behaviour}/${name}` },
        timeout_ms: timeoutMs,
        max_retries: maxRetries,
        idempotency_key: name,
      });
      if (id) wanted.set(id, { behaviour, name });
    }
  }
  for (const { id, status, tookMs } of await ended(trial, [...wanted.keys()])) {
    const { behaviour, name } = wanted.get(id) as { behaviour: Behaviour; name: string };
    const calls = target.calls.get(name) ?? 0;
    const expected = succeeding.includes(behaviour) ? 'done' : 'failed';
    if (status !== expected) problem('A3', `an http job (${behaviour}) ended as ${status}`);
    if (calls < 1 || calls > maxRetries + 1)
      problem('A6', `an http job (${behaviour}) called ${calls} times`);
    if (behaviour === 'ok' && tookMs > okWithinMs)
      problem('A10', `an http job waited ${tookMs} ms for others`);
  }
}

async function ended({ server, stack }: Trial, ids: string[]): Promise<Ended[]> {
  await pause(100);
  return eventually(
    async () => {
      const rows = await server.query<Ended & Record<string, unknown>>(
        `select id, status, extract(epoch from finished_at - created_at)::float8 * 1000 as "tookMs"
         from ${stack.schema}.job_history where id = any($1)`,
        [ids],
      );
      return rows.length === ids.length ? rows : undefined;
    },
    { timeoutMs: 90_000, everyMs: 100 },
  );
}
