'use client';
import { clockOf } from '../../lib/format.ts';
import { Pairs } from '../ui/pairs.tsx';
import { Ago } from '../ui/time.tsx';

interface NextRunsProps {
  fires: string[];
  /** Whose clock they are told on; the reader's by default. */
  timezone: string | undefined;
}

/** Fire times, and how far off they are. */
export function NextRuns({ fires, timezone }: NextRunsProps) {
  return <Pairs rows={fires.map((at) => [clockOf(timezone, at), <Ago key={at} at={at} />])} />;
}
