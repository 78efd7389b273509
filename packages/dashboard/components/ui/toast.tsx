'use client';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { Icon } from './icon.tsx';

interface Toast {
  text: string;
  tone?: 'bad';
  /** What takes it back, or leads on. */
  action?: { label: string; run(): void };
}

interface Toasts {
  say(toast: Toast): void;
  /** Runs work and says how it failed, in the server's words. Answers what it answered, undefined when it failed. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
}

const ToastContext = createContext<Toasts | undefined>(undefined);
const shownMs = 7_000;
const most = 3;

export function useToasts(): Toasts {
  const toasts = use(ToastContext);
  if (!toasts) throw new Error('useToasts needs ToastProvider around it.');
  return toasts;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<(Toast & { id: number })[]>([]);
  const drop = useCallback((id: number) => setShown((now) => now.filter((each) => each.id !== id)), []);

  const toasts = useMemo<Toasts>(() => {
    const say = (toast: Toast) => {
      const id = performance.now() + Math.random();
      setShown((now) => [...now.slice(1 - most), { ...toast, id }]);
      setTimeout(() => drop(id), shownMs);
    };
    return {
      say,
      async attempt(work) {
        try {
          return await work();
        } catch (error) {
          say({ text: (error as Error).message, tone: 'bad' });
          return undefined;
        }
      },
    };
  }, [drop]);

  return (
    <ToastContext value={toasts}>
      {children}
      <section className="toasts" aria-label="Notices" aria-live="polite">
        {shown.map(({ id, text, tone, action }) => (
          <div key={id} className="toast" data-tone={tone}>
            <span className="text">{text}</span>
            {action && (
              <button
                type="button"
                className="small"
                onClick={() => {
                  drop(id);
                  action.run();
                }}
              >
                {action.label}
              </button>
            )}
            <button type="button" className="plain icon small" aria-label="Dismiss" onClick={() => drop(id)}>
              <Icon name="close" size={14} />
            </button>
          </div>
        ))}
      </section>
    </ToastContext>
  );
}
