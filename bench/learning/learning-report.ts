/** Rewrites the marked parts of docs/prediction.md, and its figure, from the saved replays. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { draw, type PanelData } from '../chart.ts';
import { replaceMarked } from '../marked.ts';
import { spread } from '../spread.ts';
import { estimateOf, meanOf } from './confidence.ts';
import { learningPredictors } from './learning.ts';
import { type SavedReplay, savedReplays } from './replays.ts';

const docs = new URL('../../docs/', import.meta.url);

export function writeLearning(): void {
  const replays = savedReplays();
  if (replays.length === 0) return;
  const page = new URL('prediction.md', docs);
  const parts = {
    gaps: `![gaps](figures/learning.svg)\n\n${gapTable(replays)}\n\n${conditionsOf(replays)}`,
    errors: `${errorTable(replays)}\n\n${againstSimpleTable(replays)}`,
    orders: orderTable(replays),
    ablation: ablationTable(replays),
  };
  let text = readFileSync(page, 'utf8');
  for (const [name, part] of Object.entries(parts))
    text = replaceMarked(text, 'docs/prediction.md', name, part);
  writeFileSync(page, text);
  mkdirSync(new URL('figures/', docs), { recursive: true });
  writeFileSync(new URL('figures/learning.svg', docs), draw(panelsOf(replays)));
}

type Of = (replay: SavedReplay) => number;
const wait: Of = ({ gap }) => gap.wait;
const slowdown: Of = ({ gap }) => gap.slowdown;
const logError: Of = ({ figures }) => figures.logError;
const p99: Of = ({ figures, fifo }) => figures.p99WaitMs / fifo.p99WaitMs;
const longest: Of = ({ figures, fifo }) => figures.maxWaitMs / fifo.maxWaitMs;

/** The oracle's row is what the order could be with true run times. */
const oracleName = 'true run times';
const nameOf = ({ policy, predictor }: SavedReplay) =>
  policy === 'adaptive-oracle' ? oracleName : predictor;

const tracesOf = (replays: SavedReplay[]) => [...new Set(replays.map(({ trace }) => trace))];

/** Replays of the adaptive order by predictor, in the order in which they are listed. */
function byPredictor(replays: SavedReplay[]): [string, SavedReplay[]][] {
  const adaptive = replays.filter(({ policy }) => policy.startsWith('adaptive'));
  const groups = Map.groupBy(adaptive, nameOf);
  return [...learningPredictors, oracleName].flatMap((name) => {
    const group = groups.get(name);
    return group ? [[name, group] as [string, SavedReplay[]]] : [];
  });
}

/** Means over the seeds, trace by trace; NaN where there is none. */
const perTrace = (group: SavedReplay[], traces: string[], of: Of): number[] =>
  traces.map((trace) => meanOf(group.filter((replay) => replay.trace === trace).map(of)));

const pair = (a: number | undefined, b: number | undefined) =>
  Number.isFinite(a) && Number.isFinite(b) ? `${(a as number).toFixed(1)} / ${(b as number).toFixed(1)}` : '';

function gapTable(replays: SavedReplay[]): string {
  const traces = tracesOf(replays);
  const rows = byPredictor(replays).map(([name, group]) => {
    const [waits, slowdowns] = [perTrace(group, traces, wait), perTrace(group, traces, slowdown)];
    const tails = perTrace(group, traces, p99);
    const whole = waits.every(Number.isFinite);
    return [
      name,
      ...waits.map((value, n) => pair(value, slowdowns[n])),
      whole ? pair(meanOf(waits), meanOf(slowdowns)) : '',
      whole ? pair(Math.min(...waits), Math.min(...slowdowns)) : '',
      whole ? `${meanOf(tails).toFixed(2)} (${Math.max(...tails).toFixed(2)})` : '',
      whole ? ratios(perTrace(group, traces, longest)) : '',
    ];
  });
  const titles = [
    'gap, wait / slowdown',
    ...traces,
    'mean',
    'worst',
    'p99 wait / FIFO',
    'longest wait / FIFO',
  ];
  return tableOf(titles, rows);
}

const ratios = (values: number[]) => `${meanOf(values).toFixed(2)} (${Math.max(...values).toFixed(2)})`;

function errorTable(replays: SavedReplay[]): string {
  const traces = tracesOf(replays);
  const predictors = byPredictor(replays).filter(([name]) => name !== oracleName);
  const rows = predictors.map(([name, group]) => [
    name,
    ...perTrace(group, traces, logError).map((value, n) => {
      const order = perTrace(group, traces, ({ figures }) => figures.misorder)[n] as number;
      return Number.isFinite(value) ? `${value.toFixed(3)} / ${order.toFixed(3)}` : '';
    }),
    mean(group.map(({ figures }) => 100 * figures.p90Coverage)),
  ]);
  return tableOf(['log error / mis-order', ...traces, 'runs within p90, %'], rows);
}

