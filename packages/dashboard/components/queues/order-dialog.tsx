'use client';
import { duration } from '../../lib/format.ts';
import { type Queue, type QueueChange, type QueuePolicy, queuePolicies } from '../../lib/wire.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

const about: Record<QueuePolicy, string> = {
  adaptive: 'shorter jobs first, within bounds',
  fifo: 'first come, first served',
  priority: 'the heaviest weight first',
  shortest: 'the shortest first; long ones may wait for ever',
};
const minuteMs = 60_000;

interface OrderDialogProps {
  queue: Queue;
  close(): void;
  /** With what differs from the queue as it is. */
  save(change: QueueChange): void;
}

/** By what the jobs of a queue are ordered, and how long anybody waits at most. */
export function OrderDialog({ queue, close, save }: OrderDialogProps) {
  function onSave(form: FormData) {
    const policy = String(form.get('policy')) as QueuePolicy;
    const minutes = String(form.get('promise')).trim();
    const promiseMs = minutes === '' ? null : Math.max(1, Math.round(Number(minutes) * minuteMs));
    const change: QueueChange = {};
    if (policy !== queue.policy) change.policy = policy;
    if (promiseMs !== queue.promise_ms) change.promise_ms = promiseMs;
    if (Object.keys(change).length > 0) save(change);
  }
  return (
    <FormDialog title={`Order of ${queue.name}`} close={close} save={onSave}>
      <label className="field wide">
        Policy
        <select name="policy" defaultValue={queue.policy}>
          {queuePolicies.map((policy) => (
            <option key={policy} value={policy}>
              {policy}: {about[policy]}
            </option>
          ))}
        </select>
        <span className="hint">Jobs that wait are ordered anew within moments.</span>
      </label>
      <label className="field wide">
        Promise, minutes
        <input
          name="promise"
          type="number"
          min="0.001"
          max="35000"
          step="any"
          placeholder="as it is reckoned"
          defaultValue={queue.promise_ms === null ? '' : queue.promise_ms / minuteMs}
        />
        <span className="hint">
          Who has waited so long goes first. Just now:{' '}
          {queue.guard_ms === null ? 'none' : duration(queue.guard_ms)}.
        </span>
      </label>
    </FormDialog>
  );
}
