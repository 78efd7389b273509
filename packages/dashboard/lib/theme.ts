'use client';
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export const themes: Theme[] = ['system', 'light', 'dark'];

/** public/theme.js reads the same entry before the first paint. */
const entry = 'ravenmq-theme';
const listeners = new Set<() => void>();

export function setTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(entry);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(entry, theme);
    document.documentElement.dataset.theme = theme;
  }
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (document.documentElement.dataset.theme as Theme | undefined) ?? 'system',
    () => 'system',
  );
}

export function nextTheme(): void {
  const now = document.documentElement.dataset.theme ?? 'system';
  setTheme(themes[(themes.indexOf(now as Theme) + 1) % themes.length] as Theme);
}
