/** What commands print: data to standard output, as a table for people or JSON for programs; words to standard error. */
export const formats = ['table', 'json', 'jsonl'] as const;
export type Format = (typeof formats)[number];

/** Without a choice: a table on a terminal, JSON lines into a pipe. */
export const formatOf = (chosen: Format | undefined): Format =>
  chosen ?? (process.stdout.isTTY ? 'table' : 'jsonl');

type Row = object;

/** Prints rows; `columns` are the title and the value of each column of a table. */
export function printRows<R extends Row>(
  rows: readonly R[],
  format: Format,
  columns: Record<string, (row: R) => string | number | null | undefined>,
): void {
  if (format === 'json') write(JSON.stringify(rows, null, 2));
  else if (format === 'jsonl') for (const row of rows) write(JSON.stringify(row));
  else {
    const cells = rows.map((row) => Object.values(columns).map((of) => String(of(row) ?? '-')));
    for (const line of aligned([Object.keys(columns), ...cells])) write(line);
  }
}

/** Prints one thing; as a table its fields stand below each other. */
export function printOne(thing: Row, format: Format): void {
  if (format === 'json') write(JSON.stringify(thing, null, 2));
  else if (format === 'jsonl') write(JSON.stringify(thing));
  else {
    const fields = Object.entries(thing).filter(([, value]) => value !== null && value !== undefined);
    const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
    for (const line of aligned(fields.map(([name, value]) => [name, text(value)]))) write(line);
  }
}

export const write = (line: string): void => void process.stdout.write(`${line}\n`);
export const say = (words: string): void => void process.stderr.write(`${words}\n`);

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `3 s ago`, `in 5 min`; RFC 3339 where no person reads it. */
export function when(time: string | null): string | null {
  if (time === null || !process.stdout.isTTY) return time;
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1_000);
  const [count, unit] = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'min'],
      [1, 's'],
    ] as const
  )
    .map(([size, name]) => [Math.floor(Math.abs(seconds) / size), name] as const)
    .find(([n]) => n > 0) ?? [0, 's'];
  return seconds < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}
