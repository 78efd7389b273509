/** Limits as requests describe them. */
import { z } from 'zod';
import type { Rate } from '../jobs/limits.ts';

/** Jobs that may run at the same time. */
export const concurrency = z.int().min(0).max(100_000).nullable();

export const startRate = z
  .strictObject({
    starts: z.number().gt(0).max(1_000_000),
    per_seconds: z.number().gt(0).max(86_400).default(1),
    burst: z
      .number()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Starts at once; by default those of a second'),
  })
  .nullable()
  .describe('At most so many starts in so many seconds; null: any number');

export function rateOf(body: z.output<typeof startRate> | undefined): Rate | null | undefined {
  if (!body) return body;
  return { starts: body.starts, perSeconds: body.per_seconds, burst: body.burst };
}
