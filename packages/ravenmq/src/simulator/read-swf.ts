/**
 * The Standard Workload Format of the Parallel Workloads Archive (Chapin et al. 1999): comments after `;`, then 18
 * numbers a line, -1 for what is not known. Jobs that never ran are left out.
 */
import { rowOf, type TraceRow } from './trace.ts';

const fieldCount = 18;

export function readSwf(text: string): TraceRow[] {
  return text.split('\n').flatMap((content, n) => {
    const trimmed = content.trim();
    return trimmed === '' || trimmed.startsWith(';') ? [] : jobIn(trimmed, n + 1);
  });
}

function jobIn(content: string, line: number): TraceRow[] {
  const fields = content.split(/\s+/);
  if (fields.length < fieldCount)
    throw new Error(`Line ${line}: ${fields.length} fields where the format has ${fieldCount}.`);
  const number = (place: number) => {
    const value = Number(fields[place - 1]);
    if (!Number.isFinite(value))
      throw new Error(`Line ${line}: field ${place} is '${fields[place - 1]}', not a number.`);
    return value;
  };
  const known = (place: number) => (number(place) >= 0 ? number(place) : undefined);
  const label = (place: number) => known(place)?.toString() ?? '';
  const runtimeS = known(4);
  if (runtimeS === undefined) return [];
  if (number(2) < 0)
    throw new Error(`Line ${line}: the submission is at ${number(2)}, before the log began.`);
  return [
    rowOf({
      id: String(number(1)),
      submitS: number(2),
      runtimeS,
      user: label(12),
      group: label(13),
      name: label(14),
      queue: label(15),
      requestedS: known(9),
      requestedSlots: known(8) ?? known(5),
    }),
  ];
}
