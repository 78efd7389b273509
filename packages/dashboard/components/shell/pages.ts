import type { IconName } from '../ui/icon.tsx';
import type { useSession } from './session.tsx';

export interface PageLink {
  href: string;
  title: string;
  icon: IconName;
  /** The second key after `g`. */
  key: string;
  /** Who sees it; everybody by default. */
  for?: 'admin' | 'manager';
}

export const workPages: PageLink[] = [
  { href: '/', title: 'Overview', icon: 'overview', key: 'o' },
  { href: '/jobs/', title: 'Jobs', icon: 'jobs', key: 'j' },
  { href: '/failures/', title: 'Failures', icon: 'failures', key: 'f' },
  { href: '/schedules/', title: 'Schedules', icon: 'schedules', key: 's' },
  { href: '/analytics/', title: 'Analytics', icon: 'analytics', key: 'a' },
  { href: '/lab/', title: 'Policy lab', icon: 'lab', key: 'l' },
  { href: '/queues/', title: 'Queues', icon: 'queues', key: 'q', for: 'admin' },
  { href: '/workers/', title: 'Workers', icon: 'workers', key: 'w' },
  { href: '/predictor/', title: 'Predictor', icon: 'predictor', key: 'p', for: 'admin' },
];
export const teamPages: PageLink[] = [
  { href: '/organization/', title: 'Organization', icon: 'organization', key: 'u' },
  { href: '/keys/', title: 'API keys', icon: 'keys', key: 'k' },
  { href: '/audit/', title: 'Audit', icon: 'audit', key: 'd', for: 'manager' },
];

/** What a role may not do is not shown. */
export function seenBy(pages: PageLink[], { isAdmin, mayManage }: ReturnType<typeof useSession>): PageLink[] {
  return pages.filter((page) => !page.for || (page.for === 'admin' ? isAdmin : mayManage));
}
