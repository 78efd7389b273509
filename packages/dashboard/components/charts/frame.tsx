'use client';
import { type ReactNode, useState } from 'react';
import { Icon } from '../ui/icon.tsx';

export type Tone = 'accent' | 'mid' | 'bad' | 'soft' | 'ink';

interface FrameProps {
  title: string;
  /** What the chart shows, in a sentence: read out, and the caption of the table. */
  finding: string;
  legend?: { name: string; tone: Tone; dashed?: boolean }[] | undefined;
  /** Further switches beside the one for the table. */
  aside?: ReactNode;
  height: number;
  columns: string[];
  rows: (string | number)[][];
  children: ReactNode;
}

/** Around every chart: title, legend, and the same figures as a table. */
export function ChartFrame({ title, finding, legend, aside, height, columns, rows, children }: FrameProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <section className="card">
      <div className="card-head wrap">
        <h2>{title}</h2>
        {legend && (
          <ul className="legend">
            {legend.map(({ name, tone, dashed }) => (
              <li key={name}>
                <span className={`swatch s-${tone}`} data-dashed={dashed || undefined} />
                {name}
              </li>
            ))}
          </ul>
        )}
        {aside}
        <button
          type="button"
          className="plain icon small"
          aria-pressed={asTable}
          aria-label={`${title} as a table`}
          title={asTable ? 'Show as chart' : 'Show as table'}
          onClick={() => setAsTable(!asTable)}
        >
          <Icon name={asTable ? 'analytics' : 'table'} />
        </button>
      </div>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
        <section className="chart-table" style={{ height }} tabIndex={0} aria-label={title}>
          <table>
            <caption className="hidden">{finding}</caption>
            <thead>
              <tr>
                {columns.map((name, n) => (
                  <th key={name} className={n > 0 ? 'number' : undefined}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join(' ')}>
                  {row.map((cell, n) => (
                    <td key={columns[n]} className={n > 0 ? 'number' : undefined}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <figure className="chart" aria-label={finding}>
          {children}
        </figure>
      )}
    </section>
  );
}
