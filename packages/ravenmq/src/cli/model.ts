/** `ravenmq model`: who predicts, and how well, from the terminal; straight to the database. */
import type { Command } from 'commander';
import type { Pool } from '../db/connect.ts';
import { askForTraining, changeChoice, rollBack } from '../models/choice.ts';
import type { CandidateScores } from '../models/report.ts';
import { type PredictorState, readPredictor } from '../models/state.ts';
import { auditCommand, columns, onDatabase } from './on-database.ts';
import type { Context } from './roles.ts';

export function addModel(program: Command, configure: () => Context): void {
  const model = program.command('model').description('the predictor: status, training, choice by hand');
  const command = (name: string, description: string, run: (pool: Pool, args: string[]) => Promise<string>) =>
    model
      .command(name)
      .description(description)
      .action(async (...given: unknown[]) => {
        const args = given.slice(0, -2).map(String);
        process.stdout.write(`${await onDatabase(configure(), (pool) => run(pool, args))}\n`);
      });

  command('status', 'who predicts, since when, and the last versions', async (pool) =>
    statusText(await readPredictor(pool)),
  );
  command('evaluate', 'how right every candidate was on runs it had not seen', async (pool) =>
    scoresText(await readPredictor(pool)),
  );
  command('train', 'train the candidates that can be, now', async (pool) => {
    await askForTraining(pool);
    await auditCommand(pool, 'predictor.train', 'all', {});
    return 'The predictor trains within a second when it has runs to learn from; see ravenmq model status.';
  });
  command(
    'promote <candidate> [version]',
    'let this candidate predict until further notice',
    (pool, args) => {
      const [candidate = '', version] = args;
      return change(pool, candidate, version === 'undefined' ? undefined : Number(version));
    },
  );
  command(
    'rollback <candidate>',
    'use the weights before the present ones',
    async (pool, [candidate = '']) => {
      const version = await rollBack(pool, candidate, null);
      if (version === undefined) throw new Error(`${candidate} has no earlier version to go back to.`);
      await auditCommand(pool, 'predictor.rollback', candidate, { version });
      return `${candidate} predicts with version ${version}. ravenmq model auto lets measured gain decide again.`;
    },
  );
  command('auto', 'let measured gain decide', async (pool) => {
    await changeChoice(pool, { mode: 'auto', userId: null });
    await auditCommand(pool, 'predictor.choice', 'auto', {});
    return 'Measured gain decides.';
  });
  command('off', 'predict with running statistics only', async (pool) => {
    await changeChoice(pool, { mode: 'off', userId: null });
    await auditCommand(pool, 'predictor.choice', 'off', {});
    return 'Running statistics predict.';
  });
}

async function change(pool: Pool, candidate: string, version: number | undefined): Promise<string> {
  if (version !== undefined && !Number.isInteger(version)) throw new Error('A version is a whole number.');
  await changeChoice(pool, { mode: 'fixed', candidate, version, userId: null });
  await auditCommand(pool, 'predictor.choice', candidate, { version });
  return `${candidate} predicts. ravenmq model auto lets measured gain decide again.`;
}

function statusText({ choice, report, learned_at: at, versions, events }: PredictorState): string {
  const lines = [
    choice.mode === 'fixed'
      ? `Fixed by hand: ${choice.candidate}${choice.version === null ? '' : `, version ${choice.version}`}.`
      : choice.mode === 'off'
        ? 'Learning is off: running statistics predict.'
        : 'Measured gain decides.',
  ];
  if (report) {
    lines.push(
      `The order counts ${report.champions.misorder}; the median shown is that of ${report.champions.logError}.`,
      `${report.runs} runs judged, the last at ${at}.`,
    );
  } else lines.push('Nothing has been learned yet.');
  for (const { id, candidate, trained_at: trained, samples, took_ms: ms } of versions.slice(0, 10))
    lines.push(`version ${id}  ${candidate}  ${trained}  ${samples} samples in ${(ms / 1000).toFixed(1)} s`);
  for (const { at, kind, question, candidate, before } of events.slice(0, 10))
    lines.push(`${at}  ${kind} ${candidate ?? ''}${question ? ` for ${question}` : ''}, before: ${before}`);
  return lines.join('\n');
}

function scoresText({ report }: PredictorState): string {
  if (!report) return 'Nothing has been learned yet.';
  const header = ['candidate', 'misorder', 'log error', 'MAPE', 'within p90'];
  const row = (name: string, { misorder, logError, mape, coverage }: CandidateScores) => [
    name,
    misorder.toFixed(3),
    logError.toFixed(3),
    `${(mape * 100).toFixed(1)} %`,
    `${(coverage * 100).toFixed(1)} %`,
  ];
  const rows = [header, ...Object.entries(report.candidates).map(([name, scores]) => row(name, scores))];
  return columns(rows);
}
