'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Polled<T> {
  value: T | undefined;
  error: Error | undefined;
  refresh(): void;
}

/**
 * Reads now and then every `everyMs` milliseconds; the last good value stays while a read fails. Nothing is read
 * while the page is hidden, and no timed read starts while one is under way: answers slower than the interval would
 * otherwise each be overtaken by the next question and never be shown.
 */
export function usePoll<T>(read: () => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<Error>();
  const latest = useRef(0);
  const underWay = useRef(false);

  const refresh = useCallback(() => {
    const mine = ++latest.current;
    underWay.current = true;
    const settle = (show: () => void) => {
      if (mine !== latest.current) return;
      underWay.current = false;
      show();
    };
    read().then(
      (answer) =>
        settle(() => {
          setValue(() => answer);
          setError(undefined);
        }),
      (failure: Error) => settle(() => setError(failure)),
    );
  }, [read]);

  useEffect(() => {
    refresh();
    const readIfSeen = () => {
      if (document.visibilityState === 'visible' && !underWay.current) refresh();
    };
    const timer = setInterval(readIfSeen, everyMs);
    document.addEventListener('visibilitychange', readIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', readIfSeen);
    };
  }, [refresh, everyMs]);

  return { value, error, refresh };
}
