import { z } from 'zod';
import { headers, programTimeout, url } from './payload-parts.ts';

export const formats = ['csv', 'json', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** By the end of a file's name; `.gz` behind csv and json. */
function formatOf(name: string): Format | undefined {
  if (/\.(csv|tsv)(\.gz)?$/i.test(name)) return 'csv';
  if (/\.(json|jsonl|ndjson)(\.gz)?$/i.test(name)) return 'json';
  if (/\.parquet$/i.test(name)) return 'parquet';
  return undefined;
}

/** How the files of a job are named: for URLs by their path. */
const namedBy = (source: { file?: string | undefined; url?: string | undefined }): string =>
  source.file ?? URL.parse(source.url ?? '')?.pathname ?? '';

const identifier = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must start with a letter and consist of letters, digits and _');
const path = z
  .string()
  .min(1)
  .max(1_000)
  .refine((value) => !value.includes('\0'), 'holds a NUL character')
  .refine((value) => !value.split(/[\\/]/).includes('..'), 'must not lead upwards with ..');
const sql = z.string().trim().min(1).max(100_000);
const format = z.enum(formats).optional();

const source = z
  .strictObject({
    /** Below one of the worker's folders; `*` and `?` stand for several files of the same columns. */
    file: path.optional(),
    url: url.optional(),
    headers: headers.optional(),
    format,
  })
  .refine((value) => (value.file === undefined) !== (value.url === undefined), 'give either file or url')
  .refine((value) => value.url !== undefined || value.headers === undefined, {
    path: ['headers'],
    message: 'are for a url',
  })
  .refine((value) => value.format !== undefined || formatOf(namedBy(value)) !== undefined, {
    path: ['format'],
    message: `cannot be told from the name; give one of ${formats.join(', ')}`,
  });
export type EtlSource = z.infer<typeof source>;
export const sourceFormat = (value: EtlSource): Format =>
  value.format ?? (formatOf(namedBy(value)) as Format);

const output = z
  .strictObject({
    file: path.refine((value) => !/[*?[\]]/.test(value), 'must not hold * ? [ or ]'),
    /** A select statement whose rows are written. */
    query: sql,
    format,
  })
  .refine((value) => value.format !== undefined || formatOf(value.file) !== undefined, {
    path: ['format'],
    message: `cannot be told from the name; give one of ${formats.join(', ')}`,
  });

export const etlPayload = z
  .strictObject({
    /** Become views of that name. */
    sources: z
      .record(identifier, source)
      .refine((sources) => Object.keys(sources).length <= 50, 'has more than 50 entries')
      .default({}),
    /** Run in their order; each may hold several statements. */
    steps: z
      .array(z.strictObject({ name: z.string().min(1).max(64), sql }))
      .max(100)
      .default([]),
    outputs: z.array(output).max(50).default([]),
    /** A select statement whose first rows become part of the job's result. */
    result: sql.optional(),
    timeout_ms: programTimeout,
  })
  .refine(({ steps, outputs, result }) => steps.length + outputs.length > 0 || result !== undefined, {
    message: 'has nothing to do: give steps, outputs or result',
  })
  .refine(({ outputs }) => new Set(outputs.map(({ file }) => file)).size === outputs.length, {
    path: ['outputs'],
    message: 'writes the same file twice',
  });
export type EtlPayload = z.infer<typeof etlPayload>;
