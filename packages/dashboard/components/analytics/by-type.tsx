'use client';
import Link from 'next/link';
import { count, duration } from '../../lib/format.ts';
import { useSummary } from '../../lib/queries.ts';
import { addressOf } from '../../lib/search.ts';
import type { Summary } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

type TypeRow = Summary['by_type'][number];

/** Every type of job: how many, how long they take, how long they were thought to take. */
export function ByType() {
  return (
    <Card title="By type" flush>
      <Loaded of={useSummary()} height={220}>
        {({ by_type: types }) =>
          types.length === 0 ? (
            <Empty title="No job has ended yet">Types appear here with their first run.</Empty>
          ) : (
            <div className="scroll">
              <table>
                <thead>
                  <tr>
                    <th>Type</th>
                    <th className="number">Jobs</th>
                    <th className="number">Mean runtime</th>
                    <th className="number wide-only">Mean prediction</th>
                    <th className="wide-bar">
                      <span className="hidden">Prediction and runtime compared</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {types.map((row) => (
                    <tr key={row.type}>
                      <td className="name">
                        <Link href={addressOf({ type: row.type, labels: {} })} prefetch={false}>
                          {row.type}
                        </Link>
                      </td>
                      <td className="number">{count(row.total)}</td>
                      <td className="number">{duration(row.avg_actual_ms)}</td>
                      <td className="number wide-only">{duration(row.avg_predicted_ms)}</td>
                      <td className="wide-bar">
                        <Compared row={row} most={longest(types)} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}

const longest = (types: TypeRow[]) =>
  Math.max(
    1,
    ...types.flatMap(({ avg_actual_ms, avg_predicted_ms }) => [avg_actual_ms ?? 0, avg_predicted_ms ?? 0]),
  );

/** A bar as long as the runtime, a mark where it was predicted to end; both on one logarithmic axis. */
function Compared({ row, most }: { row: TypeRow; most: number }) {
  const share = (ms: number | null) => (Math.log1p(ms ?? 0) / Math.log1p(most)) * 100;
  return (
    <svg className="compared" width="100%" height="14" aria-hidden="true">
      <rect className="fill s-mid" y="3" height="8" rx="2" width={`${share(row.avg_actual_ms)}%`} />
      <rect
        className="mark"
        y="0"
        height="14"
        width="2"
        x={`${Math.min(99, share(row.avg_predicted_ms))}%`}
      />
    </svg>
  );
}
