import type { Attempt } from './executor.ts';

const mostNames = 100;

/**
 * One line of a training run. A JSON object with a whole number `step` is a point of every other key that holds a
 * number (`{"step": 3, "loss": 0.5}`); `progress`, 0 to 1, is how far the run is; anything else is a line of its log.
 */
export function reportLine(
  attempt: Attempt,
  metrics: Map<string, number>,
  line: string,
  stream: 'stdout' | 'stderr',
): void {
  const told = stream === 'stdout' ? pointsOf(line) : undefined;
  if (!told) {
    if (line !== '') attempt.log(line, stream === 'stdout' ? 'info' : 'warn');
    return;
  }
  const { progress, step, ...values } = told;
  if (typeof progress === 'number')
    attempt.progress(progress, step === undefined ? undefined : `step ${step}`);
  if (typeof step !== 'number') return;
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' || name === '' || name.length > 64) continue;
    if (!metrics.has(name) && metrics.size === mostNames) continue;
    metrics.set(name, value);
    attempt.metric(name, step, value);
  }
}

function pointsOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const told = JSON.parse(line) as Record<string, unknown>;
    return Number.isSafeInteger(told.step) || typeof told.progress === 'number' ? told : undefined;
  } catch {
    return undefined;
  }
}
