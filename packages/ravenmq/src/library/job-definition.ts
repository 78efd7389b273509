/** A job type that this program knows how to run: its name, its input, its handler. */
import type { AttemptContext } from '../worker/attempt-context.ts';
import { type Duration, toMs } from './duration.ts';

/** The part of the Standard Schema interface that is used: zod, valibot, arktype and others implement it. */
export interface Schema<Input, Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validation<Output> | Promise<Validation<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type Validation<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<{ readonly message: string; readonly path?: unknown }> };

export interface JobOptions<Input, Output, Result> {
  /** Letters, digits, `_`, `.`, `:`, `/` and `-`, at most 64. */
  type: string;
  input: Schema<Input, Output>;
  queue?: string;
  /** Longest run of one attempt. */
  timeout?: Duration;
  /** Starts after the first; 3 by default. */
  maxRetries?: number;
  run(payload: Output, context: AttemptContext): Promise<Result> | Result;
}

export interface JobDefinition<Input, Output, Result> {
  readonly type: string;
  readonly queue: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxRetries: number | undefined;
  /** Validates; throws InvalidPayload. At once when the schema answers at once: most do. */
  parse(payload: unknown): Output | Promise<Output>;
  run(payload: Output, context: AttemptContext): Promise<Result> | Result;
  /** Carries the input type; never set. */
  readonly input?: Input;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of jobs mixes every kind of payload and result
export type AnyJob = JobDefinition<any, any, any>;

export class InvalidPayload extends Error {
  override name = 'InvalidPayload';
}

export function defineJob<Input, Output, Result>(
  options: JobOptions<Input, Output, Result>,
): JobDefinition<Input, Output, Result> {
  if (!/^[A-Za-z0-9_.:/-]{1,64}$/.test(options.type)) {
    throw new Error(
      `Job type ${JSON.stringify(options.type)}: 1 to 64 letters, digits, '_', '.', ':', '/' and '-'.`,
    );
  }
  return {
    type: options.type,
    queue: options.queue,
    timeoutMs: options.timeout === undefined ? undefined : toMs(options.timeout),
    maxRetries: options.maxRetries,
    run: options.run,
    parse(payload) {
      const validation = options.input['~standard'].validate(payload);
      const accept = (known: Validation<Output>) => accepted(known, options.type);
      return validation instanceof Promise ? validation.then(accept) : accept(validation);
    },
  };
}

function accepted<Output>(validation: Validation<Output>, type: string): Output {
  if (!validation.issues) return validation.value;
  const problems = validation.issues.map((issue) => `${pathOf(issue.path)}${issue.message}`);
  throw new InvalidPayload(`Payload of ${type}: ${problems.join('; ')}`);
}

function pathOf(path: unknown): string {
  if (!Array.isArray(path) || path.length === 0) return '';
  const keys = path.map((key) => (typeof key === 'object' && key !== null && 'key' in key ? key.key : key));
  return `${keys.join('.')}: `;
}
