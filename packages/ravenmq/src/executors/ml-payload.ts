import { z } from 'zod';
import { argument, environment, kilobyte, programTimeout } from './payload-parts.ts';

export const mlPayload = z.strictObject({
  /** The program and its arguments; no shell reads them. */
  argv: z.array(argument).min(1).max(1_000),
  env: environment,
  stdin: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= 64 * kilobyte, 'is longer than 64 kB')
    .default(''),
  timeout_ms: programTimeout,
  /** Time between SIGTERM and SIGKILL, to write a last checkpoint; in milliseconds. */
  grace_ms: z.int().min(0).max(300_000).default(10_000),
});
export type MlPayload = z.infer<typeof mlPayload>;
