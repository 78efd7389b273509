'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { ProfileMenu } from './profile-menu.tsx';
import { RequireSession } from './session.tsx';

const pages = [
  { href: '/jobs/', title: 'Jobs' },
  { href: '/workers/', title: 'Workers' },
];

/** The frame of every page behind the sign-in. */
export function Shell({ title, children }: { title: string; children: ReactNode }) {
  const path = usePathname();
  return (
    <RequireSession>
      <header className="top">
        <Link className="brand" href="/jobs/" prefetch={false}>
          RavenMQ
        </Link>
        <nav aria-label="Pages">
          {pages.map((page) => (
            <Link
              key={page.href}
              href={page.href}
              prefetch={false}
              aria-current={path === page.href ? 'page' : undefined}
            >
              {page.title}
            </Link>
          ))}
          <a href="/docs">API</a>
        </nav>
        <ProfileMenu />
      </header>
      <main>
        <h1>{title}</h1>
        {children}
      </main>
    </RequireSession>
  );
}
