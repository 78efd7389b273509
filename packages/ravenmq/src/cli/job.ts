/** `ravenmq job`: single jobs, from the terminal; straight to the database, so of every organization. */
import type { Command } from 'commander';
import { type Explanation, explainJob } from '../plan/explain.ts';
import { spoken } from '../plan/range.ts';
import { onDatabase } from './on-database.ts';
import type { Context } from './roles.ts';

export function addJob(program: Command, configure: () => Context): void {
  const job = program.command('job').description('single jobs: when they start, and why not yet');
  job
    .command('explain <id>')
    .description('when a job will start, and why it does not yet')
    .option('--json', 'everything that is known, as GET /jobs/{id}/explain answers')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const context = configure();
      const explanation = await onDatabase(context, (pool) => {
        if (!/^[0-9a-f-]{36}$/i.test(id)) throw new Error(`${id} is no job id: those look like 0197...-....`);
        return explainJob({ pool, schema: context.config.schema, scope: { all: true } }, id);
      });
      if (!explanation) throw new Error(`There is no job ${id}.`);
      process.stdout.write(`${json ? JSON.stringify(explanation, null, 2) : explanationText(explanation)}\n`);
    });
}

/** The sentence, then the numbers behind it. */
function explanationText(explanation: Explanation): string {
  const {
    sentence,
    reason,
    terms,
    predicted,
    start,
    finish,
    neighbours,
    deadline_at_risk: risk,
  } = explanation;
  const lines: [string, string][] = [
    ['predicted', `${spoken(predicted.p50_ms)}, 90 %: within ${spoken(predicted.p90_ms)}`],
  ];
  if (start) lines.push(['starts', `${start.p50}, from ${start.p10} to ${start.p90}`]);
  if (finish) lines.push(['ends', `${finish.p50}, from ${finish.p10} to ${finish.p90}`]);
  if (reason) lines.push(['reason', reason.code]);
  if (terms) {
    const how = {
      stretch: `${terms.stretch} x ${spoken(terms.mean_ms)} / weight ${terms.weight} after it was ready`,
      deadline: `its deadline ${terms.deadline} less its p90 of ${spoken(terms.p90_ms)}`,
      arrival: 'when it was ready',
    };
    lines.push(['start-by', `${terms.start_by}: ${how[terms.set_by]}`]);
  }
  if (risk !== null) lines.push(['deadline', risk ? 'at risk' : 'will probably be met']);
  for (const { position, self, name, start_by: startBy } of neighbours)
    lines.push([
      `${self ? '>' : ' '} ${position}`,
      `${name ?? 'a job of another organization'}, start-by ${startBy ?? 'hidden'}`,
    ]);
  const width = Math.max(...lines.map(([title]) => title.length));
  return [sentence, '', ...lines.map(([title, text]) => `${title.padEnd(width)}  ${text}`)].join('\n');
}
