'use client';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useLive } from '../../lib/live.tsx';
import { comparable, questionOf, windows } from '../../lib/whatif.ts';
import type { Whatif } from '../../lib/wire.ts';
import { useSession } from '../shell/session.tsx';
import { Card } from '../ui/card.tsx';
import { Trouble } from '../ui/states.tsx';

const about: Record<(typeof comparable)[number], string> = {
  fifo: 'first come, first served',
  priority: 'the heaviest weight first',
  shortest: 'the shortest by prediction first',
  hrrn: 'highest response ratio next',
  adaptive: 'shorter jobs first, within bounds',
};
const usual: readonly string[] = ['fifo', 'adaptive'];
/** Where nothing is known of the workers. */
const fewSlots = 4;

/** What to replay, and how. What was filled in stays, for the next question. */
export function QuestionForm({ onAsked }: { onAsked(question: Whatif): void }) {
  const { isAdmin } = useSession();
  const { snapshot } = useLive();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      onAsked(await api.ask(questionOf(form)));
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title="Question">
      <form onSubmit={(event) => void onSubmit(event)}>
        <div className="fields thirds">
          <label className="field">
            Jobs of the last
            <select name="window" defaultValue="day">
              {windows.map((window) => (
                <option key={window}>{window}</option>
              ))}
            </select>
          </label>
          <label className="field">
            Slots
            <input
              name="slots"
              required
              inputMode="numeric"
              defaultValue={String(snapshot?.slots || fewSlots)}
            />
            <span className="hint">What there is, then what to try: 4 8 16</span>
          </label>
          <label className="field">
            Arrivals, times
            <input name="scales" required inputMode="decimal" defaultValue="1" />
            <span className="hint">1 is as it was, 1.3 is 30 % more</span>
          </label>
        </div>
        <fieldset className="choices">
          <legend>Policies</legend>
          {comparable.map((policy) => (
            <label key={policy} title={about[policy]}>
              <input type="checkbox" name="policy" value={policy} defaultChecked={usual.includes(policy)} />
              {policy}
            </label>
          ))}
        </fieldset>
        {isAdmin && (
          <fieldset className="choices">
            <legend>Whose jobs</legend>
            <label>
              <input type="checkbox" name="everything" />
              Everything, of every organization
            </label>
          </fieldset>
        )}
        {error && <Trouble error={error} />}
        <div className="dialog-foot">
          <button type="submit" className="primary" disabled={busy}>
            Replay
          </button>
        </div>
      </form>
    </Card>
  );
}
