/** The built-in types as a form: what a person fills in, and the payload that it makes. */

export interface Field {
  name: string;
  label: string;
  kind: 'text' | 'lines' | 'area' | 'json' | 'number' | 'choice';
  options?: string[];
  required?: boolean;
  initial?: string;
  hint?: string;
  wide?: boolean;
}

export interface JobType {
  type: string;
  about: string;
  fields: Field[];
}

export const jobTypes: JobType[] = [
  {
    type: 'http',
    about: 'Calls a URL; any answer of the 2xx kind is success.',
    fields: [
      { name: 'url', label: 'URL', kind: 'text', required: true, wide: true, hint: 'http:// or https://' },
      {
        name: 'method',
        label: 'Method',
        kind: 'choice',
        options: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
        initial: 'GET',
      },
      { name: 'timeout_ms', label: 'Timeout, ms', kind: 'number', hint: '30 000 by default' },
      { name: 'headers', label: 'Headers', kind: 'json', wide: true, hint: 'JSON, {"accept": "text/html"}' },
      { name: 'body', label: 'Body', kind: 'area', wide: true, hint: 'not with GET or HEAD' },
    ],
  },
  {
    type: 'shell',
    about: 'Runs a program that the worker allows; exit code 0 is success.',
    fields: [
      {
        name: 'argv',
        label: 'Program and arguments',
        kind: 'lines',
        required: true,
        wide: true,
        initial: '/bin/echo\nhello',
        hint: 'one a line, no shell reads them',
      },
      { name: 'stdin', label: 'Standard input', kind: 'area', wide: true },
      { name: 'timeout_ms', label: 'Timeout, ms', kind: 'number', hint: 'an hour by default' },
    ],
  },
  {
    type: 'etl',
    about: 'SQL from files to files, where the worker allows it.',
    fields: [
      {
        name: 'sources',
        label: 'Sources',
        kind: 'json',
        wide: true,
        hint: 'become views of that name: {"orders": {"file": "orders.csv"}}',
      },
      {
        name: 'steps',
        label: 'Steps',
        kind: 'json',
        wide: true,
        hint: '[{"name": "sum", "sql": "create table t as select ..."}]',
      },
      {
        name: 'outputs',
        label: 'Outputs',
        kind: 'json',
        wide: true,
        hint: '[{"file": "sums.parquet", "query": "select * from t"}]',
      },
      {
        name: 'result',
        label: 'Result query',
        kind: 'area',
        wide: true,
        initial: 'select 42 as answer',
        hint: 'its first rows become the result',
      },
    ],
  },
  {
    type: 'ml',
    about: 'A training or other long program that may go on from a checkpoint.',
    fields: [
      {
        name: 'argv',
        label: 'Program and arguments',
        kind: 'lines',
        required: true,
        wide: true,
        hint: 'one a line, no shell reads them',
      },
      {
        name: 'grace_ms',
        label: 'Time for a last checkpoint, ms',
        kind: 'number',
        hint: '10 000 by default',
      },
      { name: 'timeout_ms', label: 'Timeout, ms', kind: 'number' },
    ],
  },
];

export type Values = Record<string, string>;

export function initialValues(type: JobType): Values {
  return Object.fromEntries(type.fields.map(({ name, initial = '' }) => [name, initial]));
}

/** Throws an error that names the field when it does not hold JSON. */
export function payloadOf(type: JobType, values: Values): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const { name, label, kind } of type.fields) {
    const value = values[name] ?? '';
    if (value.trim() === '') continue;
    payload[name] = read(kind, label, value);
  }
  return payload;
}

function read(kind: Field['kind'], label: string, value: string): unknown {
  if (kind === 'number') return Number(value);
  if (kind === 'lines') return value.split('\n').filter((line) => line !== '');
  return kind === 'json' ? parseJson(label, value) : value;
}

export function parseJson(label: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${label}: this is not JSON. ${(error as Error).message}`);
  }
}
