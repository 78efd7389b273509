'use client';
import { between, clock, duration } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import type { Attempt, Job } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { StatusWord } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';

interface Span {
  label: string;
  wait: number;
  run: number;
  predicted: number | null;
  bad: boolean;
  note: string;
}

/** Waiting and running apart, attempt by attempt, all on one scale; a mark shows where the prediction ended. */
export function Timeline({ job, attempts }: { job: Job; attempts: Attempt[] }) {
  const now = useNow();
  const spans = spansOf(job, attempts, now);
  const longest = Math.max(
    1,
    ...spans.map(({ wait, run, predicted }) => wait + Math.max(run, predicted ?? 0)),
  );
  const share = (ms: number) => `${(ms / longest) * 100}%`;
  return (
    <Card
      title="Timeline"
      aside={
        <ul className="legend">
          <li>
            <span className="swatch s-mid" /> waited
          </li>
          <li>
            <span className="swatch s-accent" /> ran
          </li>
          <li>
            <span className="mark-sign" /> predicted end
          </li>
        </ul>
      }
    >
      <ol className="timeline">
        {spans.map((span) => (
          <li key={span.label}>
            <div className="row spread small">
              <span>{span.label}</span>
              <span className="soft">{span.note}</span>
            </div>
            <div className="span-track">
              <span className="span-wait" style={{ left: 0, width: share(span.wait) }} />
              <span
                className="span-run"
                data-bad={span.bad || undefined}
                style={{ left: share(span.wait), width: share(span.run) }}
              />
              {span.predicted !== null && (
                <span
                  className="span-mark"
                  style={{ left: `min(${share(span.wait + span.predicted)}, calc(100% - 2px))` }}
                />
              )}
            </div>
          </li>
        ))}
      </ol>
      <dl className="facts moments">
        <Moment name="Created" at={job.created_at} />
        <Moment name="Scheduled for" at={job.run_at} />
        <Moment name="Started" at={job.started_at} />
        <Moment name="Finished" at={job.finished_at} />
      </dl>
    </Card>
  );
}

function Moment({ name, at }: { name: string; at: string | null }) {
  if (at === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{clock(at)}</dd>
    </div>
  );
}

function spansOf(job: Job, attempts: Attempt[], now: number): Span[] {
  const spans = attempts.map(({ attempt, wait_ms, runtime_ms, predicted_runtime_ms, outcome }) => ({
    label: `Attempt ${attempt}: ${outcome}`,
    wait: wait_ms,
    run: runtime_ms,
    predicted: predicted_runtime_ms,
    bad: outcome !== 'done' && outcome !== 'cancelled',
    note: `waited ${duration(wait_ms)}, ran ${duration(runtime_ms)}`,
  }));
  if (job.finished_at !== null) return spans.length > 0 ? spans : [neverStarted(job)];
  const ready = Math.max(Date.parse(job.run_at ?? job.created_at), Date.parse(job.created_at));
  const begun = job.started_at === null ? now : Date.parse(job.started_at);
  const since = Math.max(ready, Date.parse(attempts.at(-1)?.logged_at ?? job.created_at));
  const wait = Math.max(0, begun - since);
  const run = job.started_at === null ? 0 : Math.max(0, now - begun);
  return [
    ...spans,
    {
      label: `Attempt ${attempts.length + 1}: ${job.status}`,
      wait,
      run,
      predicted: job.predicted_runtime_ms,
      bad: false,
      note: run > 0 ? `runs for ${duration(run)}` : `waits for ${duration(wait)}`,
    },
  ];
}

function neverStarted(job: Job): Span {
  const wait = between(job.created_at, job.finished_at) ?? 0;
  return {
    label: job.status,
    wait,
    run: 0,
    predicted: null,
    bad: false,
    note: `waited ${duration(wait)}, never started`,
  };
}

/** Every attempt that ended, with its error. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0) return null;
  return (
    <Card title="Attempts" flush>
      <Scroll label="Attempts">
        <table>
          <thead>
            <tr>
              <th className="number">No.</th>
              <th>Outcome</th>
              <th className="number">Waited</th>
              <th className="number">Predicted</th>
              <th className="number">Ran</th>
              <th>Worker</th>
              <th className="number">Ended</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((each) => (
              <tr key={each.attempt}>
                <td className="number">{each.attempt}</td>
                <td>
                  <StatusWord
                    status={
                      each.outcome === 'done' ? 'done' : each.outcome === 'cancelled' ? 'cancelled' : 'failed'
                    }
                  >
                    {each.outcome}
                  </StatusWord>
                </td>
                <td className="number">{duration(each.wait_ms)}</td>
                <td className="number">{duration(each.predicted_runtime_ms)}</td>
                <td className="number">{duration(each.runtime_ms)}</td>
                <td className="soft">{each.worker_id ?? '–'}</td>
                <td className="soft number">
                  <Ago at={each.logged_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}
