/** What a run leaves behind: a line of JSON per contestant, with everything that is needed to judge the numbers. */
import { cpus, totalmem } from 'node:os';
import type { Figures } from './compare.ts';
import { peerVersion } from './peers/module.ts';
import { redisVersion } from './redis.ts';
import { type Spread, spread } from './spread.ts';
import type { Stage } from './stage.ts';

export interface Line {
  benchmark: string;
  contestant: string;
  date: string;
  machine: string;
  versions: Record<string, string>;
  /** Of PostgreSQL. */
  settings: Record<string, string>;
  rounds: number;
  scale: number;
  figures: Record<string, Figure>;
}

export interface Figure extends Spread {
  /** Of the first contestant's number to this one's, round by round. */
  ratio?: Spread;
}

const told = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'wal_compression',
];

export async function linesOf(
  stage: Stage | undefined,
  benchmark: string,
  scale: number,
  results: Map<string, Figures[]>,
  versions: Record<string, string> = {},
): Promise<Line[]> {
  const { server_version: postgresql, ...others } = stage ? await settingsOf(stage) : {};
  const first = [...results.values()][0] as Figures[];
  const date = new Date().toISOString();
  return [...results].map(([contestant, runs]) => ({
    benchmark,
    contestant,
    date,
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions: {
      node: process.versions.node,
      ...(postgresql && { postgresql }),
      ...versionOf(contestant),
      ...versions,
    },
    settings: others,
    rounds: runs.length,
    scale,
    figures: figuresOf(runs, runs === first ? undefined : first),
  }));
}

async function settingsOf({ pool }: Stage): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    'select name, current_setting(name) as setting from pg_settings where name = any ($1) order by name',
    [['server_version', ...told]],
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

function versionOf(contestant: string): Record<string, string> {
  const version = peerVersion(contestant);
  const redis = contestant === 'bullmq' ? redisVersion() : undefined;
  return { ...(version && { [contestant]: version }), ...(redis && { redis }) };
}

function figuresOf(runs: Figures[], first?: Figures[]): Record<string, Figure> {
  const names = Object.keys(runs[0] as Figures);
  return Object.fromEntries(
    names.map((name) => {
      const values = runs.map((run) => run[name] as number);
      // Round by round: the two numbers were measured right after each other.
      const ratios = first?.flatMap((run, n) => {
        const [one, other] = [run[name], values[n]];
        return one === undefined || !other ? [] : [one / other];
      });
      return [name, { ...spread(values), ...(ratios?.length && { ratio: spread(ratios) }) }];
    }),
  );
}
