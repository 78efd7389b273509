/** What an etl job asks of DuckDB, as SQL, and what its process answers, a JSON line each. */

import type { EtlPayload } from './etl-payload.ts';
import { type Format, sourceFormat } from './etl-payload.ts';

export interface EtlPlan {
  memoryMb: number;
  threads: number;
  /** For what does not fit into memory. */
  spillFolder: string;
  /** The only files that SQL may touch. */
  paths: string[];
  parts: { name: string; sql: string }[];
  /** A select statement whose rows go back. */
  result?: string | undefined;
}

export type EtlMessage =
  | { kind: 'began'; part: number }
  | { kind: 'progress'; part: number; share: number }
  | { kind: 'ended'; part: number; rows: number | null; ms: number }
  | { kind: 'rows'; rows: Record<string, unknown>[]; truncated: boolean }
  | { kind: 'failed'; part: number | null; message: string };

export interface Located {
  /** Of each source, by its name. */
  sources: Record<string, string[]>;
  /** Of each output, in their order. */
  staged: string[];
}

/** Sources become views; each output is one COPY; parts are named as people know them. */
export function planOf(
  payload: EtlPayload,
  { sources, staged }: Located,
  limits: Pick<EtlPlan, 'memoryMb' | 'threads' | 'spillFolder'>,
): EtlPlan {
  const views = Object.entries(payload.sources).map(([name, source]) => ({
    name: `source ${name}`,
    sql: `create view ${quoted(name)} as select * from ${reader(sourceFormat(source), sources[name] ?? [])}`,
  }));
  const outputs = payload.outputs.map((output, n) => ({
    name: `output ${output.file}`,
    sql: `copy (${withoutEnd(output.query)}\n) to ${literal(staged[n] as string)} (${writer(output.file, output.format)})`,
  }));
  return {
    ...limits,
    paths: [...Object.values(sources).flat(), ...staged],
    parts: [
      ...views,
      ...payload.steps.map((step) => ({ name: `step ${step.name}`, sql: step.sql })),
      ...outputs,
    ],
    result: payload.result && withoutEnd(payload.result),
  };
}

function reader(format: Format, files: string[]): string {
  const list = `[${files.map(literal).join(', ')}]`;
  if (format === 'csv') return `read_csv(${list})`;
  if (format === 'json') return `read_json(${list}, format = 'auto')`;
  return `read_parquet(${list})`;
}

function writer(file: string, format: Format | undefined): string {
  const gzip = /\.gz$/i.test(file) ? ', compression gzip' : '';
  if (format === 'parquet' || /\.parquet$/i.test(file)) return 'format parquet, compression zstd';
  if (format === 'csv' || /\.(csv|tsv)(\.gz)?$/i.test(file)) {
    const delimiter = /\.tsv(\.gz)?$/i.test(file) ? `, delimiter '\t'` : '';
    return `format csv, header true${delimiter}${gzip}`;
  }
  const lines = /\.(jsonl|ndjson)(\.gz)?$/i.test(file);
  return `format json, array ${!lines}${gzip}`;
}

const withoutEnd = (sql: string) => sql.replace(/[;\s]+$/, '');
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const quoted = (name: string) => `"${name}"`;
