import { promises as fs } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { anAttempt } from './an-attempt.ts';
import { createEtlExecutor, type EtlResult } from './etl.ts';
import type { Attempt } from './executor.ts';
import { createHttpExecutor } from './http.ts';
import { NonRetryable } from './outcome.ts';

async function aFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'ravenmq-test-etl-'));
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await fs.writeFile(join(folder, name), text);
  return folder;
}

function run(
  folder: string,
  payload: Record<string, unknown>,
  more: Partial<Attempt> = {},
  allowPrivate: string[] = [],
) {
  const http = createHttpExecutor({ allowPrivate });
  onTestFinished(() => http.close());
  const execute = createEtlExecutor({ folders: [folder], memoryMb: 128, download: http.download });
  const attempt = anAttempt(payload, more);
  return { attempt, ended: execute(attempt) as Promise<EtlResult> };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('resolved'),
    (error) => error as Error,
  );

const sales = 'city,amount\nBern,2\nBasel,3\nBern,5\n';
const perCity = 'select city, sum(amount)::int as total from sales group by city order by city';

test('csv in, steps, parquet, csv and json out, rows in the result', async () => {
  const folder = await aFolder({ 'sales-1.csv': sales, 'sales-2.csv': 'city,amount\nBern,1\n' });

  const { attempt, ended } = run(folder, {
    sources: { sales: { file: 'sales-*.csv' } },
    steps: [
      { name: 'sum', sql: `create table totals as ${perCity}` },
      { name: 'drop small', sql: 'delete from totals where total < 4;' },
    ],
    outputs: [
      { file: 'out/totals.parquet', query: 'from totals;' },
      { file: 'out/totals.csv', query: 'from totals' },
      { file: 'out/totals.jsonl', query: 'from totals' },
    ],
    result: 'select * from totals',
  });
  const result = await ended;

  expect(result).toMatchObject({
    sources: [{ name: 'sales', files: 2, bytes: sales.length + 19 }],
    steps: [
      { name: 'sum', rows: 2 },
      { name: 'drop small', rows: 1 },
    ],
    outputs: [
      { file: 'out/totals.parquet', rows: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { file: 'out/totals.csv', rows: 1, bytes: 18 },
      { file: 'out/totals.jsonl', rows: 1 },
    ],
    rows: [{ city: 'Bern', total: 8 }],
    truncated: false,
  });
  expect(await fs.readFile(join(folder, 'out/totals.csv'), 'utf8')).toBe('city,total\nBern,8\n');
  expect(await fs.readFile(join(folder, 'out/totals.jsonl'), 'utf8')).toBe('{"city":"Bern","total":8}\n');
  expect((await fs.readdir(join(folder, 'out'))).sort()).toEqual([
    'totals.csv',
    'totals.jsonl',
    'totals.parquet',
  ]);
  expect(attempt.reported.progress.at(-1)).toBe(1);
  expect(attempt.reported.progress).toEqual(attempt.reported.progress.toSorted((a, b) => a - b));
  expect(attempt.reported.logs).toContainEqual(expect.stringMatching(/^step sum: 2 rows in \d+ ms$/));

  const again = run(folder, { sources: { t: { file: 'out/totals.parquet' } }, result: 'from t' });
  expect((await again.ended).rows).toEqual([{ city: 'Bern', total: 8 }]);
});

test('a failing step is named, nothing is written, and what was there before stays', async () => {
  const folder = await aFolder({ 'out.csv': 'old' });

  const { ended } = run(folder, {
    steps: [{ name: 'good', sql: 'create table t as select 1 as a' }],
    outputs: [
      { file: 'out.csv', query: 'from t' },
      { file: 'other.csv', query: 'select b from t' },
    ],
  });

  const error = await errorOf(ended);
  expect(error).toBeInstanceOf(NonRetryable);
  expect(error.message).toMatch(/^output other.csv: Binder Error.*"?b"?/);
  expect(await fs.readdir(folder)).toEqual(['out.csv']);
  expect(await fs.readFile(join(folder, 'out.csv'), 'utf8')).toBe('old');
});

test('a value that cannot be converted may be retried; bad SQL may not', async () => {
  const folder = await aFolder();
  const errorIn = (sql: string) => errorOf(run(folder, { steps: [{ name: 's', sql }] }).ended);
  const [data, syntax] = await Promise.all([errorIn(`select 'x'::int`), errorIn('selekt')]);
  expect(data.message).toMatch(/^step s: Conversion Error/);
  expect(data).not.toBeInstanceOf(NonRetryable);
  expect(syntax).toBeInstanceOf(NonRetryable);
});

test('SQL reaches the named files and nothing else', async () => {
  const folder = await aFolder({ 'named.csv': sales, 'other.csv': sales });
  const other = join(folder, 'other.csv');
  const attempts = [
    `select * from read_text('/etc/passwd')`,
    `select * from read_csv('${other}')`,
    `select * from glob('${folder}/*')`,
    `copy (select 1) to '${folder}/evil.csv'`,
    `copy (select 1) to '${other}'`,
    `attach '${folder}/evil.db' as evil`,
    `export database '${folder}/evil'`,
    `select * from read_csv('http://127.0.0.1:9/x.csv')`,
    'install httpfs',
    'load httpfs',
    'set enable_external_access = true',
    `set allowed_paths = ['/etc/passwd']`,
    'reset lock_configuration',
    `call enable_logging(storage = 'file', storage_path = '${folder}/evil.log'); select 1`,
  ];
  const errors = await Promise.all(
    attempts.map((sql) => {
      const steps = [{ name: 'evil', sql }];
      return run(folder, { sources: { named: { file: 'named.csv' } }, steps }).ended.then(
        () => 'done',
        (error: Error) => error.message,
      );
    }),
  );
  for (const [n, error] of errors.entries())
    expect(error, attempts[n]).toMatch(
      /Permission Error|Invalid Input Error: Cannot change|enable_logging|Permission/,
    );
  expect((await fs.readdir(folder)).sort()).toEqual(['named.csv', 'other.csv']);
  expect(await fs.readFile(other, 'utf8')).toBe(sales);
}, 60_000);

test('files outside the folders are refused, also behind a link', async () => {
  const secret = await aFolder({ 'secret.csv': 'a\n1\n' });
  const folder = await aFolder();
  await fs.symlink(join(secret, 'secret.csv'), join(folder, 'link.csv'));
  await fs.symlink(secret, join(folder, 'way'));
  const reading = (file: string) =>
    errorOf(run(folder, { sources: { s: { file } }, result: 'from s' }).ended);
  for (const file of [join(secret, 'secret.csv'), 'link.csv', 'way/secret.csv', 'way/*.csv', '/etc/x.csv']) {
    const error = await reading(file);
    expect(error, file).toBeInstanceOf(NonRetryable);
    expect(error.message, file).toMatch(/outside the folders|matches no file/);
  }
  expect((await reading('absent.csv')).message).toBe('absent.csv: no such file');
  const writing = run(folder, { outputs: [{ file: 'way/new.csv', query: 'select 1' }] });
  expect((await errorOf(writing.ended)).message).toContain('outside the folders');
  expect(await fs.readdir(secret)).toEqual(['secret.csv']);
});

test('each organization has its own folder where the worker says so', async () => {
  const folder = await aFolder();
  const outputs = [{ file: 'a.csv', query: 'select 1 as a' }];
  const own = join(folder, '{tenant}');
  await run(own, { outputs }, { tenantId: 'acme' }).ended;
  const other = run(own, { sources: { a: { file: 'a.csv' } }, result: 'from a' }, { tenantId: 'globex' });
  expect((await errorOf(other.ended)).message).toBe('a.csv: no such file');
  expect(await fs.readFile(join(folder, 'acme/a.csv'), 'utf8')).toBe('a\n1\n');
});

test('a URL is fetched past the guard of http jobs', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/gone.csv') response.writeHead(404).end();
    else response.end(request.headers['x-key'] === 'k' ? sales : 'city,amount\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const folder = await aFolder();
  const from = (path: string, allow: string[]) =>
    run(
      folder,
      {
        sources: { sales: { url: `http://127.0.0.1:${port}/${path}`, headers: { 'X-Key': 'k' } } },
        result: perCity,
      },
      {},
      allow,
    ).ended;

  expect((await from('sales.csv', [`127.0.0.1:${port}`])).rows).toEqual([
    { city: 'Basel', total: 3 },
    { city: 'Bern', total: 7 },
  ]);
  const refused = await errorOf(from('sales.csv', []));
  expect(refused).toBeInstanceOf(NonRetryable);
  expect(refused.message).toMatch(/^source sales: GET .*is not a public address/);
  expect((await errorOf(from('gone.csv', [`127.0.0.1:${port}`]))).message).toContain('unexpected status 404');
});

const endless =
  'select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = -1';

test('a time limit and a cancel end the process at once and leave no file', async () => {
  const folder = await aFolder();
  const outputs = [{ file: 'out.csv', query: endless }];
  const late = run(folder, { outputs, timeout_ms: 1_500 });
  expect((await errorOf(late.ended)).message).toBe('not finished within 1500 ms');

  const stop = new AbortController();
  const cancelled = run(folder, { outputs }, { signal: stop.signal });
  const ended = errorOf(cancelled.ended);
  await eventually(
    async () => (await fs.readdir(folder)).length > 0 || cancelled.attempt.reported.progress.length > 0,
  );
  stop.abort('cancel');
  await ended;
  expect(await fs.readdir(folder)).toEqual([]);
});

test('a half file of a killed attempt is removed by the next one', async () => {
  const folder = await aFolder({
    '.ravenmq-job-1-0a0b0c0d-out.csv.part': 'half',
    '.ravenmq-job-2-x-out.csv.part': '',
  });
  await run(folder, { outputs: [{ file: 'out.csv', query: 'select 1 as a' }] }).ended;
  expect((await fs.readdir(folder)).sort()).toEqual(['.ravenmq-job-2-x-out.csv.part', 'out.csv']);
});

test('what does not fit into memory is written to a temporary folder', async () => {
  const sql =
    'create table t as select md5(range::varchar) as m from range(1500000); create table s as from t order by m';
  const { ended } = run(await aFolder(), {
    steps: [{ name: 'sort', sql }],
    result: 'select count(*)::int as n from s',
  });
  expect((await ended).rows).toEqual([{ n: 1_500_000 }]);
});

test('an error as long as a book ends the step, not the worker, and an endless answer fills no memory', async () => {
  const folder = await aFolder();
  const failing = run(folder, { steps: [{ name: 's', sql: `select error(repeat('x', 2000000))` }] });
  const error = await errorOf(failing.ended);
  expect(error.message).toMatch(/^step s: .*xxx/);
  expect(error.message.length).toBeLessThan(11_000);

  // Some 800 MB as rows, with 128 MB allowed.
  const { ended } = run(folder, { steps: [{ name: 'long', sql: 'select * from range(100000000)' }] });
  expect((await ended).steps).toMatchObject([{ name: 'long', rows: 100_000_000 }]);
});
