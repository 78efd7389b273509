'use client';
/** Values over time, stacked: bars for what is counted in a bucket, areas for what stands at a moment. */
import { useState } from 'react';
import { timeMarks } from '../../lib/scale.ts';
import type { Tone } from './frame.tsx';
import { useWidth } from './use-width.ts';

export interface TimePoint {
  /** Milliseconds since 1970: the beginning of the bucket. */
  at: number;
  /** One for each series, the lowest of the stack first. */
  values: number[];
}

interface TimeChartProps {
  kind: 'bars' | 'areas';
  series: { name: string; tone: Tone }[];
  points: TimePoint[];
  /** Length of a bucket, in milliseconds. */
  step: number;
  height: number;
  /** Marks of the value axis from 0 on; the last is the top. */
  marks(max: number): number[];
  format(value: number): string;
}

const left = 46;
const bottom = 22;
const top = 8;
const labelPx = 34;

export function TimeChart({ kind, series, points, step, height, marks, format }: TimeChartProps) {
  const { ref, width } = useWidth();
  const [hovered, setHovered] = useState<number>();
  const from = points[0]?.at ?? 0;
  const to = (points.at(-1)?.at ?? 0) + step;
  const sums = points.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const lines = marks(Math.max(0, ...sums));
  const highest = lines.at(-1) as number;
  const inner = Math.max(0, width - left);
  const x = (at: number) => left + ((at - from) / (to - from || 1)) * inner;
  const y = (value: number) => top + (1 - value / highest) * (height - top - bottom);

  // One at the very end would stand out of the card.
  const marksOfTime = timeMarks(from, to, Math.max(2, Math.floor(inner / 90))).filter(
    (at) => x(at) < width - labelPx / 2,
  );

  const onMove = (clientX: number, box: DOMRect) => {
    const at = from + ((clientX - box.left - left) / (inner || 1)) * (to - from);
    const n = Math.floor((at - from) / step);
    setHovered(points[n] ? n : undefined);
  };

  return (
    <div
      ref={ref}
      className="plot"
      style={{ height }}
      onPointerMove={(event) => onMove(event.clientX, event.currentTarget.getBoundingClientRect())}
      onPointerLeave={() => setHovered(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          {lines.map((value) => (
            <g key={value}>
              <line
                className={value === 0 ? 'base' : 'grid'}
                x1={left}
                x2={width}
                y1={y(value)}
                y2={y(value)}
              />
              <text x={left - 8} y={y(value) + 4} textAnchor="end">
                {format(value)}
              </text>
            </g>
          ))}
          {marksOfTime.map((at) => (
            <text key={at} x={x(at)} y={height - 5} textAnchor="middle">
              {timeOf(at)}
            </text>
          ))}
          {kind === 'bars' ? (
            <Bars {...{ series, points, step, x, y }} />
          ) : (
            <Areas {...{ series, points, step, x, y }} />
          )}
          {hovered !== undefined && (
            <line
              className="cursor"
              x1={x((points[hovered] as TimePoint).at + step / 2)}
              x2={x((points[hovered] as TimePoint).at + step / 2)}
              y1={top}
              y2={height - bottom}
            />
          )}
        </svg>
      )}
      {hovered !== undefined && points[hovered] && (
        <Tip
          point={points[hovered]}
          series={series}
          format={format}
          at={x(points[hovered].at + step / 2)}
          width={width}
        />
      )}
    </div>
  );
}

interface Drawn {
  series: { name: string; tone: Tone }[];
  points: TimePoint[];
  step: number;
  x(at: number): number;
  y(value: number): number;
}

function Bars({ series, points, step, x, y }: Drawn) {
  return points.map(({ at, values }) => {
    let below = 0;
    const gap = x(at + step) - x(at) > 6 ? 2 : 0.5;
    return values.map((value, n) => {
      const [low, high] = [y(below), y(below + value)];
      below += value;
      const { name, tone } = series[n] as { name: string; tone: Tone };
      if (value === 0) return null;
      return (
        <rect
          key={`${at} ${name}`}
          className={`fill s-${tone}`}
          x={x(at) + gap / 2}
          width={Math.max(1, x(at + step) - x(at) - gap)}
          y={high}
          height={Math.max(1, low - high)}
          rx={gap > 1 ? 1.5 : 0}
        />
      );
    });
  });
}

function Areas({ series, points, step, x, y }: Drawn) {
  const stacked = series.map((_, n) =>
    points.map(({ values }) => values.slice(0, n + 1).reduce((sum, value) => sum + value, 0)),
  );
  const middle = (point: TimePoint) => x(point.at + step / 2).toFixed(1);
  return series
    .map(({ name, tone }, n) => {
      const upper = points.map((point, i) => `${middle(point)} ${y(stacked[n]?.[i] ?? 0).toFixed(1)}`);
      const lower = points.map((point, i) => `${middle(point)} ${y(stacked[n - 1]?.[i] ?? 0).toFixed(1)}`);
      if (points.length === 0) return null;
      return (
        <g key={name} className={`s-${tone}`}>
          <path className="area" d={`M${upper.join('L')}L${lower.reverse().join('L')}Z`} />
          <path className="stroke" d={`M${upper.join('L')}`} />
        </g>
      );
    })
    .reverse();
}

interface TipProps {
  point: TimePoint;
  series: { name: string; tone: Tone }[];
  format(value: number): string;
  at: number;
  width: number;
}

function Tip({ point, series, format, at, width }: TipProps) {
  return (
    <div className="tip" style={at > width / 2 ? { right: width - at + 10 } : { left: at + 10 }}>
      <div className="soft">{timeOf(point.at)}</div>
      <ul>
        {series.map(({ name, tone }, n) => (
          <li key={name}>
            <span className={`swatch s-${tone}`} />
            {name}
            <b>{format(point.values[n] ?? 0)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function timeOf(at: number): string {
  const time = new Date(at);
  const midnight = time.getHours() === 0 && time.getMinutes() === 0;
  if (midnight) return time.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  return time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
}
