'use client';
/** Predicted against actual runtimes, both axes logarithmic; on the dashed line they agree. */
import { useState } from 'react';
import { duration, roundDuration } from '../../lib/format.ts';
import { decades } from '../../lib/scale.ts';
import type { Accuracy } from '../../lib/wire.ts';
import { useWidth } from './use-width.ts';

/** Further off than this factor, a prediction counts as a miss. */
export const missFactor = 2;
export const isMiss = ({ actual_ms, predicted_ms }: Accuracy): boolean =>
  Math.abs(Math.log(actual_ms / predicted_ms)) > Math.log(missFactor);

const left = 52;
const bottom = 36;
const top = 8;
const nearPx = 14;

export function Scatter({ points, height }: { points: Accuracy[]; height: number }) {
  const { ref, width } = useWidth();
  const [hovered, setHovered] = useState<Accuracy>();
  const all = points.flatMap(({ actual_ms, predicted_ms }) => [actual_ms, predicted_ms]).filter((v) => v > 0);
  const marks = decades(Math.min(...all), Math.max(...all));
  const [low, high] = [Math.log10(marks[0] as number), Math.log10(marks.at(-1) as number)];
  const share = (value: number) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low || 1);
  const x = (value: number) => left + share(value) * (width - left - 8);
  const y = (value: number) => top + (1 - share(value)) * (height - top - bottom);
  const [first, last] = [marks[0] as number, marks.at(-1) as number];

  const nearest = (px: number, py: number) => {
    let best: { point: Accuracy; away: number } | undefined;
    for (const point of points) {
      const away = Math.hypot(x(point.predicted_ms) - px, y(point.actual_ms) - py);
      if (away < (best?.away ?? nearPx)) best = { point, away };
    }
    return best?.point;
  };

  return (
    <div
      ref={ref}
      className="plot"
      style={{ height }}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        setHovered(nearest(event.clientX - box.left, event.clientY - box.top));
      }}
      onPointerLeave={() => setHovered(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          <clipPath id="inside">
            <rect x={left} y={top} width={width - left - 8} height={height - top - bottom} />
          </clipPath>
          <polygon
            className="band"
            clipPath="url(#inside)"
            points={[
              [first, first * missFactor],
              [last, last * missFactor],
              [last, last / missFactor],
              [first, first / missFactor],
            ]
              .map(([predicted, actual]) => `${x(predicted as number)},${unbounded(actual as number)}`)
              .join(' ')}
          />
          {marks.map((value) => (
            <g key={value}>
              <line className="grid" x1={left} x2={width - 8} y1={y(value)} y2={y(value)} />
              <line className="grid" x1={x(value)} x2={x(value)} y1={top} y2={height - bottom} />
              <text x={left - 8} y={y(value) + 4} textAnchor="end">
                {roundDuration(value)}
              </text>
              <text x={x(value)} y={height - bottom + 16} textAnchor="middle">
                {roundDuration(value)}
              </text>
            </g>
          ))}
          <line className="ideal" x1={x(first)} y1={y(first)} x2={x(last)} y2={y(last)} />
          <text x={width - 8} y={height - 4} textAnchor="end">
            predicted →
          </text>
          <text x={left + 6} y={top + 12}>
            ↑ actual
          </text>
          {points.map((point) => (
            <Dot
              key={`${point.finished_at} ${point.type} ${point.actual_ms}`}
              x={x(point.predicted_ms)}
              y={y(point.actual_ms)}
              miss={isMiss(point)}
            />
          ))}
        </svg>
      )}
      {hovered && (
        <div
          className="tip"
          style={{
            top: Math.max(0, y(hovered.actual_ms) - 64),
            ...(x(hovered.predicted_ms) > width / 2
              ? { right: width - x(hovered.predicted_ms) + 10 }
              : { left: x(hovered.predicted_ms) + 10 }),
          }}
        >
          <div className="soft">{hovered.type}</div>
          <div>
            predicted <b>{duration(hovered.predicted_ms)}</b>, took <b>{duration(hovered.actual_ms)}</b>
          </div>
        </div>
      )}
    </div>
  );

  function unbounded(value: number): number {
    return top + (1 - (Math.log10(value) - low) / (high - low || 1)) * (height - top - bottom);
  }
}

function Dot({ x, y, miss }: { x: number; y: number; miss: boolean }) {
  if (miss) return <path className="miss" d={`M${x - 3.5} ${y - 3.5}l7 7m0-7l-7 7`} />;
  return <circle className="point" cx={x} cy={y} r={3.5} />;
}
