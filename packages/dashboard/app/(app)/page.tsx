'use client';
import Link from 'next/link';
import { LeaderCard } from '../../components/leader-card.tsx';
import { Attention } from '../../components/overview/attention.tsx';
import { Backlog } from '../../components/overview/backlog.tsx';
import { Recent } from '../../components/overview/recent.tsx';
import { Tiles } from '../../components/overview/tiles.tsx';
import { Icon } from '../../components/ui/icon.tsx';
import { PageHead } from '../../components/ui/page-head.tsx';

export default function OverviewPage() {
  return (
    <>
      <PageHead title="Overview">
        <Link className="button" href="/jobs/?new=1" prefetch={false}>
          <Icon name="plus" /> Submit a job
        </Link>
      </PageHead>
      <div className="stack">
        <Tiles />
        <div className="columns even-height">
          <Backlog />
          <Attention />
        </div>
        <div className="columns">
          <Recent />
          <LeaderCard />
        </div>
      </div>
    </>
  );
}
