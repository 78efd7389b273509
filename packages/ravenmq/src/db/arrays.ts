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

function quoted(value: string): string {
  if (plain.test(value) && value.toUpperCase() !== 'NULL') return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The literal of one column of a batch. */
export function columnOf<Row>(rows: readonly Row[], of: (row: Row) => Element): string {
  return pgArray(rows.map(of));
}
