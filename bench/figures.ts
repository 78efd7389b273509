/** Draws docs/figures and rewrites the marked parts of docs/benchmarks.md from the last saved run of each measurement. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { draw, type PanelData, shortNumber } from './chart.ts';
import type { Figure, Line } from './line.ts';
import { replaceMarked } from './marked.ts';
import { lastRun } from './results.ts';
import { type Panel, type Shown, shown, type Table } from './shown.ts';

const docs = new URL('../docs/', import.meta.url);

export function drawFigures(): void {
  const page = new URL('benchmarks.md', docs);
  let text = readFileSync(page, 'utf8');
  mkdirSync(new URL('figures/', docs), { recursive: true });
  for (const [question, what] of Object.entries(shown)) {
    const panels = what.panels.flatMap(panelOf);
    if (panels.length > 0) writeFileSync(new URL(`figures/${question}.svg`, docs), draw(panels));
    text = replaceMarked(
      text,
      'docs/benchmarks.md',
      question,
      panels.length > 0 ? partOf(question, what) : notYet(question),
    );
  }
  writeFileSync(page, text);
}

const notYet = (question: string) => `Not measured yet: \`npm run bench -- ${question} --save\`.`;

function panelOf({ benchmark, title, figure, kind }: Panel): PanelData[] {
  const lines = lastRun(benchmark);
  if (lines.length === 0) return [];
  const rows = lines.map(({ contestant, figures }) => ({
    name: contestant,
    values:
      kind === 'lines'
        ? Object.entries(figures).flatMap(([name, value]) => (name.startsWith(figure) ? [value] : []))
        : [figures[figure]].filter((value) => value !== undefined),
  }));
  return [{ title, kind, rows }];
}

function partOf(question: string, { tables }: Shown): string {
  const measured = tables.flatMap((table) => {
    const lines = lastRun(table.benchmark);
    return lines.length > 0 ? [{ table, lines }] : [];
  });
  const blocks = measured.map(({ table, lines }) => `${tableOf(table, lines)}\n\n${conditionsOf(lines)}`);
  return [`![${question}](figures/${question}.svg)`, ...blocks].join('\n\n');
}

function tableOf({ title, columns }: Table, lines: Line[]): string {
  const [first] = lines;
  const others = lines.length > 1;
  const head = [
    title,
    ...columns.map((column) => column.title),
    ...(others ? [`${first?.contestant} / it`] : []),
  ];
  const rows = lines.map(({ contestant, figures }) => [
    contestant,
    ...columns.map(({ figure }) => cellOf(figures[figure])),
    ...(others ? [ratioOf(figures[columns[0]?.figure ?? ''])] : []),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellOf(figure: Figure | undefined): string {
  if (!figure) return '';
  const { median, min, max } = figure;
  return min === max
    ? shortNumber(median)
    : `${shortNumber(median)} (${shortNumber(min)} to ${shortNumber(max)})`;
}

function ratioOf(figure: Figure | undefined): string {
  if (!figure?.ratio) return '';
  const { median, min, max } = figure.ratio;
  return min === max ? `${median}` : `${median} (${min} to ${max})`;
}

function conditionsOf(lines: Line[]): string {
  const [first] = lines as [Line, ...Line[]];
  const versions = Object.assign({}, ...lines.map((line) => line.versions)) as Record<string, string>;
  const said = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const scale = first.scale === 1 ? '' : `, ${first.scale} of the jobs`;
  return `${first.date.slice(0, 10)}, ${first.machine}, ${said.join(', ')}; medians (ranges) of ${first.rounds} rounds${scale}.`;
}
