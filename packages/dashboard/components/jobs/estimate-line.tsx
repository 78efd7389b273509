'use client';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { api } from '../../lib/api.ts';

/** What is expected of the job before it is submitted; nothing where the server does not estimate. */
export function EstimateLine({ name, type }: { name: string; type: string }) {
  const asked = useDeferredValue(name.trim());
  const estimate = useQuery({
    queryKey: ['estimate', type, asked],
    queryFn: () => api.estimate({ type, ...(asked && { name: asked }) }),
    enabled: type !== '',
    staleTime: 10_000,
    retry: false,
  });
  if (!estimate.data) return null;
  return (
    <p className="estimate soft small" role="status">
      {estimate.data.sentence}
    </p>
  );
}
