/**
 * The compact form of a trace: comma-separated with a heading, one row per job,
 * `job_id,submit_s,runtime_s,user,group,name,queue,requested_s,requested_slots`. Columns are found by name; all but
 * `submit_s` and `runtime_s` may be missing or blank. Fields may be quoted, with quotes doubled inside (RFC 4180).
 */
import { rowOf, type TraceRow } from './trace.ts';

export function readCsv(text: string): TraceRow[] {
  const [heading, ...records] = recordsOf(text);
  if (!heading) throw new Error('The trace is empty: a heading and a row per job are expected.');
  const columns = new Map(heading.fields.map((name, n) => [name.trim(), n]));
  for (const needed of ['submit_s', 'runtime_s']) {
    if (!columns.has(needed))
      throw new Error(`Line 1: there is no column ${needed} among ${heading.fields.join(', ')}.`);
  }
  return records.map(({ fields, line }) => {
    if (fields.length !== heading.fields.length)
      throw new Error(
        `Line ${line}: ${fields.length} fields where the heading has ${heading.fields.length}.`,
      );
    const cell = (name: string) => fields[columns.get(name) ?? -1]?.trim() ?? '';
    const optional = (name: string) => (cell(name) === '' ? undefined : numberIn(cell(name), name, line));
    return rowOf({
      id: cell('job_id') || `line-${line}`,
      submitS: numberIn(cell('submit_s'), 'submit_s', line),
      runtimeS: numberIn(cell('runtime_s'), 'runtime_s', line),
      user: cell('user'),
      group: cell('group'),
      name: cell('name'),
      queue: cell('queue'),
      requestedS: optional('requested_s'),
      requestedSlots: optional('requested_slots'),
    });
  });
}

function numberIn(cell: string, column: string, line: number): number {
  const value = cell === '' ? Number.NaN : Number(cell);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`Line ${line}: ${column} is '${cell}', not a number of at least 0.`);
  return value;
}

interface Record {
  fields: string[];
  /** Where it begins, from 1. */
  line: number;
}

/** A field in quotes, which may hold commas, line breaks and doubled quotes, or one without; then what ends it. */
const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function recordsOf(text: string): Record[] {
  const records: Record[] = [];
  let record: Record = { fields: [], line: 1 };
  let line = 1;
  field.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  while (field.lastIndex < text.length || record.fields.length > 0) {
    const found = field.exec(text);
    if (!found) throw new Error(`Line ${line}: a quote that is not closed, or text beside a quoted field.`);
    const [whole, quoted, plain = '', end] = found;
    record.fields.push(quoted?.replaceAll('""', '"') ?? plain);
    if (whole.includes('\n')) line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
    record = { fields: [], line };
  }
  return records;
}
