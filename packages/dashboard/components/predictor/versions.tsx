'use client';
import { count, duration } from '../../lib/format.ts';
import type { ModelVersion, PredictorState } from '../../lib/wire.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty } from '../ui/states.tsx';
import { Ago } from '../ui/time.tsx';

interface VersionsProps {
  state: PredictorState;
  promote(version: ModelVersion): void;
  rollBack(candidate: string): void;
}

/** What was trained: how long, on how much, how its loss fell; and which one is used. */
export function Versions({ state: { versions, choice }, promote, rollBack }: VersionsProps) {
  const trained = [...new Set(versions.map(({ candidate }) => candidate))].filter(
    (name) => versions.filter(({ candidate }) => candidate === name).length > 1,
  );
  return (
    <Card
      title="Trained versions"
      flush
      aside={trained.map((name) => (
        <button key={name} type="button" className="small" onClick={() => rollBack(name)}>
          <Icon name="back" size={14} /> Roll {name} back
        </button>
      ))}
    >
      {versions.length === 0 ? (
        <Empty title="Nothing was trained yet">
          The nets train by themselves once there are enough runs; “Train now” does not wait for that.
        </Empty>
      ) : (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th>Version</th>
                <th>Loss by epoch</th>
                <th className="number">Runs</th>
                <th className="number">Took</th>
                <th className="number">Typical error</th>
                <th className="number">Trained</th>
                <th>
                  <span className="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.map((version) => (
                <tr key={version.id}>
                  <td className="name">
                    {version.candidate} {version.id}
                  </td>
                  <td>
                    <Sparkline values={version.curve} width={96} />
                  </td>
                  <td className="number">{count(version.samples)}</td>
                  <td className="number">{duration(version.took_ms)}</td>
                  <td className="number">
                    {version.metrics.logError === undefined
                      ? '–'
                      : `× ${Math.exp(version.metrics.logError).toFixed(2)}`}
                  </td>
                  <td className="number soft">
                    <Ago at={version.trained_at} />
                  </td>
                  <td className="end">
                    {choice.version === version.id ? (
                      <span className="tag on">fixed</span>
                    ) : (
                      <button type="button" className="plain small" onClick={() => promote(version)}>
                        Promote
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
