/** Every error that the API answers: RFC 9457 problem details, the codes in one table. */

export const problems = {
  bad_request: { status: 400, title: 'The request cannot be understood' },
  name_taken: { status: 400, title: 'The name is taken' },
  has_organization: { status: 400, title: 'The user already belongs to an organization' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  wrong_credentials: { status: 401, title: 'The user name or the password is wrong' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'The request contradicts an earlier one' },
  too_large: { status: 413, title: 'The request is too large' },
  invalid: { status: 422, title: 'The request has invalid values' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available for the moment' },
} as const;

export type ProblemCode = keyof typeof problems;

/** One value that is wrong: where it stands in the request, and what is wrong with it. */
export interface FieldError {
  path: string;
  message: string;
}

export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.errors = more.errors;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  get status(): number {
    return problems[this.code].status;
  }

  /** The body of the answer. */
  toJson(requestId: string): Record<string, unknown> {
    const { status, title } = problems[this.code];
    return {
      type: `urn:ravenmq:problem:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      request_id: requestId,
      ...(this.errors && { errors: this.errors }),
    };
  }
}
