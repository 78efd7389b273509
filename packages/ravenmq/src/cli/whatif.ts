/** `ravenmq whatif`: replays the system's own finished jobs in other orders, with other slots, with more arrivals. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { spoken } from '../plan/range.ts';
import { readHistory } from '../simulator/from-history.ts';
import { predictorNames } from '../simulator/predictors.ts';
import { answerInThread } from '../whatif/in-thread.ts';
import {
  type Answer,
  comparable,
  type Question,
  type Row,
  type Window,
  windows,
} from '../whatif/question.ts';
import { onDatabase } from './on-database.ts';
import type { Context } from './roles.ts';
import { progressOn } from './simulate-progress.ts';

interface Options {
  window: Window;
  queue?: string;
  policy: Question['policies'];
  slots: number[];
  arrivals: number[];
  predictor: string;
  json?: true;
}

/** Jobs that are replayed at most, the latest. */
const limit = 100_000;

export function addWhatif(program: Command, configure: () => Context): void {
  program
    .command('whatif')
    .description(
      'replay the finished jobs of the system at DATABASE_URL in other circumstances: docs/explain.md',
    )
    .addOption(new Option('--window <window>', 'how far back').choices(Object.keys(windows)).default('day'))
    .option('--queue <name>', 'only the jobs of one queue')
    .addOption(
      new Option('--policy <names>', 'orders to compare')
        .argParser(policies)
        .default(['fifo', 'adaptive'], 'fifo,adaptive'),
    )
    .option('--slots <numbers>', 'jobs that run at the same time; the first is what there is', numbers, [4])
    .option('--arrivals <factors>', 'how many times as many jobs come', numbers, [1])
    .addOption(
      new Option('--predictor <name>', 'who predicts').choices(predictorNames).default('shrunk-mean'),
    )
    .option('--json', 'everything, as GET /whatif/{id} answers it')
    .action((options: Options) => whatif(options, configure()));
}

async function whatif(options: Options, context: Context): Promise<void> {
  const { window, queue, policy: policies, slots, arrivals, predictor } = options;
  const rows = await onDatabase(context, (pool) =>
    readHistory(pool, { days: windows[window] / 86_400, limit, queue }),
  );
  if (rows.length < 2)
    throw new Error(`No two jobs succeeded in the last ${window}: there is nothing to replay.`);
  const question = { window, queue, policies, slots, arrival_scales: arrivals, predictor };
  const progress = progressOn(process.stderr, 'replaying');
  const found = await answerInThread(
    question,
    rows,
    (share) => progress.at(share, 1),
    new AbortController().signal,
  );
  progress.end();
  process.stdout.write(`${options.json ? JSON.stringify(found, null, 2) : answerText(found)}\n`);
}

export function answerText({ jobs, sentence, rows, capacity }: Answer): string {
  const titles = [
    'order',
    'slots',
    'arrivals',
    'used',
    'mean wait',
    'p95 wait',
    'p99 wait',
    'max wait',
    'gap',
  ];
  const table = [titles, ...rows.map(cellsOf)];
  const widths = titles.map((_, column) =>
    Math.max(...table.map((cells) => (cells[column] as string).length)),
  );
  const lines = table.map((cells) =>
    cells
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] as number) : cell.padStart(widths[n] as number)))
      .join('  '),
  );
  return [`${jobs} jobs. ${sentence}`, '', ...lines, '', ...capacity.map((each) => each.sentence)].join('\n');
}

const cellsOf = (row: Row): string[] => [
  row.policy,
  String(row.slots),
  `${row.arrival_scale} x`,
  `${Math.round(100 * row.utilisation)} %`,
  ...[row.mean_wait_ms, row.p95_wait_ms, row.p99_wait_ms, row.max_wait_ms].map(spoken),
  row.gap_wait.toFixed(1),
];

function policies(text: string): Question['policies'] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !comparable.some((known) => known === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${unknown} is none of ${comparable.join(', ')}.`);
  return names as Question['policies'];
}

function numbers(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.length > 4 || values.some((value) => !(value > 0)))
    throw new InvalidArgumentError('One to four numbers above 0 are expected, such as 4,8.');
  return values;
}
