/** `ravenmq simulate`: replays a trace, or the system's own history, in several orders. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connect } from '../db/connect.ts';
import { type Comparison, compare, type PolicyName, policyNames } from '../simulator/compare.ts';
import { readHistory } from '../simulator/from-history.ts';
import type { Load } from '../simulator/load.ts';
import { predictorNames } from '../simulator/predictors.ts';
import { readTrace } from '../simulator/read-trace.ts';
import type { TraceRow } from '../simulator/trace.ts';
import type { Context } from './roles.ts';
import { progressOn } from './simulate-progress.ts';
import { scheduleLines, scheduleTitles, tableOf } from './simulate-report.ts';

interface Options {
  slots: number;
  load: Load;
  policy: PolicyName[];
  predictor: string[];
  seeds: number;
  json?: string;
  schedule?: string;
  fromHistory?: true;
  days: number;
}

/** Jobs of the history that are replayed at most, the latest. */
const historyLimit = 100_000;

export function addSimulate(program: Command, configure: () => Context): void {
  program
    .command('simulate [trace]')
    .description(
      'replay a trace (.csv or .swf, also .gz) in several orders and compare them: docs/prediction.md',
    )
    .option('--slots <n>', 'jobs that run at the same time', wholeFrom(1), 8)
    .option('--load <load>', 'moderate, or the share of the slots’ time that is used', loadOf, 'moderate')
    .addOption(listOf('--policy <names>', 'orders to replay', policyNames, policyNames.join(',')))
    .addOption(listOf('--predictor <names>', 'predictors to replay them with', predictorNames, 'shrunk-mean'))
    .option('--seeds <n>', 'replay the trace shaken, so many times; 0: once, as recorded', wholeFrom(0), 0)
    .option('--json <file>', 'write all figures of every replay')
    .option('--schedule <file>', 'write submission, start, end and prediction of every job (CSV)')
    .option('--from-history', 'replay the finished jobs of the system at DATABASE_URL')
    .option('--days <n>', 'with --from-history: how far back', wholeFrom(1), 7)
    .action((trace: string | undefined, options: Options) => simulateTrace(trace, options, configure));
}

async function simulateTrace(
  trace: string | undefined,
  options: Options,
  configure: () => Context,
): Promise<void> {
  if ((trace === undefined) === (options.fromHistory === undefined))
    throw new Error('Say what to replay: a trace file, or --from-history.');
  const rows = trace === undefined ? await ownHistory(configure(), options.days) : await readTrace(trace);
  const progress = progressOn(process.stderr, 'replaying');
  const file = options.schedule === undefined ? undefined : createWriteStream(options.schedule);
  file?.write(`${scheduleTitles}\n`);
  const written = file && finished(file);
  const comparison = compare({
    ...options,
    rows,
    policies: options.policy,
    predictors: options.predictor,
    seeds: options.seeds === 0 ? [0] : Array.from({ length: options.seeds }, (_, n) => n + 1),
    onProgress: progress.at,
    ...(file && { onSchedule: (...all) => void file.write(scheduleLines(...all)) }),
  });
  progress.end();
  file?.end();
  await written;
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(comparison, null, 2)}\n`);
  process.stdout.write(`${[headOf(comparison, options), '', ...tableOf(comparison)].join('\n')}\n`);
}

function headOf({ jobs, slots, utilisation, timeScale }: Comparison, { seeds }: Options): string {
  const replayed = seeds === 0 ? 'as recorded' : `means of ${seeds} shaken replays`;
  const used = `${(100 * utilisation).toFixed(1)} % of their time used`;
  return `${jobs} jobs on ${slots} slots, ${used} (times between submissions x ${timeScale.toPrecision(3)}), ${replayed}`;
}

async function ownHistory({ config, log }: Context, days: number): Promise<TraceRow[]> {
  const pool = connect({
    url: config.databaseUrl,
    schema: config.schema,
    max: 1,
    applicationName: 'ravenmq simulate',
    log,
  });
  try {
    const rows = await readHistory(pool, { days, limit: historyLimit });
    if (rows.length < 2)
      throw new Error(`No two jobs succeeded in the last ${days} days: there is nothing to replay.`);
    return rows;
  } finally {
    await pool.end();
  }
}

const wholeFrom = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new InvalidArgumentError(`A whole number of at least ${least} is expected.`);
  return value;
};

function loadOf(text: string): Load {
  if (text === 'moderate') return text;
  const value = Number(text);
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError('moderate, or a number between 0 and 1, is expected.');
  return value;
}

function listOf(flags: string, description: string, known: readonly string[], byDefault: string): Option {
  const parse = (text: string) => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is none of ${known.join(', ')}.`);
    return names;
  };
  return new Option(flags, description).argParser(parse).default(parse(byDefault), byDefault);
}
