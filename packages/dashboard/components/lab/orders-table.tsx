import { duration } from '../../lib/format.ts';
import type { Whatif } from '../../lib/wire.ts';
import { Scroll } from '../ui/scroll.tsx';

export type OrderRow = NonNullable<Whatif['result']>['rows'][number];

/** Every order on every number of slots with every scale of arrivals. */
export function OrdersTable({ rows }: { rows: OrderRow[] }) {
  return (
    <Scroll label="Orders compared">
      <table>
        <thead>
          <tr>
            <th>Policy</th>
            <th className="number">Slots</th>
            <th className="number">Arrivals</th>
            <th className="number">Mean wait</th>
            <th className="number">p95</th>
            <th className="number">p99</th>
            <th className="number">Longest</th>
            <th className="number" title="0 %: first come, first served; 100 %: the clairvoyant order">
              Gap to clairvoyant closed
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.policy} ${row.slots} ${row.arrival_scale}`}>
              <td className="name">{row.policy}</td>
              <td className="number">{row.slots}</td>
              <td className="number">× {row.arrival_scale}</td>
              <td className="number">{duration(row.mean_wait_ms)}</td>
              <td className="number">{duration(row.p95_wait_ms)}</td>
              <td className="number">{duration(row.p99_wait_ms)}</td>
              <td className="number">{duration(row.max_wait_ms)}</td>
              <td className="number">{Math.round(row.gap_wait)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
