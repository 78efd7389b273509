/**
 * Validation of submissions. Nearly all are plainly valid, and a few comparisons per field show it; whatever these do
 * not accept is judged by the schema, which also words the refusal. What is accepted here is accepted there, with the
 * same outcome (new-job-body.test.ts compares the two), but not the other way round.
 */
import type { FastifySchemaCompiler } from 'fastify';
import { validatorCompiler as schemaValidator } from 'fastify-type-provider-zod';
import { mostAtOnce, type NewJobBody } from './wire.ts';

type Json = Record<string, unknown>;
type Plain = (data: unknown) => unknown;

/** The schema's validator with a short cut: `plain` answers what the schema would answer, or undefined if unsure. */
const withShortCut =
  (plain: Plain): FastifySchemaCompiler<unknown> =>
  (route) => {
    const bySchema = schemaValidator(route as Parameters<typeof schemaValidator>[0]);
    if (route.httpPart === 'headers') return (data) => hasPlainKey(data as Json) || bySchema(data);
    if (route.httpPart !== 'body') return bySchema;
    return (data) => {
      const value = plain(data);
      return value === undefined ? bySchema(data) : { value };
    };
  };

export const oneJobValidator = withShortCut(plainNewJob);
export const manyJobsValidator = withShortCut(plainNewJobs);

function hasPlainKey(headers: Json): boolean {
  const key = headers['idempotency-key'];
  return key === undefined || (typeof key === 'string' && key.length >= 1 && key.length <= 200);
}

export function plainNewJobs(body: unknown): { jobs: NewJobBody[] } | undefined {
  if (!isObject(body)) return undefined;
  for (const key in body) if (key !== 'jobs') return undefined;
  const { jobs } = body;
  if (!Array.isArray(jobs) || jobs.length < 1 || jobs.length > mostAtOnce) return undefined;
  const plain: NewJobBody[] = [];
  for (const entry of jobs) {
    const job = plainNewJob(entry);
    if (!job) return undefined;
    plain.push(job);
  }
  return { jobs: plain };
}

export function plainNewJob(body: unknown): NewJobBody | undefined {
  if (!isObject(body)) return undefined;
  for (const key in body) if (!fields.has(key)) return undefined;
  const { name, type, payload, queue = 'default', weight = 1, max_retries = 3, labels = {} } = body;
  const { timeout_ms, idempotency_key, concurrency_key, size_hint, variant } = body;
  const plain =
    isText(name, 64) &&
    typeof type === 'string' &&
    typePattern.test(type) &&
    isObject(payload) &&
    typeof queue === 'string' &&
    (queue === 'default' || queuePattern.test(queue)) &&
    isNumber(weight, 0, 1_000) &&
    weight !== 0 &&
    isNumber(max_retries, 0, 100) &&
    Number.isInteger(max_retries) &&
    areLabels(labels) &&
    (timeout_ms === undefined || (isNumber(timeout_ms, 1, 2_147_483_647) && Number.isInteger(timeout_ms))) &&
    (idempotency_key === undefined || isText(idempotency_key, 200)) &&
    (concurrency_key === undefined || isText(concurrency_key, 200)) &&
    (size_hint === undefined || isNumber(size_hint, 0, 1e15)) &&
    (variant === undefined || isText(variant, 64));
  if (!plain) return undefined;
  return {
    name,
    type,
    payload,
    queue,
    weight,
    max_retries,
    labels,
    timeout_ms: timeout_ms as number | undefined,
    idempotency_key: idempotency_key as string | undefined,
    concurrency_key: concurrency_key as string | undefined,
    size_hint: size_hint as number | undefined,
    variant: variant as string | undefined,
  };
}

/** All that there are but run_at and deadline: times are left to the schema. */
const fields = new Set<string>([
  'name',
  'type',
  'payload',
  'queue',
  'weight',
  'max_retries',
  'timeout_ms',
  'idempotency_key',
  'concurrency_key',
  'labels',
  'size_hint',
  'variant',
] satisfies (keyof NewJobBody)[]);

const typePattern = /^[A-Za-z0-9_.:/-]{1,64}$/;
const queuePattern = /^[A-Za-z0-9_.:-]{1,64}$/;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts code units: the schema counts characters, which are never more. */
function isText(value: unknown, most: number): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= most &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function areLabels(value: unknown): value is Record<string, string> {
  if (!isObject(value)) return false;
  let entries = 0;
  for (const key in value) {
    if (++entries > 32 || !isText(key, 64) || !isText(value[key], 256)) return false;
  }
  return true;
}
