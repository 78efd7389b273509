/**
 * The payloads of the built-in job types. The API checks a submission against them and the executors parse with
 * them, so a job that was accepted is a job that can be read. Imports nothing that executes.
 */
import { z } from 'zod';
import { etlPayload } from './etl-payload.ts';
import { mlPayload } from './ml-payload.ts';
import { argument, environment, headers, hour, kilobyte, programTimeout, url } from './payload-parts.ts';

const status = z.int().min(200).max(599);

export const httpPayload = z
  .strictObject({
    method: z
      .string()
      .toUpperCase()
      .pipe(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
      .default('GET'),
    url,
    headers: headers.default({}),
    /** Text is sent as it is, any other value as JSON. */
    body: z.json().optional(),
    /** Default: any 2xx. */
    expected_status: z.union([status, z.array(status).min(1).max(50)]).optional(),
    /** For the whole call with its redirects, in milliseconds. */
    timeout_ms: z.int().min(1).max(hour).default(30_000),
  })
  .refine((payload) => payload.body == null || !['GET', 'HEAD'].includes(payload.method), {
    path: ['body'],
    message: 'cannot be sent with GET or HEAD',
  });

export type HttpPayload = z.infer<typeof httpPayload>;

export const shellPayload = z
  .strictObject({
    /** The program and its arguments; no shell reads them. */
    argv: z.array(argument).min(1).max(1000).optional(),
    /** Run by /bin/sh, which must then be allowed. */
    script: argument.min(1).optional(),
    env: environment,
    stdin: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= 64 * kilobyte, 'is longer than 64 kB')
      .default(''),
    timeout_ms: programTimeout,
  })
  .refine((payload) => (payload.argv === undefined) !== (payload.script === undefined), {
    message: 'give either argv (a program and its arguments) or script (text for /bin/sh)',
  });

export type ShellPayload = z.infer<typeof shellPayload>;

/** Every problem of a payload as `field: what is wrong`, or null. Types that are not built in take any object. */
export function validatePayload(type: string, payload: unknown): string[] | null {
  if (type === 'http') return problemsOf(httpPayload, payload);
  if (type === 'shell') return problemsOf(shellPayload, payload);
  if (type === 'etl') return problemsOf(etlPayload, payload);
  if (type === 'ml') return problemsOf(mlPayload, payload);
  return problemsOf(anyPayload, payload);
}

const anyPayload = z.looseObject({});

function problemsOf(schema: z.ZodType, payload: unknown): string[] | null {
  const parsed = schema.safeParse(payload);
  return parsed.success ? null : describeProblems(parsed.error);
}

/** One line a problem; a bad key of a record is told by the reason and not by "invalid key". */
export function describeProblems(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const at = ['payload', ...issue.path.map(String)].join('.');
    const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
    return `${at}: ${inner ?? issue.message}`;
  });
}
