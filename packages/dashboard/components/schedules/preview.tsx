'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { inWords } from '../../lib/schedule-words.ts';
import { useSettled } from '../../lib/use-settled.ts';
import { NextRuns } from './next-runs.tsx';
import { queryOf, type TimingDraft } from './timing.ts';

const shown = '5';

/** When the schedule would fire, asked of the server while it is being filled in. */
export function Preview({ draft }: { draft: TimingDraft }) {
  const asked = useSettled(queryOf(draft)?.toString());
  const { data, error } = useQuery({
    queryKey: ['preview', asked],
    queryFn: () => ask(new URLSearchParams(asked)),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const words = data && inWords(data);
  return (
    <section className="preview small" aria-label="Next runs">
      {error && (
        <p className="soft" role="status">
          {error.message}
        </p>
      )}
      {data && !error && (
        <>
          <p role="status">Next runs{words && `: ${words}`}</p>
          <NextRuns fires={data.fires} timezone={data.timezone} />
        </>
      )}
    </section>
  );
}

/** The answer with what was asked, which may no longer be what is filled in. */
async function ask(query: URLSearchParams) {
  const every = query.get('every_ms');
  const timing = {
    cron: query.get('cron'),
    every_ms: every === null ? null : Number(every),
    timezone: query.get('timezone') ?? undefined,
  };
  query.set('count', shown);
  return { ...timing, ...(await api.preview(query)) };
}
