/** A11: nobody ends who was not made to, and nothing is left behind. */
import type { Evidence } from '../evidence.ts';

export function hygiene({ exits, alarms, left, stops, deeds }: Evidence, stopWithinMs: number): string[] {
  const problems = alarms.slice(0, 20).map((line) => `unexpected words of ${line}`);
  // A role that finds no database when it starts says so and ends; a supervisor starts it again.
  const { outages, crashes, failovers, terminations, cuts, resets } = deeds;
  const mayFailToStart = outages + crashes + failovers + terminations + cuts + resets > 0;
  for (const { name, code, signal, doomed, ready } of exits) {
    // Asked to stop before it had set itself up to be asked.
    const early = signal === 'SIGTERM' && !ready;
    if (signal !== null && !doomed && !early) problems.push(`${name} ended by ${signal} on its own`);
    else if (code !== null && code !== 0 && !doomed && (ready || !mayFailToStart))
      problems.push(`${name} ended with code ${code}`);
  }
  for (const [what, count] of Object.entries(left)) {
    if (count > 0) problems.push(`${count} ${what} are left`);
  }
  for (const ms of stops) {
    if (ms > stopWithinMs) problems.push(`a stop took ${ms.toFixed(0)} ms`);
  }
  return problems;
}
