/** What the payloads of several built-in types are made of. */
import { z } from 'zod';

export const hour = 3_600_000;
export const kilobyte = 1024;

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

export const url = z
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

export const argument = z
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

/** Variables of a program's environment. */
export const environment = z
  .record(variableName, argument)
  .refine((env) => Object.keys(env).length <= 100, 'has more than 100 entries')
  .default({});

export const headers = z
  .record(headerName, headerValue)
  .refine((entries) => Object.keys(entries).length <= 64, 'has more than 64 entries');

/** Of a program's attempt, in milliseconds. */
export const programTimeout = z
  .int()
  .min(1)
  .max(24 * hour)
  .default(hour);
