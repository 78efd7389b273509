import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from '../log.ts';
import { TooBusy } from '../tenants/passwords.ts';
import { Problem, type ProblemCode } from './problems.ts';

/** The single place where an error becomes an answer. */
export function handleErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: FastifyError | Problem, request, reply) =>
    answerError(error, request, reply, log),
  );
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      request,
      reply,
      new Problem('not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`),
    ),
  );
}

/** Also for what the router refuses before any route or hook: an address that cannot be decoded, an endless part. */
export function answerError(
  error: FastifyError | Problem,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) log.error({ event: 'request_failed', requestId: request.id, err: error });
  return sendProblem(request, reply, problem);
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer');
  return reply
    .status(problem.status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.toJson(request.id));
}

function problemOf(error: FastifyError | Problem | TooBusy): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      path: `${error.validationContext ?? ''}${issue.instancePath}`,
      message: issue.message ?? 'is invalid',
    }));
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return new Problem('invalid', detail, { errors });
  }
  if (error instanceof TooBusy) return new Problem('unavailable', error.message, { retryAfterSeconds: 1 });
  return new Problem(codeOf(error), detailOf(error), { cause: error });
}

/** SQLSTATEs of a database that cannot take work now: shutting down, out of connections, disk or memory, read-only. */
const unavailable = /^(08|57|53|25006)/;

function codeOf(error: FastifyError): ProblemCode {
  const { code = '', statusCode } = error;
  if (/^(22|23)/.test(code) && code.length === 5) return 'invalid';
  if (unavailable.test(code) || code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'unavailable';
  if (statusCode === 413) return 'too_large';
  // No id is that long.
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return 'not_found';
  if (statusCode && statusCode >= 400 && statusCode < 500) return 'bad_request';
  return 'internal';
}

function detailOf(error: FastifyError): string {
  const code = codeOf(error);
  if (code === 'internal') return 'The log has the details under this request id.';
  if (code === 'unavailable') return 'The database does not answer; nothing was changed. Try again soon.';
  return error.message;
}
