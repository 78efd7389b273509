/** Figures as SVG, readable on light and dark pages: panels of horizontal bars, of dots on a logarithmic axis, of lines. */
import type { Spread } from './spread.ts';

export interface Row {
  name: string;
  /** One value for bars and dots, several for a line. */
  values: Spread[];
}

export interface PanelData {
  title: string;
  kind: 'bars' | 'logarithmic' | 'lines';
  rows: Row[];
}

const width = 720;
const left = 150;
const right = 125;
const plot = width - left - right;
const rowHeight = 24;
const lineHeight = 180;

const style = `
text { font: 13px system-ui, sans-serif; fill: #24292f; } .title { font-weight: 600; }
.small { font-size: 12px; fill: #57606a; } .axis { stroke: #8c959f; } .range { stroke: #57606a; stroke-width: 1.5; }
.ours { fill: #1f6feb; color: #1f6feb; } .floor { fill: #8c959f; color: #8c959f; }
.peer-0 { fill: #d4a72c; color: #d4a72c; } .peer-1 { fill: #2da44e; color: #2da44e; } .peer-2 { fill: #cf5b3f; color: #cf5b3f; }
.line { fill: none; stroke: currentColor; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .small { fill: #9198a1; } .range { stroke: #d1d9e0; } .axis { stroke: #59636e; }
  .ours { fill: #4493f8; color: #4493f8; }
}`;

export function draw(panels: PanelData[]): string {
  let y = 8;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(text(0, y + 14, panel.title, 'title'));
    y += 26;
    const { svg, height } = panel.kind === 'lines' ? lines(panel, y) : bars(panel, y);
    parts.push(svg);
    y += height + 18;
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img">`;
  return `${svg}\n<style>${style}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

interface Drawn {
  svg: string;
  height: number;
}

function bars({ rows, kind }: PanelData, top: number): Drawn {
  const all = rows.flatMap(({ values: [value] }) => (value ? [value] : []));
  const most = Math.max(...all.map((value) => value.max), 1e-9);
  const least = Math.max(Math.min(...all.map((value) => value.min)), 1e-3);
  const logarithmic = kind === 'logarithmic';
  // A decade of room to the left, so that the smallest value has somewhere to be.
  const from = logarithmic ? Math.floor(Math.log10(least)) : 0;
  const x = (value: number) =>
    left +
    plot *
      (logarithmic
        ? (Math.log10(Math.max(value, 10 ** from)) - from) / (Math.log10(most) - from)
        : value / most);
  const svg = rows.map(({ name, values: [value] }, n) => {
    if (!value) return '';
    const middle = top + n * rowHeight + rowHeight / 2;
    const mark = logarithmic
      ? `<circle class="${colour(name)}" cx="${at(x(value.median))}" cy="${middle}" r="5"/>`
      : `<rect class="${colour(name)}" x="${left}" y="${middle - 8}" width="${at(x(value.median) - left)}" height="16" rx="2"/>`;
    const range = `<line class="range" x1="${at(x(value.min))}" x2="${at(x(value.max))}" y1="${middle}" y2="${middle}"/>`;
    return [
      text(left - 8, middle + 4, name, '', 'end'),
      mark,
      range,
      text(at(x(value.max)) + 8, middle + 4, shortNumber(value.median), 'small'),
    ].join('');
  });
  const height = rows.length * rowHeight;
  const axis = `<line class="axis" x1="${left}" x2="${left}" y1="${top}" y2="${top + height}"/>`;
  const ticks = logarithmic ? decades(from, most, x, top + height) : [];
  return { svg: [axis, ...ticks, ...svg].join('\n'), height: height + (logarithmic ? 16 : 0) };
}

function decades(from: number, most: number, x: (value: number) => number, bottom: number): string[] {
  const marks: string[] = [];
  for (let power = from; 10 ** power <= most; power++) {
    const position = at(x(10 ** power));
    marks.push(`<line class="axis" x1="${position}" x2="${position}" y1="${bottom - 4}" y2="${bottom}"/>`);
    marks.push(text(position, bottom + 14, shortNumber(10 ** power), 'small', 'middle'));
  }
  return marks;
}

function lines({ rows }: PanelData, top: number): Drawn {
  const most = Math.max(...rows.flatMap(({ values }) => values.map((value) => value.median)), 1e-9);
  const steps = Math.max(1, ...rows.map(({ values }) => values.length - 1));
  const bottom = top + lineHeight;
  const x = (n: number) => at(left + (plot * n) / steps);
  const y = (value: number) => at(bottom - (lineHeight - 10) * (value / most));
  const ends = apart(rows.map(({ values }) => y(values.at(-1)?.median ?? 0)));
  const svg = rows.map(({ name, values }, n) => {
    const points = values.map((value, step) => `${x(step)},${y(value.median)}`).join(' ');
    const label = text(x(values.length - 1) + 8, (ends[n] ?? 0) + 4, name, `small`);
    return `<polyline class="line ${colour(name)}" style="fill:none" points="${points}"/>${label}`;
  });
  const axes = `<path class="axis" style="fill:none" d="M${left} ${top} V${bottom} H${width - right}"/>`;
  const scale = text(left - 8, y(most) + 4, shortNumber(most), 'small', 'end');
  return {
    svg: [axes, scale, text(left - 8, bottom + 4, '0', 'small', 'end'), ...svg].join('\n'),
    height: lineHeight,
  };
}

/** Labels at these heights, moved down where they would lie on each other. */
function apart(heights: number[]): number[] {
  const moved = [...heights];
  let last = Number.NEGATIVE_INFINITY;
  for (const n of heights.map((_, n) => n).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))) {
    last = Math.max(heights[n] ?? 0, last + 15);
    moved[n] = last;
  }
  return moved;
}

function colour(name: string): string {
  if (name.startsWith('ravenmq') || name.startsWith('champion')) return 'ours';
  if (name.endsWith('sql') || name.startsWith('bare') || name.startsWith('true')) return 'floor';
  return `peer-${Math.max(0, ['pg-boss', 'graphile-worker', 'bullmq'].indexOf(name))}`;
}

function text(x: number, y: number, content: string, className = '', anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" class="${className}" text-anchor="${anchor}">${escaped}</text>`;
}

const at = (position: number): number => Math.round(position * 10) / 10;

export function shortNumber(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