const mean = (values: number[]) => meanOf(values).toFixed(0);

/** What needs no training. */
const simple = ['base-per-type', 'shrunk-log-mean', 'shrunk-mean', 'experts'];

/** How far the champion's log error is from that of the best simple predictor of each trace. */
function againstSimpleTable(replays: SavedReplay[]): string {
  const predictors = byPredictor(replays);
  const champion = predictors.find(([name]) => name === 'champion')?.[1] ?? [];
  const rows = tracesOf(replays).flatMap((trace) => {
    const errorOf = (group: SavedReplay[]) => perTrace(group, [trace], logError)[0] as number;
    const [best] = predictors
      .filter(([name]) => simple.includes(name))
      .map(([name, group]): [string, number] => [name, errorOf(group)])
      .sort(([, a], [, b]) => a - b);
    const own = errorOf(champion);
    if (!best || !Number.isFinite(own)) return [];
    return [
      [trace, best[0], best[1].toFixed(3), own.toFixed(3), `${signed(100 * (own / best[1] - 1), 1)} %`],
    ];
  });
  return tableOf(['log error', 'best simple predictor', 'its', 'champion’s', 'difference'], rows);
}

/** The orders by the cheapest predictor. */
function orderTable(replays: SavedReplay[]): string {
  const traces = tracesOf(replays);
  const cheapest = replays.filter(({ predictor }) => ['shrunk-mean', 'oracle'].includes(predictor));
  const rows = [...Map.groupBy(cheapest, ({ policy }) => policy)].map(([policy, group]) => {
    const of = (what: Of) => perTrace(group, traces, what);
    return [policy, pair(meanOf(of(wait)), meanOf(of(slowdown))), ratios(of(p99)), ratios(of(longest))];
  });
  return tableOf(['order', 'gap, wait / slowdown', 'p99 wait / FIFO', 'longest wait / FIFO'], rows);
}

/** With and without the LSTM among the candidates, seed by seed. */
function ablationTable(replays: SavedReplay[]): string {
  const of = (predictor: string) => replays.filter((replay) => replay.predictor === predictor);
  const [without, withIt] = [of('champion-without-lstm'), of('champion')];
  const rows = tracesOf(replays).flatMap((trace) => {
    const pairs = withIt.flatMap((replay) => {
      const other = without.find(({ trace, seed }) => trace === replay.trace && seed === replay.seed);
      return other && replay.trace === trace ? [{ replay, other }] : [];
    });
    if (pairs.length === 0) return [];
    const change = (what: Of, digits: number, factor = 1) => {
      const values = pairs.map(({ replay, other }) => factor * (what(replay) - what(other)));
      const { mean, margin } = estimateOf(values);
      return `${signed(mean, digits)}${margin === undefined ? '' : ` ± ${margin.toFixed(digits)}`}`;
    };
    const percent: Of = (replay) => 100 * Math.log(logError(replay));
    return [[trace, String(pairs.length), change(wait, 1), change(slowdown, 1), change(percent, 1)]];
  });
  return tableOf(['with the LSTM', 'seeds', 'gap, wait', 'gap, slowdown', 'log error, %'], rows);
}

const signed = (value: number, digits: number) => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;

function conditionsOf(replays: SavedReplay[]): string {
  const traces = tracesOf(replays).map((trace) => {
    const { jobs, slots, utilisation } = replays.find((replay) => replay.trace === trace) as SavedReplay;
    return `${trace} ${jobs} jobs on ${slots} slots, ${(100 * utilisation).toFixed(0)} % used`;
  });
  const seeds = new Set(replays.map(({ seed }) => seed)).size;
  const last = replays.toSorted((a, b) => (a.date < b.date ? -1 : 1)).at(-1) as SavedReplay;
  return `${last.date.slice(0, 10)}, ${last.machine}; means of up to ${seeds} shaken replays. ${traces.join('; ')}.`;
}

function panelsOf(replays: SavedReplay[]): PanelData[] {
  const predictors = byPredictor(replays);
  return tracesOf(replays).map((trace) => ({
    title: `${trace}: mean wait, of the way from first come, first served to clairvoyant, %`,
    kind: 'bars',
    rows: predictors.flatMap(([name, group]) => {
      const values = group
        .filter((replay) => replay.trace === trace)
        .map((replay) => Math.max(0, wait(replay)));
      return values.length > 0 ? [{ name, values: [spread(values)] }] : [];
    }),
  }));
}

function tableOf(titles: string[], rows: string[][]): string {
  return [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
