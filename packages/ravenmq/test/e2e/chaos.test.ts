/** The pr profile of the fault harness: every fault a test of its own. docs/reliability.md says what is checked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faults } from '../chaos/faults/catalogue.ts';
import { unitsOf } from '../chaos/profiles.ts';
import { type Server, startServer } from '../chaos/server.ts';
import { problemsOf, table, totals } from '../chaos/table.ts';
import { type Result, runTrial } from '../chaos/trial.ts';

const seed = Number(process.env.RAVENMQ_CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000));
const results: Result[] = [];
let server: Server;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  console.log(`chaos, seed ${seed}\n${table(results)}\n${totals(results)}`);
  await server.remove();
});

test.each(unitsOf('pr'))('$fault', async ({ fault: id, size }) => {
  const fault = faults.find((one) => one.id === id);
  if (!fault) throw new Error(`no fault ${id}`);
  const result = await runTrial(fault, server, size, seed);
  results.push(result);
  const again = `npm run chaos -- --profile pr --seed ${seed} --only ${id}`;
  expect(problemsOf(result), `${fault.title}; ${result.notes.join('; ')}; again: ${again}`).toEqual([]);
});
