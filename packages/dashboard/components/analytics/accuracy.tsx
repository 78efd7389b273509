'use client';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { clock, duration } from '../../lib/format.ts';
import { useEvery } from '../../lib/queries.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { isMiss, missFactor, Scatter } from '../charts/scatter.tsx';
import { Loaded } from '../ui/states.tsx';

const height = 300;

/** The last runs: what was predicted, what they took. */
export function AccuracyChart() {
  const accuracy = useQuery({
    queryKey: ['accuracy'],
    queryFn: api.accuracy,
    refetchInterval: useEvery(10_000),
  });
  return (
    <Loaded of={accuracy} height={height + 60}>
      {(points) => {
        const hits = points.filter((point) => !isMiss(point)).length;
        const finding = `${hits} of the last ${points.length} runs were predicted within a factor of ${missFactor}.`;
        return (
          <ChartFrame
            title="Predicted against actual"
            finding={finding}
            aside={
              points.length > 0 && (
                <span className="soft small">
                  {hits} of {points.length} within × {missFactor}
                </span>
              )
            }
            height={height}
            columns={['Finished', 'type', 'predicted', 'actual']}
            rows={points.map((point) => [
              clock(point.finished_at),
              point.type,
              duration(point.predicted_ms),
              duration(point.actual_ms),
            ])}
          >
            {points.length === 0 ? (
              <div className="chart-none" style={{ height }}>
                No run has succeeded yet.
              </div>
            ) : (
              <Scatter points={points} height={height} />
            )}
          </ChartFrame>
        );
      }}
    </Loaded>
  );
}
