/** The filters of the job list as a query names them. */
import { z } from 'zod';
import { statuses } from '../../jobs/job.ts';
import type { JobFilter } from '../../jobs/list.ts';
import { type Caller, scopeOf } from '../auth.ts';
import { Problem } from '../problems.ts';

const instant = z.iso.datetime({ offset: true }).meta({ format: 'date-time' });

export const filterQuery = z
  .object({
    status: z.enum(statuses as [(typeof statuses)[number], ...(typeof statuses)[number][]]).optional(),
    type: z.string().max(64).optional(),
    queue: z.string().max(64).optional(),
    name: z.string().max(64).optional(),
    created_after: instant.optional(),
    created_before: instant.optional(),
  })
  .catchall(z.string().max(256));

export const listQuery = filterQuery.extend({
  before: z.uuid().optional().describe('Only jobs older than this one: the cursor of the next page'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Throws the problem `invalid` for a filter that does not exist: the keys that the route knows, and labels. */
export function filterOf(
  query: z.output<typeof filterQuery>,
  caller: Caller,
  page: { before?: string | undefined; limit: number },
  known: string[] = Object.keys(filterQuery.shape),
): JobFilter {
  const scope = scopeOf(caller);
  return {
    tenants: scope.all ? null : scope.tenants,
    status: query.status,
    type: query.type,
    queue: query.queue,
    name: query.name,
    labels: labelsOf(query, known),
    createdAfter: query.created_after,
    createdBefore: query.created_before,
    before: page.before,
    limit: page.limit,
  };
}

function labelsOf(query: Record<string, unknown>, known: string[]): Record<string, string> | undefined {
  const others = Object.entries(query).filter(([key]) => !known.includes(key));
  const stranger = others.find(([key]) => !key.startsWith('label.'));
  if (stranger) {
    throw new Problem(
      'invalid',
      `querystring/${stranger[0]}: is no filter; there are ${known.join(', ')} and label.<key>`,
    );
  }
  if (others.length === 0) return undefined;
  return Object.fromEntries(others.map(([key, value]) => [key.slice('label.'.length), String(value)]));
}
