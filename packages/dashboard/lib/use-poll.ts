'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Polled<T> {
  value: T | undefined;
  error: Error | undefined;
  refresh(): void;
}

/**
 * Reads now and then every `everyMs` milliseconds; the last good value stays while a read fails. Nothing is read
 * while the page is hidden.
 */
export function usePoll<T>(read: () => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<Error>();
  const latest = useRef(0);

  const refresh = useCallback(() => {
    const mine = ++latest.current;
    read().then(
      (answer) => {
        if (mine !== latest.current) return;
        setValue(() => answer);
        setError(undefined);
      },
      (failure: Error) => {
        if (mine === latest.current) setError(failure);
      },
    );
  }, [read]);

  useEffect(() => {
    refresh();
    const readIfSeen = () => {
      if (document.visibilityState === 'visible') refresh();
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
