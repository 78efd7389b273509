/** `ravenmq job`: submit jobs, look at them, follow them, change them. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Job, JobFilter, NewJob } from '@ravenmq/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommand, type Call, CommandFailed, exitCodes, group } from './command.ts';
import { printOne, printRows, say, when, write } from './output.ts';

const hasEnded = (job: Job) => ['done', 'failed', 'cancelled'].includes(job.status);

export function addJobCommands(program: Command): void {
  const job = group(program, 'job', 'jobs: submit, look at, follow, cancel, retry');

  addCommand<NewJobOptions & { wait?: boolean }>(
    job,
    'enqueue <type>',
    'submit a job',
    async ({ client, format }, [type = ''], { wait = false, ...options }) => {
      const submitted = await client.jobs.submit(await newJobOf(type, options));
      if (!wait) return printOne(submitted, format);
      say(`job ${submitted.id} submitted`);
      await untilEnd({ client, format }, submitted.id);
    },
    (command) => newJobOptions(command).option('--wait', 'until it has ended; exit code 7 when it failed'),
  );

  addCommand<JobFilter & { label?: Record<string, string>; limit: number }>(
    job,
    'list',
    'jobs, newest first',
    async ({ client, format }, _args, { label = {}, limit, status, type, queue, name }) => {
      const given = Object.entries({ status, type, queue, name }).filter(([, value]) => value !== undefined);
      const filter = { ...Object.fromEntries(given), labels: label, limit: Math.min(limit, 200) };
      const rows: Job[] = [];
      for await (const row of client.jobs.list(filter)) {
        rows.push(row);
        if (rows.length === limit) break;
      }
      printRows(rows, format, {
        id: (row) => row.id,
        name: (row) => row.name,
        type: (row) => row.type,
        status: (row) => row.status,
        created: (row) => when(row.created_at),
        runtime: (row) => (row.runtime_ms === null ? null : `${Math.round(row.runtime_ms)} ms`),
        error: (row) => row.error_msg?.split('\n')[0]?.slice(0, 60),
      });
    },
    (command) =>
      command
        .addOption(
          new Option('--status <status>').choices([
            'scheduled',
            'queued',
            'running',
            'done',
            'failed',
            'cancelled',
          ]),
        )
        .option('--type <type>')
        .option('--queue <queue>')
        .option('--name <name>')
        .option('--label <key=value...>', 'jobs with this label', pair)
        .option('--limit <count>', 'how many', wholeNumber, 50),
  );

  addCommand(job, 'get <id>', 'everything about one job', async ({ client, format }, [id = '']) =>
    printOne(await client.jobs.get(id), format),
  );
  addCommand(job, 'watch <id>', 'follow a job to its end; exit code 7 when it failed', (call, [id = '']) =>
    untilEnd(call, id),
  );
  addCommand<{ follow?: boolean; after: number }>(
    job,
    'logs <id>',
    'what a job has logged',
    async ({ client, format }, [id = ''], { follow = false, after }) => {
      for await (const line of client.jobs.logs(id, { follow, after })) {
        write(
          format === 'table'
            ? `${when(line.at)}  ${line.level.padEnd(5)}  ${line.message}`
            : JSON.stringify(line),
        );
      }
    },
    (command) =>
      command
        .option('-f, --follow', 'until the job has ended')
        .option('--after <seq>', 'only lines behind this one', wholeNumber, 0),
  );
  for (const [verb, meaning] of [
    ['cancel', 'cancel waiting jobs, ask running ones to stop'],
    ['retry', 'put jobs that failed for good back into their queue'],
  ] as const) {
    addCommand(job, `${verb} <id...>`, meaning, async ({ client, format }, ids) => {
      for (const id of ids) {
        const after = await client.jobs[verb](id);
        if (format === 'table')
          write(`${after.id}  ${after.cancel_requested ? 'asked to stop' : after.status}`);
        else printOne(after, format);
      }
    });
  }
}

/** Tells every change of state and progress on standard error, the ended job on standard output. */
async function untilEnd({ client, format }: Pick<Call, 'client' | 'format'>, id: string): Promise<void> {
  let told = '';
  for (;;) {
    const job = await client.jobs.get(id);
    const share = job.progress ? ` ${Math.round(job.progress.share * 100)} % ${job.progress.note ?? ''}` : '';
    const state = `${job.status}${share}`.trimEnd();
    if (state !== told) say(`job ${id} ${state}`);
    told = state;
    if (hasEnded(job)) {
      printOne(job, format);
      if (job.status !== 'done')
        throw new CommandFailed(exitCodes.jobFailed, job.error_msg ?? `job ${job.status}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

export interface NewJobOptions {
  name?: string;
  data: string;
  queue?: string;
  runAt?: string;
  deadline?: string;
  weight?: number;
  maxRetries?: number;
  timeoutMs?: number;
  idempotencyKey?: string;
  concurrencyKey?: string;
  label?: Record<string, string>;
}

export const newJobOptions = (command: Command): Command =>
  command
    .option('-n, --name <name>', 'its name, and that of its series; the type by default')
    .option('-d, --data <json>', 'payload: JSON, @file or - for standard input', '{}')
    .option('--queue <queue>')
    .option('--run-at <time>', 'not before (RFC 3339)')
    .option('--deadline <time>', 'RFC 3339')
    .option('--weight <number>', 'static priority', Number)
    .option('--max-retries <count>', 'starts after the first', wholeNumber)
    .option('--timeout-ms <ms>', 'longest run of one attempt', wholeNumber)
    .option('--idempotency-key <key>')
    .option('--concurrency-key <key>')
    .option('--label <key=value...>', 'labels', pair);

export async function newJobOf(type: string, options: NewJobOptions): Promise<NewJob> {
  const fields = {
    queue: options.queue,
    run_at: options.runAt,
    deadline: options.deadline,
    weight: options.weight,
    max_retries: options.maxRetries,
    timeout_ms: options.timeoutMs,
    idempotency_key: options.idempotencyKey,
    concurrency_key: options.concurrencyKey,
    labels: options.label,
  };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { type, name: options.name ?? type, payload: await payloadOf(options.data), ...given };
}

async function payloadOf(data: string): Promise<Record<string, unknown>> {
  const json =
    data === '-'
      ? await text(process.stdin)
      : data.startsWith('@')
        ? await readFile(data.slice(1), 'utf8')
        : data;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch (error) {
    throw new CommandFailed(2, `--data is not JSON: ${(error as Error).message}`);
  }
}

function pair(value: string, before: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as key=value');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

function wholeNumber(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('a whole number');
}
