'use client';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { LiveProvider, useLive } from '../../lib/live.tsx';
import { nextTheme } from '../../lib/theme.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { Icon, Mark } from '../ui/icon.tsx';
import { Skeleton, Trouble } from '../ui/states.tsx';
import { KeySheet } from './key-sheet.tsx';
import { LiveBadge, StaleBanner } from './live-badge.tsx';
import { Nav } from './nav.tsx';
import { seenBy, teamPages, workPages } from './pages.ts';
import { Palette } from './palette.tsx';
import { ProfileMenu } from './profile-menu.tsx';
import { SessionProvider, useSession } from './session.tsx';

/** The frame of every page behind the sign-in; it stays while pages change, and so does the event stream. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <SessionProvider waiting={<Waiting />} failed={(error, again) => <Failed error={error} again={again} />}>
      <LiveProvider>
        <Frame>{children}</Frame>
      </LiveProvider>
    </SessionProvider>
  );
}

function Brand() {
  return (
    <Link className="brand" href="/" prefetch={false}>
      <Mark /> RavenMQ
    </Link>
  );
}

type Open = 'palette' | 'keys' | undefined;

function Frame({ children }: { children: ReactNode }) {
  const router = useRouter();
  const path = usePathname();
  const session = useSession();
  const { togglePause } = useLive();
  const [open, setOpen] = useState<Open>();
  const [menu, setMenu] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu
  useEffect(() => setMenu(false), [path]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setOpen((now) => (now === 'palette' ? undefined : 'palette'));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  useKeys({
    ...Object.fromEntries(
      seenBy([...workPages, ...teamPages], session).map(({ key, href }) => [
        `g ${key}`,
        () => router.push(href),
      ]),
    ),
    '?': () => setOpen('keys'),
    n: () => router.push('/jobs/?new=1'),
    p: togglePause,
    t: nextTheme,
  });

  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="top">
        <button
          type="button"
          className="plain icon"
          aria-label="Menu"
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" />
        </button>
        <Brand />
        <div className="actions">
          <button type="button" className="plain icon" aria-label="Search" onClick={() => setOpen('palette')}>
            <Icon name="search" />
          </button>
        </div>
      </header>
      {menu && (
        <button type="button" className="scrim" aria-label="Close the menu" onClick={() => setMenu(false)} />
      )}
      <aside className="side" data-open={menu || undefined} aria-label="Navigation">
        <Brand />
        <button type="button" className="jump" onClick={() => setOpen('palette')}>
          <Icon name="search" /> Search <kbd>Ctrl k</kbd>
        </button>
        <Nav />
        <div className="side-foot">
          <LiveBadge />
          <ProfileMenu />
        </div>
      </aside>
      <div className="grow">
        <StaleBanner />
        <main className="page" id="page">
          {children}
        </main>
      </div>
      {open === 'palette' && <Palette close={() => setOpen(undefined)} showKeys={() => setOpen('keys')} />}
      {open === 'keys' && <KeySheet close={() => setOpen(undefined)} />}
    </div>
  );
}

/** The frame before it is known who asks: what comes later stands where it will stand. */
function Waiting() {
  return (
    <div className="frame">
      <div className="top" />
      <div className="side">
        <Brand />
      </div>
      <main className="page">
        <div className="stack">
          <Skeleton height="line" />
          <Skeleton height="strip" />
          <Skeleton height="page" />
        </div>
      </main>
    </div>
  );
}

function Failed({ error, again }: { error: Error; again(): void }) {
  return (
    <main className="door">
      <div className="door-card">
        <Trouble error={error} again={again} />
      </div>
    </main>
  );
}
