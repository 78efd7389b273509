type Element = string | number | boolean | Buffer | null;

/** Text that stands in an array literal as it is. */
const plain = /^[A-Za-z0-9_.:+-]+$/;

/**
 * A PostgreSQL array literal. The driver writes arrays too, an order of magnitude slower, and batches of a thousand
 * rows are what the hot path is made of.
 */
export function pgArray(values: readonly Element[]): string {
  let text = '{';
  for (let n = 0; n < values.length; n++) {
    const value = values[n] as Element;
    if (n > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (typeof value === 'string') text += quoted(value);
    else if (typeof value === 'object') text += `"\\\\x${value.toString('hex')}"`;
    else text += value;
  }
  return `${text}}`;
}

let lastText = '';
let lastQuoted = '""';

/** Text as an element. Columns repeat themselves (a batch has one queue and few types), so the last one is kept. */
function quoted(value: string): string {
  if (value === lastText) return lastQuoted;
  const element =
    plain.test(value) && value.toUpperCase() !== 'NULL'
      ? value
      : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (value.length <= 64) [lastText, lastQuoted] = [value, element];
  return element;
}

/** The literal of one column of a batch; an empty array when it is null in every row: unnest fills it up. */
export function columnOf<Row>(rows: readonly Row[], of: (row: Row) => Element): string {
  const values = rows.map(of);
  return values.every((value) => value === null) ? '{}' : pgArray(values);
}
