'use client';
import Link from 'next/link';
import { count, counted, duration, percent } from '../../lib/format.ts';
import { useLive } from '../../lib/live.tsx';
import { useSummary, useThroughput } from '../../lib/queries.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { Stat, Stats } from '../ui/stat.tsx';

/** Jobs a minute over whole minutes and the part of the present one that has passed at `now`. */
function rate(ended: number[], now: number): number {
  const passed = ended.length - 1 + (now % 60_000) / 60_000;
  return ended.reduce((sum, n) => sum + n, 0) / Math.max(1, passed);
}

/** The state of things in six numbers. */
export function Tiles() {
  const { snapshot } = useLive();
  const summary = useSummary().data;
  const minutes = useThroughput(60, 1).data ?? [];
  const ended = minutes.map(({ done, failed }) => done + failed);
  const perMinute = minutes.length > 0 ? rate(ended.slice(-6), Date.now()) : undefined;
  const health = summary?.queue_health;
  const waits = health?.p95_queue_wait_ms;
  return (
    <Stats>
      <Stat
        name="Waiting"
        value={count(snapshot?.queued)}
        note={snapshot && `${duration(snapshot.queued_ms)} of work`}
      />
      <Stat
        name="Running"
        value={count(snapshot?.running)}
        unit={snapshot && `of ${counted(snapshot.slots, 'slot')}`}
        note={snapshot && <Load running={snapshot.running} slots={snapshot.slots} />}
      />
      <Stat
        name="Throughput"
        value={perMinute === undefined ? '–' : count(Math.round(perMinute * 10) / 10)}
        unit="/ min"
        note="last five minutes"
        extra={<Sparkline values={ended.slice(0, -1)} />}
      />
      <Stat
        name="Wait, p95"
        value={duration(waits)}
        note={health && `mean ${duration(health.avg_queue_wait_ms)}, last hour`}
      />
      <Stat
        name="Success"
        value={percent(summary?.counts.success_rate)}
        note={summary && <Failed many={summary.counts.total_failed} />}
      />
      <Stat
        name="Jobs, last hour"
        value={count(health?.jobs_last_hour)}
        note={summary && `${count(summary.counts.total_done)} done in all`}
      />
    </Stats>
  );
}

function Load({ running, slots }: { running: number; slots: number }) {
  const share = slots > 0 ? Math.min(1, running / slots) : 0;
  return (
    <span className="meter" aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}

function Failed({ many }: { many: number }) {
  if (many === 0) return <>none failed</>;
  return (
    <Link href="/failures/" prefetch={false}>
      {count(many)} failed
    </Link>
  );
}
