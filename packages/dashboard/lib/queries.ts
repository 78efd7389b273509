'use client';
/** Queries that more than one part of a page asks; equal ones are asked once. Intervals in milliseconds. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { useLive } from './live.tsx';

/** Nothing is asked again by itself while the person has paused. */
export function useEvery(ms: number): number | false {
  return useLive().state === 'paused' ? false : ms;
}

export function useSummary() {
  return useQuery({ queryKey: ['summary'], queryFn: api.summary, refetchInterval: useEvery(5_000) });
}

export function useThroughput(minutes: number, step: number) {
  return useQuery({
    queryKey: ['throughput', minutes, step],
    queryFn: () => api.throughput(minutes, step),
    refetchInterval: useEvery(Math.max(5_000, step * 5_000)),
    placeholderData: keepPreviousData,
  });
}

export function useDepth(minutes: number, step: number) {
  return useQuery({
    queryKey: ['depth', minutes, step],
    queryFn: () => api.depth(minutes, step),
    refetchInterval: useEvery(Math.max(5_000, step * 5_000)),
    placeholderData: keepPreviousData,
  });
}

export function useWorkers() {
  return useQuery({ queryKey: ['workers'], queryFn: api.workers, refetchInterval: useEvery(5_000) });
}

export function useLeader() {
  return useQuery({ queryKey: ['leader'], queryFn: api.leader, refetchInterval: useEvery(5_000) });
}

export function useQueues(enabled = true) {
  return useQuery({
    queryKey: ['queues'],
    queryFn: api.queues,
    refetchInterval: useEvery(3_000),
    enabled,
  });
}

export function useAlarms() {
  return useQuery({ queryKey: ['alarms'], queryFn: api.alarms, refetchInterval: useEvery(15_000) });
}
