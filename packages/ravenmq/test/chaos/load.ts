/**
 * The load of a trial: two organizations submit through the library and through the API at a steady rate. Every job
 * has an idempotency key and is submitted until it is acknowledged; what was asked, and what was answered, is the
 * operation log that the checks start from.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { defineJob } from '../../src/index.ts';
import { type Draft, draftOf, draw, type Kind, type WorkPayload } from './mix.ts';
import { limitKeys, makeOrg, type Org } from './org.ts';
import type { Random } from './random.ts';
import type { Stack } from './stack.ts';

/** One line of the operation log. `ids` are all the ids that its tries were answered with. */
export interface Submission {
  key: string;
  org: string;
  kind: Kind;
  route: 'library' | 'api';
  invokedAt: number;
  ackedAt: number | undefined;
  tries: number;
  /** ok: acknowledged. info: nobody knows. fail: refused, it must not exist. */
  outcome: 'ok' | 'info' | 'fail';
  ids: string[];
}

export interface CancelRequest {
  id: string;
  askedAt: number;
  ackedAt: number | undefined;
}

export interface Load {
  readonly submissions: readonly Submission[];
  readonly cancels: readonly CancelRequest[];
  readonly orgs: readonly Org[];
  /** Goes on submitting jobs of the mix, so many a second, until `rest`. */
  run(perSecond: number): void;
  /** Stops submitting; resolves when every submission under way has its answer. */
  rest(): Promise<void>;
  submit(draft: Draft, org?: Org, route?: Submission['route']): Promise<Submission>;
  /** Many at once through the library; they are not repeated. */
  flood(org: Org, drafts: Draft[]): Promise<void>;
  probe(org: Org, route: Submission['route']): Promise<Submission>;
  /**
   * After a failover that lost something: gives up on the jobs that are gone, and cancels once more what was cancelled
   * since, as that may have been lost too.
   */
  cancelAgain(since: number, gone: { id: string }[]): void;
  close(): Promise<void>;
}

const anything = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as WorkPayload }),
  },
} as const;
const work = defineJob({ type: 'work', input: anything, run: () => {} });

/** How long a submission is repeated before its outcome counts as unknown, in milliseconds. */
const patienceMs = 60_000;
/** Time between the acknowledgement of a job that is to be cancelled and the request. */
const cancelAfterMs = 500;

export async function startLoad(stack: Stack, random: Random): Promise<Load> {
  const submissions: Submission[] = [];
  const cancels: CancelRequest[] = [];
  const orgs = [await makeOrg(stack, 'one'), await makeOrg(stack, 'two')];
  await limitKeys(stack, orgs);
  const underWay = new Set<Promise<unknown>>();
  const lost = new Set<string>();
  let stopped = false;
  let looping: Promise<void> | undefined;

  function note(draft: Draft, org: Org, route: Submission['route']): Submission {
    const submission: Submission = {
      key: `${stack.schema}-${submissions.length}`,
      org: org.id,
      kind: draft.kind,
      route,
      invokedAt: Date.now(),
      ackedAt: undefined,
      tries: 0,
      outcome: 'info',
      ids: [],
    };
    submissions.push(submission);
    return submission;
  }

  async function submit(
    draft: Draft,
    org: Org = random.pick(orgs),
    route: Submission['route'] = random.chance(0.5) ? 'api' : 'library',
  ): Promise<Submission> {
    const submission = note(draft, org, route);
    // Fixed before the first try: another request under the same key would be a contradiction.
    const runAt = draft.delayMs === undefined ? undefined : new Date(Date.now() + draft.delayMs);
    while (submission.outcome === 'info' && Date.now() < submission.invokedAt + patienceMs) {
      submission.tries++;
      try {
        submission.ids.push(await send(draft, org, submission, runAt));
        submission.outcome = 'ok';
        submission.ackedAt = Date.now();
      } catch {
        await pause(50 + 100 * random.next());
      }
    }
    if (draft.kind === 'cancelled' && submission.ids[0]) track(cancel(org, submission.ids[0]));
    return submission;
  }

  async function send(
    draft: Draft,
    org: Org,
    { key, route }: Submission,
    runAt: Date | undefined,
  ): Promise<string> {
    const { payload, concurrencyKey, maxRetries } = draft;
    if (route === 'api') {
      return org.api.submit({
        name: draft.kind,
        type: 'work',
        payload: { ...payload },
        max_retries: maxRetries,
        idempotency_key: key,
        ...(concurrencyKey && { concurrency_key: concurrencyKey }),
        ...(runAt && { run_at: runAt.toISOString() }),
      });
    }
    const handle = await org.raven.enqueue(work, payload, {
      name: draft.kind,
      maxRetries,
      idempotencyKey: key,
      ...(concurrencyKey && { concurrencyKey }),
      ...(runAt && { runAt }),
    });
    return handle.id;
  }

  async function cancel(org: Org, id: string): Promise<void> {
    await pause(cancelAfterMs);
    const request: CancelRequest = { id, askedAt: Date.now(), ackedAt: undefined };
    cancels.push(request);
    await ask(org, request);
  }

  async function ask(org: Org, request: CancelRequest): Promise<void> {
    const until = Date.now() + patienceMs;
    while (request.ackedAt === undefined && Date.now() < until && !lost.has(request.id)) {
      try {
        await org.api.cancel(request.id);
        request.ackedAt = Date.now();
      } catch {
        await pause(100);
      }
    }
  }

  function track(work: Promise<unknown>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function loop(perSecond: number): Promise<void> {
    const began = Date.now();
    for (let sent = 0; !stopped; await pause(10)) {
      const due = ((Date.now() - began) / 1_000) * perSecond;
      // While submissions hang, no more than a second's worth of them pile up.
      for (; sent < due; sent++) if (underWay.size < Math.max(50, perSecond)) track(submit(draw(random)));
    }
  }

  return {
    submissions,
    cancels,
    orgs,
    run(perSecond) {
      stopped = false;
      looping = loop(perSecond);
    },
    async rest() {
      stopped = true;
      await looping;
      while (underWay.size > 0) await Promise.all(underWay);
    },
    submit,
    async flood(org, drafts) {
      const noted = drafts.map((draft) => note(draft, org, 'library'));
      const handles = await org.raven.enqueueMany(
        drafts.map(({ kind, payload, maxRetries, weight = 1 }, n) => [
          work,
          payload,
          { name: kind, maxRetries, weight, idempotencyKey: noted[n]?.key as string },
        ]),
      );
      noted.forEach((submission, n) => {
        submission.tries = 1;
        submission.outcome = 'ok';
        submission.ackedAt = Date.now();
        submission.ids.push(handles[n]?.id as string);
      });
    },
    probe: (org, route) => submit(draftOf('probe', random), org, route),
    cancelAgain(since, gone) {
      for (const { id } of gone) lost.add(id);
      for (const request of cancels) {
        if ((request.ackedAt ?? 0) < since) continue;
        const owner = submissions.find(({ ids }) => ids.includes(request.id))?.org;
        request.ackedAt = undefined;
        track(ask(orgs.find(({ id }) => id === owner) as Org, request));
      }
    },
    async close() {
      for (const org of orgs) {
        await org.raven.close().catch(() => {});
        org.api.close();
      }
    },
  };
}
