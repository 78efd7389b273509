'use client';

interface SegmentsProps<T extends string> {
  label: string;
  options: readonly T[];
  value: T;
  choose(option: NoInfer<T>): void;
}

/** One of a few. */
export function Segments<T extends string>({ label, options, value, choose }: SegmentsProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as part of a form
    <div className="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => choose(option)}>
          {option}
        </button>
      ))}
    </div>
  );
}
