'use client';
import { useState } from 'react';
import { duration } from '../../lib/format.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { QuantileChart, type QuantileLine } from '../charts/quantile-chart.tsx';
import type { OrderRow } from './orders-table.tsx';

const height = 260;

/** An order looks the same whatever it is compared with. */
const looks: Record<string, Omit<QuantileLine, 'name' | 'values'>> = {
  fifo: { tone: 'ink' },
  adaptive: { tone: 'accent' },
  shortest: { tone: 'mid' },
  priority: { tone: 'accent', dashed: true },
  hrrn: { tone: 'mid', dashed: true },
  clairvoyant: { tone: 'ink', dashed: true },
};

const caseOf = ({ slots, arrival_scale: scale }: OrderRow) => `${slots} slots, × ${scale} the arrivals`;

/** Which share of the jobs waits how long at most, in every order, for one number of slots and scale of arrivals. */
export function WaitChart({ rows }: { rows: OrderRow[] }) {
  const cases = [...new Set(rows.map(caseOf))];
  const [chosen, setChosen] = useState<string>();
  const shown = chosen !== undefined && cases.includes(chosen) ? chosen : cases[0];
  const lines = rows
    .filter((row) => caseOf(row) === shown)
    .map(
      (row): QuantileLine => ({
        name: row.policy,
        ...(looks[row.policy] ?? { tone: 'soft' }),
        values: row.wait_quantiles_ms,
      }),
    );
  const steps = (lines[0]?.values.length ?? 1) - 1;
  const medians = lines.map(({ name, values }) => `${name} ${duration(values[steps / 2])}`);
  return (
    <ChartFrame
      title="Waits"
      finding={`On ${shown} half of the jobs wait at most: ${medians.join(', ')}.`}
      legend={lines}
      aside={
        cases.length > 1 && (
          <select
            className="role-select"
            aria-label="Slots and arrivals"
            value={shown}
            onChange={(event) => setChosen(event.target.value)}
          >
            {cases.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )
      }
      height={height}
      columns={['Share of the jobs', ...lines.map(({ name }) => name)]}
      rows={Array.from({ length: steps + 1 }, (_, n) => [
        `${Math.round((100 * n) / steps)} %`,
        ...lines.map(({ values }) => duration(values[n])),
      ])}
    >
      <QuantileChart lines={lines} height={height} />
    </ChartFrame>
  );
}
