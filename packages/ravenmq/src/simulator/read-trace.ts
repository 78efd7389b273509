/** Reads a trace from a file: `.csv` in the compact form, `.swf` in the Standard Workload Format, either with `.gz`. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readCsv } from './read-csv.ts';
import { readSwf } from './read-swf.ts';
import type { TraceRow } from './trace.ts';

/** In the order of submission. */
export async function readTrace(file: string): Promise<TraceRow[]> {
  const form = /\.(csv|swf)(\.gz)?$/i.exec(file);
  if (!form)
    throw new Error(`${file}: a trace ends in .csv or .swf, or in .csv.gz or .swf.gz when it is compressed.`);
  const content = await readFile(file);
  try {
    const text = (form[2] ? await promisify(gunzip)(content) : content).toString('utf8');
    const rows = form[1]?.toLowerCase() === 'csv' ? readCsv(text) : readSwf(text);
    if (rows.length === 0) throw new Error('There is no job in it.');
    return rows.sort((a, b) => a.submitMs - b.submitMs);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** The name of a trace without folder and endings. */
export const traceName = (file: string): string =>
  (file.split('/').at(-1) as string).replace(/\.(csv|swf)(\.gz)?$/i, '');
