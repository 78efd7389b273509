'use client';
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

/** One clock for all ages on a page; it stands still while nobody looks at it. */
function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present time, told anew every second, for ages that grow while a page is open. */
export function useNow(): number {
  return useSyncExternalStore(
    listen,
    () => {
      // Between two strokes the same, so that what asks twice gets one answer.
      if (timer === undefined || now === 0) now = Math.floor(Date.now() / 1_000) * 1_000;
      return now;
    },
    () => 0,
  );
}
