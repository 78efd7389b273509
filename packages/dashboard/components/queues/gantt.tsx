'use client';
/** What every slot does and will do: solid while it runs, outlined as planned, to the median; what runs has a whisker to the p90. */
import { clock, roundDuration } from '../../lib/format.ts';
import { durationMarks } from '../../lib/scale.ts';
import type { Board } from '../../lib/wire.ts';
import { useWidth } from '../charts/use-width.ts';

type Lane = Board['slots_plan'][number];
type Item = Lane['items'][number];

const laneHeight = 26;
const axis = 22;
const left = 8;
const mostLanes = 16;
const narrowestPx = 46;

/** Later than this nothing is drawn, in milliseconds: plans that far are guesses. */
const furthest = 3_600_000;

export function Gantt({ lanes, now }: { lanes: Lane[]; now: number }) {
  const { ref, width } = useWidth();
  const shown = lanes.filter(({ items }) => items.length > 0).slice(0, mostLanes);
  const ends = shown.flatMap(({ items }) =>
    items.map((item) => Date.parse(item.until?.p50 ?? item.from) - now),
  );
  const horizon = Math.min(furthest, Math.max(10_000, ...ends.filter(Number.isFinite)));
  const inner = Math.max(0, width - 2 * left);
  const marks = durationMarks(horizon, Math.max(2, Math.floor(inner / 130))).filter(
    (mark) => mark <= horizon,
  );
  const x = (at: string) => left + (Math.min(horizon, Math.max(0, Date.parse(at) - now)) / horizon) * inner;
  const height = shown.length * laneHeight + axis;
  return (
    <div ref={ref} className="plot gantt" style={{ height }}>
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          {marks.map((mark) => (
            <g key={mark}>
              <line
                className={mark === 0 ? 'base' : 'grid'}
                x1={left + (mark / horizon) * inner}
                x2={left + (mark / horizon) * inner}
                y1={0}
                y2={height - axis}
              />
              <text
                x={left + (mark / horizon) * inner}
                y={height - 6}
                textAnchor={mark === 0 ? 'start' : 'middle'}
              >
                {mark === 0 ? 'now' : `+${roundDuration(mark)}`}
              </text>
            </g>
          ))}
          {shown.map((lane, n) => (
            <g key={`${lane.worker_id} ${lane.slot}`} transform={`translate(0 ${n * laneHeight + 3})`}>
              {lane.items.map((item) => (
                <Bar
                  key={`${item.kind} ${item.job_id ?? ''} ${item.from}`}
                  item={item}
                  x={x}
                  end={left + inner}
                />
              ))}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function Bar({ item, x, end }: { item: Item; x(at: string): number; end: number }) {
  const from = x(item.from);
  const to = item.until ? x(item.until.p50) : end;
  const late = item.until ? x(item.until.p90) : end;
  const width = Math.max(2, to - from - 1.5);
  const middle = (laneHeight - 6) / 2;
  return (
    <g className={item.kind === 'running' ? 'bar running' : 'bar planned'} data-own={item.own || undefined}>
      <title>{`${item.name ?? 'a job of another organization'}: ${item.kind} until ${clock(item.until?.p50 ?? null)}`}</title>
      {item.kind === 'running' && late > to + 2 && (
        <line className="whisker" x1={to} x2={late} y1={middle} y2={middle} />
      )}
      <rect x={from} width={width} height={laneHeight - 6} rx={3} />
      {item.name && width > narrowestPx && (
        <text x={from + 6} y={middle + 4}>
          {item.name.slice(0, Math.floor((width - 10) / 6.4))}
        </text>
      )}
    </g>
  );
}
