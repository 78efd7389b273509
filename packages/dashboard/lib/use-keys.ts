'use client';
import { useEffect, useRef } from 'react';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) &&
  !(target instanceof HTMLInputElement && target.type === 'checkbox');

/** The first key of a pair, and the time within which the second has to come, in milliseconds. */
const prefix = 'g';
const pairMs = 1_200;

let last: KeyboardEvent | undefined;
let before: KeyboardEvent | undefined;

/** Several parts of a page hear the same key; it counts once. */
function isSecond(event: KeyboardEvent): boolean {
  if (event !== last) [before, last] = [last, event];
  return before?.key === prefix && event.timeStamp - before.timeStamp < pairMs;
}

/**
 * Calls the action of a key (`j`, `?`, `Enter`) or of a pair (`g j`) while nobody types, no dialog is open and no
 * modifier is held.
 */
export function useKeys(actions: Record<string, (event: KeyboardEvent) => void>): void {
  const current = useRef(actions);
  useEffect(() => {
    current.current = actions;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (typing(event.target) || document.querySelector('dialog[open]')) return;
      const action = current.current[isSecond(event) ? `${prefix} ${event.key}` : event.key];
      if (!action) return;
      // A link or button under the focus has a use for Enter of its own.
      const used = event.target instanceof Element && event.target.closest('a, button, summary');
      if (event.key === 'Enter' && used) return;
      event.preventDefault();
      action(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
