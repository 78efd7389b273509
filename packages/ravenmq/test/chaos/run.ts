/**
 * npm run chaos -- --profile pr|nightly|release [--seed N] [--only F1,F7] [--part K/N] [--json FILE] [--state FILE]
 * Ends with 1 when an assertion does not hold. With a state file, a run that was broken off goes on where it was.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { faults } from './faults/catalogue.ts';
import { hasOwnNamespace, mountSmallDisk, runInOwnNamespace } from './own-namespace.ts';
import { type Profile, partOf, type Unit, unitsOf } from './profiles.ts';
import { startServer } from './server.ts';
import { problemsOf, table, totals } from './table.ts';
import { type Result, runTrial } from './trial.ts';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'pr' },
    seed: { type: 'string' },
    only: { type: 'string' },
    part: { type: 'string' },
    json: { type: 'string' },
    state: { type: 'string' },
  },
});

const profiles: Profile[] = ['pr', 'nightly', 'release'];
const profile = profiles.find((name) => name === values.profile);
if (!profile) throw new Error(`--profile ${values.profile}: one of ${profiles.join(', ')}`);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: a whole number`);

const units = chosen(profile);
const done = finishedBefore();
const results: Result[] = [];
console.log(
  `chaos: profile ${profile}, seed ${seed}, ${units.length} trials${values.part ? `, part ${values.part}` : ''}`,
);
for (const unit of units) {
  const before = done.get(unit.name);
  const result = before ?? (await run(unit, profile));
  results.push(result);
  if (!before) report(unit, result);
}
console.log(`\n${table(results)}\n\n${totals(results)}\nseed ${seed}`);
const red = results.filter((result) => !result.ok);
for (const result of red)
  console.log(`\nRED ${result.fault} (${result.title})\n${problemsOf(result).join('\n')}`);
if (red.length > 0) {
  const only = [...new Set(red.map((result) => result.fault))].join(',');
  console.log(`\nRun again: npm run chaos -- --profile ${profile} --seed ${seed} --only ${only}`);
}
process.exit(red.length > 0 ? 1 : 0);

function chosen(of: Profile): Unit[] {
  const only = values.only?.split(',');
  const unknown = only?.filter((id) => !faults.some((fault) => fault.id === id)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`--only ${unknown.join(',')}: there are ${faults.map((fault) => fault.id).join(', ')}`);
  }
  const all = unitsOf(of).filter((unit) => only?.includes(unit.fault) ?? true);
  if (values.part === undefined) return all;
  const [part = 0, count = 0] = values.part.split('/').map(Number);
  if (!(part >= 1 && part <= count)) throw new Error(`--part ${values.part}: K/N with K from 1 to N`);
  return partOf(all, part, count);
}

/** Trials of an earlier run with the same profile and seed. */
function finishedBefore(): Map<string, Result> {
  const lines =
    values.state && existsSync(values.state) ? readFileSync(values.state, 'utf8').trim().split('\n') : [];
  const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return new Map(
    entries
      .filter((entry) => entry.profile === profile && entry.seed === seed)
      .map((entry) => [entry.unit, entry.result]),
  );
}

async function run(unit: Unit, of: Profile): Promise<Result> {
  const fault = faults.find(({ id }) => id === unit.fault);
  if (!fault) throw new Error(`no fault ${unit.fault}`);
  // A server for each, so that one that was broken for good does not spoil the next.
  const apart = fault.smallDisk && !fault.skipped?.();
  if (apart && !hasOwnNamespace()) return runInOwnNamespace(unit, of, seed);
  const server = await startServer(apart ? { folder: mountSmallDisk() } : {});
  try {
    return await runTrial(fault, server, unit.size, seedOf(unit));
  } finally {
    await server.remove();
  }
}

/** The first repetition has the run's own seed, so that it can be run alone. */
function seedOf({ name }: Unit): number {
  const repetition = Number(/ (\d+)\//.exec(name)?.[1] ?? 1);
  return seed + repetition - 1;
}

function report(unit: Unit, result: Result): void {
  const line = JSON.stringify({ profile, seed, unit: unit.name, at: new Date().toISOString(), result });
  if (values.json) appendFileSync(values.json, `${line}\n`);
  if (values.state) appendFileSync(values.state, `${line}\n`);
  const word = result.skipped === undefined ? (result.ok ? 'ok' : 'RED') : `skipped: ${result.skipped}`;
  console.log(`${unit.name.padEnd(8)} ${word.padEnd(4)} ${result.seconds.toFixed(0)} s  ${result.title}`);
  for (const note of result.notes) console.log(`         ${note}`);
  if (!result.ok) console.log(problemsOf(result).join('\n'));
}
