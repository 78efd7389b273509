import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from './read-csv.ts';
import { readSwf } from './read-swf.ts';
import { readTrace, traceName } from './read-trace.ts';

const heading = 'job_id,submit_s,runtime_s,user,group,name,queue,requested_s,requested_slots';

describe('a trace as CSV', () => {
  test('every column is read', () => {
    expect(readCsv(`${heading}\n7,10,2.5,u1,acme,build,push,60,4\n`)).toEqual([
      {
        id: '7',
        submitMs: 10_000,
        runtimeMs: 2_500,
        tenant: 'trace',
        user: 'u1',
        type: 'acme push',
        name: 'build',
        variant: 'u1 60 4',
        requestedMs: 60_000,
        sizeHint: 4,
      },
    ]);
  });

  test('quoted fields may hold commas, quotes and line breaks', () => {
    const text = `${heading}\r\n1,0,1,"u, ""1""",,"two\nlines",,,\r\n2,5,1,u2,,"",,,\r\n`;
    expect(readCsv(text).map(({ user, name }) => [user, name])).toEqual([
      ['u, "1"', 'two\nlines'],
      ['u2', ''],
    ]);
  });

  test('columns may stand in any order, blank lines and a missing last line break are no matter', () => {
    const rows = readCsv('\uFEFFruntime_s,submit_s\n\n3,1\n\n4,2');
    expect(
      rows.map(({ submitMs, runtimeMs, type, requestedMs }) => [submitMs, runtimeMs, type, requestedMs]),
    ).toEqual([
      [1_000, 3_000, 'job', undefined],
      [2_000, 4_000, 'job', undefined],
    ]);
  });

  test.each([
    ['', 'The trace is empty'],
    ['submit_s,user\n1,2', 'Line 1: there is no column runtime_s'],
    [`${heading}\n1,0,1,,,,,,1\n2,0,x,,,,,,1`, "Line 3: runtime_s is 'x'"],
    [`${heading}\n1,,1,,,,,,1`, "Line 2: submit_s is ''"],
    [`${heading}\n1,0,-4,,,,,,1`, "Line 2: runtime_s is '-4'"],
    [`${heading}\n1,0,1,,,"a\nb",,,1\n2,0,1`, 'Line 4: 3 fields where the heading has 9'],
    [`${heading}\n1,0,1,"u`, 'Line 2: a quote that is not closed'],
    [`${heading}\n1,0,1,"u"x,,,,,`, 'Line 2: a quote that is not closed, or text beside'],
  ])('what is wrong is named with its line: %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });
});

describe('a trace in the Standard Workload Format', () => {
  const job = (fields: Record<number, number>) =>
    Array.from({ length: 18 }, (_, n) => fields[n + 1] ?? -1).join(' ');

  test('comments are passed over, -1 is not known, jobs that never ran are left out', () => {
    const text = [
      '; Version: 2.2',
      job({ 1: 1, 2: 5, 4: 60, 5: 8, 9: 600, 12: 3, 13: 2, 14: 9, 15: 1 }),
      job({ 1: 2, 2: 6 }),
      `  ${job({ 1: 3, 2: 7, 4: 0 })}  `,
    ].join('\n');
    expect(readSwf(text)).toMatchObject([
      {
        id: '1',
        submitMs: 5_000,
        runtimeMs: 60_000,
        user: '3',
        type: '2 1',
        name: '9',
        requestedMs: 600_000,
        sizeHint: 8,
      },
      { id: '3', submitMs: 7_000, runtimeMs: 1, user: '', type: 'job', name: '', requestedMs: undefined },
    ]);
  });

  test.each([
    ['1 2 3', 'Line 1: 3 fields where the format has 18'],
    [job({ 1: 1, 2: -5, 4: 1 }), 'Line 1: the submission is at -5'],
  ])('what is wrong is named with its line: %j', (text, message) => {
    expect(() => readSwf(text)).toThrow(message);
  });
});

describe('a trace file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ravenmq-trace-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('plain or compressed, it is read in the order of submission', async () => {
    const text = `${heading}\nb,5,1,,,,,,\na,2,1,,,,,,\n`;
    await writeFile(join(folder, 'one.csv'), text);
    await writeFile(join(folder, 'two.csv.gz'), gzipSync(text));
    for (const name of ['one.csv', 'two.csv.gz']) {
      const rows = await readTrace(join(folder, name));
      expect(rows.map(({ id }) => id)).toEqual(['a', 'b']);
    }
  });

  test('errors name the file', async () => {
    await writeFile(join(folder, 'bad.csv'), `${heading}\n1,0,x,,,,,,\n`);
    await writeFile(join(folder, 'none.csv'), `${heading}\n`);
    await writeFile(join(folder, 'broken.csv.gz'), 'not gzip');
    await expect(readTrace(join(folder, 'bad.csv'))).rejects.toThrow(/bad\.csv: Line 2: runtime_s/);
    await expect(readTrace(join(folder, 'none.csv'))).rejects.toThrow('There is no job in it');
    await expect(readTrace(join(folder, 'broken.csv.gz'))).rejects.toThrow(/broken\.csv\.gz/);
    await expect(readTrace(join(folder, 'missing.csv'))).rejects.toThrow(/missing\.csv/);
    await expect(readTrace('trace.json')).rejects.toThrow('.csv or .swf');
  });

  test('its name is that of the file without endings', () => {
    expect(['/a/b.c/kth-sp2.csv.gz', 'x.swf'].map(traceName)).toEqual(['kth-sp2', 'x']);
  });
});
