'use client';
/**
 * The present moment, for all that a tab shows: one event stream, a poll where streams do not come through, silence
 * while nobody looks or the person has paused. Queries that show jobs are asked anew when something happened.
 */
import { type Query, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api } from './api.ts';
import type { Snapshot } from './wire.ts';

export type LiveState = 'connecting' | 'live' | 'lost' | 'paused';

interface Live {
  snapshot: Snapshot | undefined;
  state: LiveState;
  /** When something was heard last, in milliseconds since 1970; 0: never. */
  heardAt: number;
  togglePause(): void;
}

const LiveContext = createContext<Live | undefined>(undefined);

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error('useLive needs LiveProvider around it.');
  return live;
}

/** Queries by their first key that a job's submission, start or end makes out of date. */
const ofJobs = ['jobs', 'job', 'recent'];
/** A list of more pages is asked anew by its own clock only: every page is a question of its own. */
const mostPages = 2;

function follows({ queryKey, state }: Query): boolean {
  const pages = (state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 1;
  return ofJobs.includes(String(queryKey[0])) && pages <= mostPages;
}

const reopenMs = 4_000;
const pollMs = 2_000;

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [snapshot, setSnapshot] = useState<Snapshot>();
  const [state, setState] = useState<LiveState>('connecting');
  const [heardAt, setHeardAt] = useState(0);
  const [paused, setPaused] = useState(false);
  const [seen, setSeen] = useState(true);

  useEffect(() => {
    const look = () => setSeen(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);

  const version = useRef<string>(undefined);
  const hear = useCallback(
    (next: Snapshot) => {
      setHeardAt(Date.now());
      setSnapshot(next);
      const known = version.current;
      version.current = next.version;
      if (known !== undefined && known !== next.version)
        void queries.invalidateQueries({ predicate: follows });
    },
    [queries],
  );

  useEffect(() => {
    if (paused) setState('paused');
    if (paused || !seen) return;
    return follow(hear, setState);
  }, [paused, seen, hear]);

  const live = useMemo(
    () => ({ snapshot, state, heardAt, togglePause: () => setPaused((before) => !before) }),
    [snapshot, state, heardAt],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** Hears the stream, and asks while it does not come. Answers how to stop both. */
function follow(hear: (snapshot: Snapshot) => void, say: (state: LiveState) => void): () => void {
  let stopped = false;
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout>;

  const open = () => {
    source = new EventSource('/events');
    source.onopen = () => say('live');
    source.addEventListener('live', ({ data }) => hear(JSON.parse(data) as Snapshot));
    source.onerror = () => {
      say('lost');
      // The browser comes back by itself after a cut, but not after an answer that was no stream.
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, reopenMs);
    };
  };
  open();
  const poll = setInterval(() => {
    if (source?.readyState === EventSource.OPEN) return;
    api.live().then(
      (snapshot) => stopped || hear(snapshot),
      () => undefined,
    );
  }, pollMs);
  return () => {
    stopped = true;
    source?.close();
    clearTimeout(again);
    clearInterval(poll);
  };
}
