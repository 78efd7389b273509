'use client';
import { useState } from 'react';
import { count, duration, roundDuration } from '../../lib/format.ts';
import { useDepth } from '../../lib/queries.ts';
import { durationMarks, niceMarks } from '../../lib/scale.ts';
import { evenly, sinceFirst } from '../charts/evenly.ts';
import { ChartFrame, type Tone } from '../charts/frame.tsx';
import { TimeChart, timeOf } from '../charts/time-chart.tsx';
import { Segments } from '../ui/segments.tsx';
import { Loaded } from '../ui/states.tsx';

const measures = ['work', 'jobs'] as const;
const minute = 60_000;
const chartHeight = 232;

const ofWork: { name: string; tone: Tone }[] = [{ name: 'predicted work waiting', tone: 'accent' }];
const ofJobs: { name: string; tone: Tone }[] = [
  { name: 'running', tone: 'accent' },
  { name: 'queued', tone: 'mid' },
  { name: 'scheduled', tone: 'soft' },
];

/** What waited and ran during the last hour, in predicted work or in jobs. */
export function Backlog({ minutes = 60, step = 1 }: { minutes?: number; step?: number }) {
  const [measure, setMeasure] = useState<(typeof measures)[number]>('work');
  const depth = useDepth(minutes, step);
  const series = measure === 'work' ? ofWork : ofJobs;
  const format = measure === 'work' ? duration : (n: number) => count(n);
  return (
    <Loaded of={depth} height={chartHeight + 60}>
      {(buckets) => {
        const points = sinceFirst(
          evenly(
            buckets.map(({ bucket, queued_ms, running, queued, scheduled }) => ({
              at: Date.parse(bucket),
              values: measure === 'work' ? [queued_ms] : [running, queued, scheduled],
            })),
            { minutes, step: step * minute, series: series.length },
          ),
        );
        const peak = Math.max(0, ...points.map(({ values }) => values.reduce((sum, n) => sum + n, 0)));
        return (
          <ChartFrame
            title="Backlog"
            finding={`The backlog was ${format(peak)} at most within the last ${minutes / 60} hours.`}
            legend={measure === 'jobs' ? series : undefined}
            aside={<Segments label="Measure" options={measures} value={measure} choose={setMeasure} />}
            height={chartHeight}
            columns={['Time', ...series.map(({ name }) => name)]}
            rows={points.map(({ at, values }) => [timeOf(at), ...values.map(format)])}
          >
            <TimeChart
              kind="areas"
              series={series}
              points={points}
              step={step * minute}
              height={chartHeight}
              marks={(max) => (measure === 'work' ? durationMarks(max, 4) : niceMarks(Math.max(4, max), 4))}
              format={measure === 'work' ? roundDuration : format}
            />
          </ChartFrame>
        );
      }}
    </Loaded>
  );
}
