'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useEvery } from '../../lib/queries.ts';
import { type Filter, queryOf } from '../../lib/search.ts';
import type { Job } from '../../lib/wire.ts';

const pageSize = 100;
const everyMs = 5_000;

export interface JobList {
  jobs: Job[] | undefined;
  error: Error | null;
  more: boolean;
  loadingMore: boolean;
  loadMore(): void;
  refetch(): unknown;
  /** Jobs that came while rows were held. */
  arrived: number;
  /** Whether new rows wait instead of pushing the others down. */
  hold(held: boolean): void;
}

/**
 * The jobs that a filter finds, page by page. Pages are read anew together, each through the one before, so that no
 * job slips between two; the more pages, the rarer, so that a long list costs the server no more than a short one.
 */
export function useJobs(filter: Filter): JobList {
  const [held, setHeld] = useState<string>();
  const key = JSON.stringify(filter);
  const [pages, setPages] = useState(1);
  const list = useInfiniteQuery({
    queryKey: ['jobs', key],
    initialPageParam: '',
    queryFn: ({ pageParam }) => {
      const query = queryOf(filter, Date.now());
      query.set('limit', String(pageSize));
      if (pageParam) query.set('before', pageParam);
      return api.jobs(query);
    },
    getNextPageParam: ({ jobs, more }) => (more ? jobs.at(-1)?.id : undefined),
    refetchInterval: useEvery(everyMs * pages),
  });
  const loaded = list.data?.pages.length ?? 1;
  if (loaded !== pages) setPages(loaded);

  const all = useMemo(() => list.data?.pages.flatMap(({ jobs }) => jobs), [list.data]);
  // Ids ascend with creation: what is newer than the newest that was there has arrived since.
  const jobs = held && all ? all.filter(({ id }) => id <= held) : all;
  return {
    jobs,
    error: list.error,
    more: list.hasNextPage,
    loadingMore: list.isFetchingNextPage,
    loadMore: () => void list.fetchNextPage({ cancelRefetch: false }),
    refetch: list.refetch,
    arrived: (all?.length ?? 0) - (jobs?.length ?? 0),
    hold: (hold) => setHeld((before) => (hold ? (before ?? all?.[0]?.id) : undefined)),
  };
}
