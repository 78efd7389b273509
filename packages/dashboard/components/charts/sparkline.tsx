import type { Tone } from './frame.tsx';

interface SparklineProps {
  values: number[];
  width?: number;
  height?: number;
  tone?: Tone;
}

/** The shape of a series beside its number; the number itself is told in words. */
export function Sparkline({ values, width = 56, height = 24, tone = 'accent' }: SparklineProps) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A level line says nothing that the number does not.
  if (values.length < 2 || low === high) return <svg width={width} height={height} aria-hidden="true" />;
  const x = (n: number) => (n / (values.length - 1)) * (width - 2) + 1;
  const y = (value: number) => height - 2 - ((value - low) / (high - low)) * (height - 4);
  const path = values.map((value, n) => `${x(n).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
  return (
    <svg width={width} height={height} aria-hidden="true" className={`s-${tone}`}>
      <path className="stroke" d={`M${path}`} />
    </svg>
  );
}
