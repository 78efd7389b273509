/** `npm run bench -- NAME...`: answers questions or single measurements, `all` all of them; lists them without a name. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { claimForm } from './claim-form.ts';
import { compare, type Measurement, type Options } from './compare.ts';
import { eta } from './eta/eta.ts';
import { drawFigures } from './figures.ts';
import { learning, learningPredictors } from './learning/learning.ts';
import { writeLearning } from './learning/learning-report.ts';
import { netSpeed } from './learning/net-speed.ts';
import type { Line } from './line.ts';
import { flood } from './order/flood.ts';
import { limits } from './order/limits.ts';
import { peerVersion } from './peers/module.ts';
import { peers, questions, smoke } from './questions.ts';
import { redisVersion } from './redis.ts';
import { save } from './results.ts';
import { openStage, type Stage } from './stage.ts';

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    /** Multiplies the numbers of jobs and seconds. */
    scale: { type: 'string', default: '1' },
    /** Who takes part beside RavenMQ, comma-separated; none: nobody. */
    peers: { type: 'string' },
    /** Finished jobs that lie in the history, for the question of that name. */
    history: { type: 'string', default: '1000000' },
    /** Measures windows again in which other work took more processors than this. */
    quiet: { type: 'string', default: '1000' },
    /** Draws the figures and rewrites the tables of docs/benchmarks.md from the saved results. */
    figures: { type: 'boolean', default: false },
    /** Appends the results to bench/results, and does that. */
    save: { type: 'boolean', default: false },
    /** That the scripts run, not how fast: everything of ours once, with as few jobs as there can be. */
    smoke: { type: 'boolean', default: false },
    'install-peers': { type: 'boolean', default: false },
    /** Folders of more traces, for the question of learning; rounds are its seeds. */
    traces: { type: 'string', multiple: true, default: [] },
    /** Only what was not saved yet, to go on with a long run. */
    missing: { type: 'boolean', default: false },
    /** Which predictors it replays, comma-separated. */
    predictors: { type: 'string', default: learningPredictors.join(',') },
  },
});

const noPeers = { redis: false, historyRows: 0 };
/** What is measured in ways of its own. */
const apart = ['claim-form', 'net-speed', 'learning', 'eta', 'flood', 'limits'];

if (flags['install-peers']) installPeers();
else if (flags.figures) {
  drawFigures();
  writeLearning();
} else if (flags.smoke) {
  await answer(smoke, { rounds: 1, scale: 0, quiet: 1_000 }, 1_000);
  for (const question of [flood, limits])
    await onStage(noPeers, async (stage) => tell(await question(stage, 0)));
  tell(await netSpeed(1, 0));
  await answerEta(0);
  await learning({ folders: [], predictors: ['experts', 'champion'], seeds: 1, save: false, jobs: 300 });
} else if (names.length > 0) {
  const size = {
    rounds: Number(flags.rounds),
    scale: Number(flags.scale),
    quiet: Number(flags.quiet),
  };
  await answer(names.flatMap(measurementsOf), size, Number(flags.history));
  if (names.includes('claim-form') || names.includes('all')) await answerClaimForm(size.rounds);
  for (const [name, question] of Object.entries({ flood, limits }))
    if (names.includes(name) || names.includes('all'))
      await onStage(noPeers, async (stage) => tell(await question(stage, size.scale)));
  if (names.includes('net-speed') || names.includes('all')) tell(await netSpeed(size.rounds, size.scale));
  if (names.includes('eta') || names.includes('all')) await answerEta(size.scale);
  if (names.includes('learning') || names.includes('all')) await answerLearning();
} else list();

async function answerLearning(): Promise<void> {
  const { traces: folders, save, missing } = flags;
  const predictors = flags.predictors.split(',');
  await learning({ folders, predictors, seeds: Number(flags.rounds), save, missing });
  if (save) writeLearning();
}

async function answerEta(scale: number): Promise<void> {
  await onStage({ redis: false, historyRows: 0 }, async (stage) => tell(await eta(stage, scale)));
}

async function answerClaimForm(rounds: number): Promise<void> {
  await onStage(noPeers, async (stage) => tell(await claimForm(stage, rounds)));
}

function tell(lines: Line[]): void {
  for (const line of lines) console.log(JSON.stringify(line));
  if (!flags.save) return;
  save(lines);
  drawFigures();
}

async function answer(measurements: Measurement[], size: Options, historyRows: number): Promise<void> {
  if (measurements.length === 0) return;
  const present = measurements.map((each) => ({ ...each, contestants: each.contestants.filter(isPresent) }));
  const redis = present.some(({ contestants }) => contestants.includes('bullmq'));
  await onStage({ redis, historyRows }, async (stage) => {
    for (const measurement of present) tell(await compare(stage, measurement, size));
  });
}

async function onStage(
  options: Parameters<typeof openStage>[0],
  act: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = await openStage(options);
  try {
    await act(stage);
  } finally {
    await stage.close();
  }
}

function measurementsOf(name: string): Measurement[] {
  if (apart.includes(name)) return [];
  const all = Object.values(questions).flatMap((question) => question.measurements);
  const found =
    name === 'all'
      ? all
      : (questions[name]?.measurements ?? all.filter(({ comparison }) => comparison.benchmark === name));
  if (found.length === 0)
    throw new Error(`There is no question ${name}: \`npm run bench\` lists what there is.`);
  if (flags.peers === undefined) return found;
  const chosen = flags.peers === 'none' ? [] : flags.peers.split(',');
  return found.map(({ comparison, contestants: [first = 'ravenmq'] }) => ({
    comparison,
    contestants: [first, ...chosen],
  }));
}

function isPresent(name: string): boolean {
  if (!peers.includes(name)) return true;
  const missing = [
    peerVersion(name) === undefined &&
      `${name} is not installed; \`npm run bench -- --install-peers\` does it`,
    name === 'bullmq' && !redisVersion() && 'there is no redis-server on PATH or at REDIS_SERVER',
  ].filter(Boolean);
  if (missing.length > 0) console.error(`Without ${name}: ${missing.join(', and ')}.`);
  return missing.length === 0;
}

function installPeers(): void {
  const cwd = fileURLToPath(new URL('peers', import.meta.url));
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund'];
  process.exitCode = spawnSync('npm', args, { cwd, stdio: 'inherit' }).status ?? 1;
}

function list(): void {
  for (const [name, { meaning, measurements }] of Object.entries(questions)) {
    console.log(`${name.padEnd(10)} ${meaning}`);
    const parts = measurements.map(({ comparison }) => comparison.benchmark);
    if (parts.length > 1) console.log(`${' '.repeat(10)} (${parts.join(', ')})`);
  }
  console.log('claim-form what lanes, pause and limits cost a claim against one index scan');
  console.log('eta        how true the times are that waiting jobs are told; ten minutes');
  console.log('flood      what one organization feels of another’s flood, and whether weights are kept');
  console.log(
    'limits     20,000 jobs of 50 keys with limits, with workers lost and late; never past one, how fast',
  );
  console.log('net-speed  samples a second that the predictor learns, beside an LSTM in NumPy');
  console.log(
    'learning   how near every predictor comes to the best order, on real traces (--traces FOLDER)',
  );
}
