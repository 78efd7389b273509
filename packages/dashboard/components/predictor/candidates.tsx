'use client';
import type { PredictorState, Scores } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Empty } from '../ui/states.tsx';

const about: Record<string, string> = {
  classic: 'base runtime of the type, times a factor from the last types',
  'shrunk-mean': 'running statistics of the series',
};

/** Every candidate beside the champion, by what wrong order costs: the shorter the bar, the better. */
export function Candidates({ state, fix }: { state: PredictorState; fix(candidate: string): void }) {
  const { report, choice } = state;
  if (!report) {
    return (
      <Card title="Candidates">
        <Empty title="Nothing is learned yet">The first runs that succeed are judged within seconds.</Empty>
      </Card>
    );
  }
  const rows = Object.entries(report.candidates).sort(([, a], [, b]) => a.misorder - b.misorder);
  const worst = Math.max(0.001, ...rows.map(([, scores]) => scores.misorder));
  return (
    <Card title="Candidates" flush>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Candidate</th>
              <th className="wide-bar">Wrong order costs</th>
              <th className="number">Typical error</th>
              <th className="number">Mean error</th>
              <th className="number">Within p90</th>
              <th>
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, scores]) => (
              <tr key={name}>
                <td className="name" title={about[name]}>
                  {name} <Role name={name} state={state} />
                </td>
                <td className="wide-bar">
                  <Cost scores={scores} worst={worst} />
                </td>
                <td className="number">× {Math.exp(scores.logError).toFixed(2)}</td>
                <td className="number">{(scores.mape * 100).toFixed(0)} %</td>
                <td className="number">{(scores.coverage * 100).toFixed(1)} %</td>
                <td className="end">
                  {choice.mode === 'fixed' && choice.candidate === name ? (
                    <span className="soft small">fixed</span>
                  ) : (
                    <button type="button" className="plain small" onClick={() => fix(name)}>
                      Fix
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Role({ name, state: { report } }: { name: string; state: PredictorState }) {
  const order = report?.champions.misorder === name;
  const time = report?.champions.logError === name;
  if (!order && !time) return null;
  return <span className="tag on">{order && time ? 'champion' : order ? 'orders' : 'tells the time'}</span>;
}

function Cost({ scores, worst }: { scores: Scores; worst: number }) {
  return (
    <span className="row">
      <svg width="100%" height="8" aria-hidden="true">
        <rect className="fill s-mid" height="8" rx="2" width={`${(scores.misorder / worst) * 100}%`} />
      </svg>
      <span>{scores.misorder.toFixed(3)}</span>
    </span>
  );
}
