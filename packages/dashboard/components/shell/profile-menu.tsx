'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../lib/api.ts';
import { setTheme, themes, useTheme } from '../../lib/theme.ts';
import { Icon } from '../ui/icon.tsx';
import { useSession } from './session.tsx';

/** Who is signed in, with their organization and role; theme; sign-out. */
export function ProfileMenu() {
  const { user, signOut } = useSession();
  const theme = useTheme();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const organization = useQuery({
    queryKey: ['organization', user.org_id],
    queryFn: api.organization,
    staleTime: 60_000,
  });
  const orgName = user.org_id === null ? 'No organization' : (organization.data?.name ?? '…');

  useEffect(() => {
    if (!open) return;
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);

  return (
    <div className="profile" ref={root}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="avatar" aria-hidden="true">
          {user.username.slice(0, 2)}
        </span>
        <span className="who">
          <span className="truncate">{user.username}</span>
          <span className="soft small truncate">{orgName}</span>
        </span>
      </button>
      {open && (
        <div className="pop">
          <dl>
            <dt>Role</dt>
            <dd>{user.role}</dd>
            <dt>Organization</dt>
            <dd>{orgName}</dd>
          </dl>
          <hr />
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as part of a form */}
          <div className="themes" role="group" aria-label="Theme">
            {themes.map((each) => (
              <button key={each} type="button" aria-pressed={each === theme} onClick={() => setTheme(each)}>
                {each}
              </button>
            ))}
          </div>
          <hr />
          <Link href="/organization/" prefetch={false} onClick={() => setOpen(false)}>
            <Icon name="organization" /> Organization
          </Link>
          <a href="/docs">
            <Icon name="docs" /> API reference
          </a>
          <button type="button" onClick={() => void signOut()}>
            <Icon name="out" /> Sign out
          </button>
        </div>
      )}
    </div>
  );
}
