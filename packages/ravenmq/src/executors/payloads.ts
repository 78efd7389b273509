/**
 * The payloads of the built-in job types. The API checks a submission against them and the executors parse with
 * them, so a job that was accepted is a job that can be read. Imports nothing that executes.
 */
import { z } from 'zod';

const hour = 3_600_000;
const kilobyte = 1024;

// Hop-by-hop headers and those that frame the message belong to the connection; a caller who sets them can make two
// parties disagree about where a request ends. Host would reach another site behind the address that was checked.
const ownedByTheConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const noNul = (value: string) => !value.includes('\0');

const headerName = z
  .string()
  .max(128)
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'is not a header name')
  .refine((name) => !ownedByTheConnection.has(name.toLowerCase()), 'is set by the connection, leave it out');
const headerValue = z
  .string()
  .max(8 * kilobyte)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'holds a line break or another character that a header cannot carry');

const url = z
  .string()
  .max(8 * kilobyte)
  .superRefine((value, context) => {
    const problem = urlProblem(value);
    if (problem) context.addIssue(problem);
  });

function urlProblem(value: string): string | undefined {
  const parsed = URL.parse(value);
  if (!parsed) return 'is not an absolute URL';
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return 'must start with http:// or https://';
  if (parsed.username !== '' || parsed.password !== '')
    return 'must not carry a user name or password; use an Authorization header';
  return undefined;
}

const status = z.int().min(200).max(599);

export const httpPayload = z
  .strictObject({
    method: z
      .string()
      .toUpperCase()
      .pipe(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
      .default('GET'),
    url,
    headers: z
      .record(headerName, headerValue)
      .refine((headers) => Object.keys(headers).length <= 64, 'has more than 64 entries')
      .default({}),
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

const argument = z
  .string()
  .max(64 * kilobyte)
  .refine(noNul, 'holds a NUL character');

// The loader, shells and interpreters read these before the program does: setting one runs code of one's own inside
// a program that was allowed. PATH, HOME, TMPDIR and RAVENMQ_* are set for every job.
const steersTheProgram =
  /^(LD_|DYLD_|GLIBC_|GCONV_|MALLOC_|BASH|RAVENMQ_|GIT_|NODE_|PYTHON|PERL|RUBY|JAVA_|_JAVA|JDK_)|^(ENV|IFS|PATH|HOME|TMPDIR|PS4|SHELLOPTS|CDPATH|PWD|OLDPWD|LOCPATH|NLSPATH|EDITOR|PAGER|VISUAL)$/;
const variableName = z
  .string()
  .max(128)
  .regex(/^[A-Z_][A-Z0-9_]*$/, 'must consist of A-Z, 0-9 and _')
  .refine((name) => !steersTheProgram.test(name), 'cannot be set by a job');

export const shellPayload = z
  .strictObject({
    /** The program and its arguments; no shell reads them. */
    argv: z.array(argument).min(1).max(1000).optional(),
    /** Run by /bin/sh, which must then be allowed. */
    script: argument.min(1).optional(),
    env: z
      .record(variableName, argument)
      .refine((env) => Object.keys(env).length <= 100, 'has more than 100 entries')
      .default({}),
    stdin: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= 64 * kilobyte, 'is longer than 64 kB')
      .default(''),
    /** In milliseconds. */
    timeout_ms: z
      .int()
      .min(1)
      .max(24 * hour)
      .default(hour),
  })
  .refine((payload) => (payload.argv === undefined) !== (payload.script === undefined), {
    message: 'give either argv (a program and its arguments) or script (text for /bin/sh)',
  });

export type ShellPayload = z.infer<typeof shellPayload>;

/** Every problem of a payload as `field: what is wrong`, or null. Types that are not built in take any object. */
export function validatePayload(type: string, payload: unknown): string[] | null {
  if (type === 'http') return problemsOf(httpPayload, payload);
  if (type === 'shell') return problemsOf(shellPayload, payload);
  if (type === 'etl' || type === 'ml') return [`jobs of type ${type} cannot be run by this version yet`];
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
