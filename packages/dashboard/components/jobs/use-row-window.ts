'use client';
import { type RefObject, useEffect, useState } from 'react';

interface RowWindow {
  first: number;
  /** Behind the last. */
  end: number;
}

const margin = 12;

/** Which of many rows of one height are worth drawing: those on the screen, and some around them. */
export function useRowWindow(
  table: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
): RowWindow {
  const [window_, setWindow] = useState<RowWindow>({ first: 0, end: 60 });
  useEffect(() => {
    const look = () => {
      const top = table.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight) - margin);
      const end = first + Math.ceil(window.innerHeight / rowHeight) + 2 * margin;
      // Moved in steps, so that not every pixel draws the table anew.
      const step = margin / 2;
      const next = { first: Math.floor(first / step) * step, end: Math.ceil(end / step) * step };
      setWindow((now) => (now.first === next.first && now.end === next.end ? now : next));
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [table, rowHeight]);
  return { first: Math.min(window_.first, Math.max(0, rows - 1)), end: Math.min(window_.end, rows) };
}
