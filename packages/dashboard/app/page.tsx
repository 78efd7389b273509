'use client';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

export default function Home() {
  const router = useRouter();
  useEffect(() => router.replace('/jobs/'), [router]);
  return <p className="notice">Loading …</p>;
}
