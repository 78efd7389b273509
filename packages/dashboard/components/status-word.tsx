import type { Status } from '../lib/api.ts';

/** A dot and the word: never colour alone. */
export function StatusWord({ status }: { status: Status }) {
  return (
    <span className="status" data-status={status}>
      {status}
    </span>
  );
}
