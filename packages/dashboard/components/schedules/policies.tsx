import type { Schedule } from '../../lib/wire.ts';

/** What they mean, in the order in which they are offered; the first is the default. */
export const missedMeaning: Record<Schedule['missed'], string> = {
  once: 'the last of them runs',
  skip: 'none runs',
  all: 'all run',
};
export const overlapMeaning: Record<Schedule['overlap'], string> = {
  allow: 'the next is submitted all the same',
  skip: 'the next is left out',
  queue: 'the next waits for its end',
};

/** What happens to fires that come at a bad time, as fields named `missed` and `overlap`. */
export function Policies({ from }: { from: Schedule | undefined }) {
  return (
    <>
      <Policy name="missed" label="Of missed runs" meaning={missedMeaning} value={from?.missed} />
      <Policy name="overlap" label="While one has not ended" meaning={overlapMeaning} value={from?.overlap} />
    </>
  );
}

interface PolicyProps {
  name: string;
  label: string;
  meaning: Record<string, string>;
  value: string | undefined;
}

function Policy({ name, label, meaning, value }: PolicyProps) {
  return (
    <label className="field">
      {label}
      <select name={name} defaultValue={value}>
        {Object.entries(meaning).map(([policy, text]) => (
          <option key={policy} value={policy}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
