/** Submitting and reading jobs. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Queryable } from '../../db/connect.ts';
import { inScope } from '../../db/scope.ts';
import { listAttempts } from '../../jobs/attempts.ts';
import type { Submitted } from '../../jobs/insert.ts';
import type { JobRow } from '../../jobs/job.ts';
import { getJob, listJobs } from '../../jobs/list.ts';
import type { NewJob } from '../../jobs/new-job.ts';
import { readProgress } from '../../jobs/reports.ts';
import { expectation, expectedOf } from '../../plan/expectation.ts';
import type { PlanCache } from '../../plan/plan-cache.ts';
import type { App, RouteContext } from '../app.ts';
import { type Caller, scopeOf } from '../auth.ts';
import { manyJobsValidator, oneJobValidator } from '../new-job-body.ts';
import { checkPayload } from '../payload.ts';
import { Problem } from '../problems.ts';
import { job, jobToWire, mostAtOnce, type NewJobBody, newJob, newJobs, problem } from '../wire.ts';
import { filterOf, listQuery } from './job-filter.ts';

/** jobToWire names every field that leaves; checking a thousand answers against their schema takes longer than storing them. */
const serializerCompiler = () => (data: unknown) => JSON.stringify(data);

export function jobRoutes(app: App, { pool, config, submitter, plans }: RouteContext): void {
  const { schema, maxPayloadChars } = config;

  app.post(
    '/jobs',
    {
      config: { access: 'user' },
      validatorCompiler: oneJobValidator,
      serializerCompiler,
      schema: {
        tags: ['jobs'],
        summary: 'Submit a job',
        body: newJob,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        response: { 200: job, 201: job },
      },
    },
    async (request, reply) => {
      const { body, caller } = request;
      checkPayload(body.type, body.payload, maxPayloadChars);
      const key = body.idempotency_key ?? request.headers['idempotency-key'] ?? null;
      const submission = fromWire(body, caller);
      submission.idempotencyKey = key;
      const answer = await submitter.submit(submission);
      if (answer.kind === 'conflict') throw keyConflict(key);
      return reply
        .status(answer.kind === 'created' ? 201 : 200)
        .send({ ...jobToWire(answer.job), ...expectedOf(plans, answer.job) });
    },
  );

  app.post(
    '/jobs/bulk',
    {
      config: { access: 'user' },
      validatorCompiler: manyJobsValidator,
      serializerCompiler,
      bodyLimit: 64 * 1_048_576,
      schema: {
        tags: ['jobs'],
        summary: `Submit up to ${mostAtOnce} jobs; the answers come in the same order`,
        body: newJobs,
        response: { 201: z.array(z.union([job, problem])) },
      },
    },
    async (request, reply) => {
      const { body, caller } = request;
      body.jobs.forEach((entry, n) => {
        checkPayload(entry.type, entry.payload, maxPayloadChars, `body/jobs/${n}`);
      });
      const answers = await submitter.submitMany(body.jobs.map((entry) => fromWire(entry, caller)));
      return reply
        .status(201)
        .send(answers.map((answer, n) => answerToWire(answer, body.jobs[n], request.id, plans)));
    },
  );

  app.get(
    '/jobs',
    {
      config: { access: 'user' },
      serializerCompiler,
      schema: {
        tags: ['jobs'],
        summary: 'List jobs, newest first; filter by label with label.<key>=<value>',
        querystring: listQuery,
        response: { 200: z.array(job) },
      },
    },
    async (request, reply) => {
      const { query, caller } = request;
      const filter = filterOf(query, caller, query, Object.keys(listQuery.shape));
      const [rows, progress] = await inScope(pool, schema, scopeOf(caller), async (client) => {
        const found = await listJobs(client, filter);
        return [found, await progressOf(client, found)] as const;
      });
      if (rows.length === query.limit) linkNextPage(request, reply, rows.at(-1)?.id as string);
      return rows.map((row) => jobToWire(row, progress.get(row.id)));
    },
  );

  app.get(
    '/jobs/:id',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'One job',
        params: z.object({ id: z.string() }),
        response: { 200: job },
      },
    },
    async ({ params, caller }) => {
      const found = isId(params.id)
        ? await inScope(pool, schema, scopeOf(caller), async (client) => {
            const row = await getJob(client, params.id);
            return row && { row, progress: (await progressOf(client, [row])).get(row.id) };
          })
        : undefined;
      if (!found) throw noSuchJob();
      return { ...jobToWire(found.row, found.progress), ...(await expectation(pool, found.row)) };
    },
  );

  app.get(
    '/jobs/:id/attempts',
    {
      config: { access: 'user' },
      schema: {
        tags: ['jobs'],
        summary: 'The attempts of a job that have ended, the first one first',
        params: z.object({ id: z.string() }),
        response: { 200: z.array(attempt) },
      },
    },
    async ({ params, caller }) => {
      const attempts = isId(params.id)
        ? await inScope(pool, schema, scopeOf(caller), async (client) =>
            (await getJob(client, params.id)) ? listAttempts(client, params.id) : undefined,
          )
        : undefined;
      if (!attempts) throw noSuchJob();
      return attempts;
    },
  );
}

const progressOf = (client: Queryable, rows: JobRow[]) =>
  readProgress(
    client,
    rows.filter((row) => row.status === 'running').map((row) => row.id),
  );

const attempt = z.object({
  attempt: z.number(),
  outcome: z.string(),
  runtime_ms: z.number(),
  predicted_runtime_ms: z.number(),
  wait_ms: z.number(),
  worker_id: z.string().nullable(),
  error_msg: z.string().nullable(),
  logged_at: z.string(),
});

function linkNextPage(request: FastifyRequest, reply: FastifyReply, lastId: string): void {
  const url = new URL(request.url, 'http://self');
  url.searchParams.set('before', lastId);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}

function fromWire(body: NewJobBody, caller: Caller): NewJob {
  return {
    orgId: caller.orgId,
    userId: caller.userId,
    queue: body.queue,
    type: body.type,
    name: body.name,
    payload: body.payload,
    weight: body.weight,
    runAt: body.run_at ?? null,
    deadline: body.deadline ?? null,
    maxRetries: body.max_retries,
    timeoutMs: body.timeout_ms ?? null,
    idempotencyKey: body.idempotency_key ?? null,
    concurrencyKey: body.concurrency_key ?? null,
    labels: body.labels,
    sizeHint: body.size_hint ?? null,
    variant: body.variant ?? null,
  };
}

function answerToWire(answer: Submitted, body: NewJobBody | undefined, requestId: string, plans: PlanCache) {
  if (answer.kind !== 'conflict') return { ...jobToWire(answer.job), ...expectedOf(plans, answer.job) };
  return keyConflict(body?.idempotency_key ?? null).toJson(requestId) as z.output<typeof problem>;
}

function keyConflict(key: string | null): Problem {
  return new Problem('conflict', `The idempotency key ${key} was used with another request.`);
}

export const isId = (id: string): boolean => z.uuid().safeParse(id).success;
export const noSuchJob = (): Problem => new Problem('not_found', 'There is no such job.');
