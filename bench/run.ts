/** `npm run bench -- NAME`: one question per name; without a name it lists them. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Comparison, compare } from './compare.ts';
import { backlog } from './questions/backlog.ts';
import { drain } from './questions/drain.ts';
import { pickup } from './questions/pickup.ts';
import { pinned } from './questions/pinned.ts';
import { submit } from './questions/submit.ts';

interface Question {
  meaning: string;
  comparison: Comparison;
  /** What takes part beside RavenMQ. */
  beside: string[];
}

const peers = ['pg-boss', 'graphile-worker', 'bullmq'];
const databasePeers = ['pg-boss', 'graphile-worker'];
const question = (meaning: string, comparison: Comparison, beside: string[]): Question => ({
  meaning,
  comparison,
  beside,
});

const questions: Record<string, Question> = {
  drain: question('50,000 waiting jobs, one worker', drain(1), [...peers, 'bare-sql']),
  'drain-2': question('50,000 waiting jobs, two workers', drain(2), [...peers, 'bare-sql']),
  'submit-10': question('one by one, 10 callers', submit('single', 10), [
    ...peers,
    'ravenmq-quiet',
    'ravenmq-rest',
    'ravenmq-tx',
  ]),
  'submit-32': question('one by one, 32 callers', submit('single', 32), [
    ...peers,
    'ravenmq-quiet',
    'ravenmq-rest',
  ]),
  'submit-processes': question(
    'one by one, 20 processes with a caller each',
    submit('single', 1, 20),
    databasePeers,
  ),
  bulk: question('a thousand at a time, one caller', submit('bulk', 1), [
    ...peers,
    'ravenmq-rest',
    'bare-sql',
  ]),
  'bulk-4': question('a thousand at a time, four callers', submit('bulk', 4), [
    ...peers,
    'ravenmq-rest',
    'bare-sql',
  ]),
  latency: question('pickup on an idle system', pickup('latency'), peers),
  mixed: question('pickup while 500 jobs a second come one by one', pickup('mixed'), peers),
  backlog: question('20,000 of 10,000 and more waiting jobs', backlog(20_000), [
    ...databasePeers,
    'bare-sql',
  ]),
  'backlog-million': question('20,000 of 1,000,000 waiting jobs', backlog(1_000_000), [
    ...databasePeers,
    'bare-sql',
  ]),
  pinned: question('ten rounds while an old snapshot is open', pinned, [...databasePeers, 'bare-sql']),
  fairness: question('100 organizations, limits, three types', drain(1), ['ravenmq-mixed']),
};

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    /** Names of contestants beside RavenMQ, comma-separated; empty: RavenMQ alone. */
    beside: { type: 'string' },
    save: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    'install-peers': { type: 'boolean', default: false },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function ask(name: string, rounds: number, scale: number, besides?: string[]): Promise<void> {
  if (name === 'claim-form') return void (await import('./claim-form.ts'));
  const asked = questions[name];
  if (!asked) throw new Error(`There is no question ${name}.`);
  const contestants = ['ravenmq', ...(besides ?? asked.beside)];
  const lines = await compare(asked.comparison, { rounds, scale, contestants });
  if (!flags.save) return;
  mkdirSync(here('results'), { recursive: true });
  for (const line of lines) appendFileSync(here(`results/${name}.jsonl`), `${JSON.stringify(line)}\n`);
}

const [name] = positionals;
if (flags['install-peers']) {
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund'];
  process.exitCode = spawnSync('npm', args, { cwd: here('peers'), stdio: 'inherit' }).status ?? 1;
} else if (flags.smoke) {
  // That the scripts run, not how fast: every kind of question once, without peers.
  await ask('drain', 1, 0, ['bare-sql', 'ravenmq-mixed']);
  await ask('submit-10', 1, 0, ['ravenmq-rest', 'ravenmq-tx']);
  await ask('latency', 1, 0, []);
} else if (name === undefined) {
  for (const [each, { meaning }] of Object.entries(questions)) console.log(`${each.padEnd(18)} ${meaning}`);
  console.log(`${'claim-form'.padEnd(18)} what lanes, pause and limits cost a claim against the plain form`);
} else {
  await ask(name, Number(flags.rounds), Number(flags.scale), flags.beside?.split(',').filter(Boolean));
}
