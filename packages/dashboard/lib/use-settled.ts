'use client';
import { useEffect, useState } from 'react';

const settleMs = 250;

/** The value once it has stood still for a moment: what is typed is asked about when the typing pauses. */
export function useSettled<T extends string | undefined>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
