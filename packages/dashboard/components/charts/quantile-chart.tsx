'use client';
/** Durations by the share of all that is no longer: a line for each, from the shortest (0 %) to the longest (100 %). */
import { useState } from 'react';
import { duration, roundDuration } from '../../lib/format.ts';
import { durationMarks } from '../../lib/scale.ts';
import type { Tone } from './frame.tsx';
import { useWidth } from './use-width.ts';

export interface QuantileLine {
  name: string;
  tone: Tone;
  dashed?: boolean;
  /** Milliseconds at evenly spaced shares from 0 to 1; as many in every line. */
  values: number[];
}

const left = 52;
const right = 14;
const bottom = 22;
const top = 8;
const shares = [0, 0.25, 0.5, 0.75, 1];

export function QuantileChart({ lines, height }: { lines: QuantileLine[]; height: number }) {
  const { ref, width } = useWidth();
  const [hovered, setHovered] = useState<number>();
  const steps = Math.max(1, (lines[0]?.values.length ?? 0) - 1);
  const marks = durationMarks(Math.max(0, ...lines.flatMap(({ values }) => values)), 4);
  const highest = marks.at(-1) as number;
  const inner = Math.max(0, width - left - right);
  const x = (share: number) => left + share * inner;
  const y = (ms: number) => top + (1 - ms / highest) * (height - top - bottom);

  const onMove = (clientX: number, box: DOMRect) => {
    const n = Math.round(((clientX - box.left - left) / (inner || 1)) * steps);
    setHovered(Math.min(steps, Math.max(0, n)));
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
          {marks.map((ms) => (
            <g key={ms}>
              <line className={ms === 0 ? 'base' : 'grid'} x1={left} x2={x(1)} y1={y(ms)} y2={y(ms)} />
              <text x={left - 8} y={y(ms) + 4} textAnchor="end">
                {roundDuration(ms)}
              </text>
            </g>
          ))}
          {shares.map((share) => (
            <text key={share} x={x(share)} y={height - 5} textAnchor="middle">
              {share * 100} %
            </text>
          ))}
          {lines.map(({ name, tone, dashed, values }) => (
            <g key={name} className={`s-${tone}`}>
              <path
                className="stroke"
                data-dashed={dashed || undefined}
                d={`M${values.map((ms, n) => `${x(n / steps).toFixed(1)} ${y(ms).toFixed(1)}`).join('L')}`}
              />
            </g>
          ))}
          {hovered !== undefined && (
            <line
              className="cursor"
              x1={x(hovered / steps)}
              x2={x(hovered / steps)}
              y1={top}
              y2={height - bottom}
            />
          )}
        </svg>
      )}
      {hovered !== undefined && (
        <Tip lines={lines} n={hovered} share={hovered / steps} at={x(hovered / steps)} width={width} />
      )}
    </div>
  );
}

interface TipProps {
  lines: QuantileLine[];
  n: number;
  share: number;
  at: number;
  width: number;
}

function Tip({ lines, n, share, at, width }: TipProps) {
  return (
    <div className="tip" style={at > width / 2 ? { right: width - at + 10 } : { left: at + 10 }}>
      <div className="soft">{Math.round(share * 100)} % at most</div>
      <ul>
        {lines.map(({ name, tone, dashed, values }) => (
          <li key={name}>
            <span className={`swatch s-${tone}`} data-dashed={dashed || undefined} />
            {name}
            <b>{duration(values[n])}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
