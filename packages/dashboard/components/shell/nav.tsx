'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { count } from '../../lib/format.ts';
import { useLive } from '../../lib/live.tsx';
import { Icon } from '../ui/icon.tsx';
import { type PageLink, seenBy, teamPages, workPages } from './pages.ts';
import { useSession } from './session.tsx';

export function Nav() {
  const session = useSession();
  const { snapshot } = useLive();
  const open = snapshot ? snapshot.queued + snapshot.running : 0;
  return (
    <nav aria-label="Pages">
      <NavList pages={seenBy(workPages, session)} counts={{ '/jobs/': open }} />
      <h2 className="nav-title">Settings</h2>
      <NavList pages={seenBy(teamPages, session)} />
    </nav>
  );
}

/** Pages of one thing belong to the list of them. */
const partOf: Record<string, string> = {
  '/jobs/': '/job/',
  '/schedules/': '/schedule/',
  '/queues/': '/queue/',
};

function NavList({ pages, counts = {} }: { pages: PageLink[]; counts?: Record<string, number> }) {
  const path = usePathname();
  return (
    <div className="nav">
      {pages.map(({ href, title, icon }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={path === href || path === partOf[href] ? 'page' : undefined}
        >
          <Icon name={icon} />
          {title}
          {counts[href] ? (
            <span className="count" title="waiting or running">
              {count(counts[href])}
            </span>
          ) : null}
        </Link>
      ))}
    </div>
  );
}
