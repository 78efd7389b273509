'use client';
import { count, duration, percent } from '../../lib/format.ts';
import { useSummary } from '../../lib/queries.ts';
import { Stat, Stats } from '../ui/stat.tsx';

/** How the queue does: the figures of the summary. */
export function Health() {
  const summary = useSummary().data;
  const counts = summary?.counts;
  const health = summary?.queue_health;
  const mape = summary?.prediction_mape_pct;
  return (
    <Stats>
      <Stat
        name="Done"
        value={count(counts?.total_done)}
        note={counts && `${count(counts.total_failed)} failed`}
      />
      <Stat name="Success" value={percent(counts?.success_rate)} />
      <Stat name="Jobs, last hour" value={count(health?.jobs_last_hour)} />
      <Stat
        name="Wait, p95"
        value={duration(health?.p95_queue_wait_ms)}
        note={health && `mean ${duration(health.avg_queue_wait_ms)}`}
      />
      <Stat name="Runtime, p95" value={duration(health?.p95_execution_ms)} note="last hour" />
      <Stat
        name="Prediction error"
        value={mape === null || mape === undefined ? '–' : `${mape.toFixed(0)} %`}
        note="mean, of the runtime"
      />
    </Stats>
  );
}
