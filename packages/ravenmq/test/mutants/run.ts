/**
 * `npm run mutants`: plants one bug after another in a copy of the tree and checks that the test named for it fails,
 * after checking that it passes without. Arguments choose mutants by a part of their name. Exit code 1 unless every
 * mutant is caught.
 */
import { styleText } from 'node:util';
import { startTestServer } from '../global-setup.ts';
import { type Mutant, mutants } from './mutants.ts';
import { runTests } from './named-tests.ts';
import { copyTree, type Tree } from './tree.ts';

const wanted = process.argv.slice(2);
const chosen = mutants.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  console.error(`No mutant is named like ${wanted.join(' or ')}. Their names:`);
  for (const { name } of mutants) console.error(`  ${name}`);
  process.exit(1);
}

const tree = await copyTree();
const server = await startTestServer();
try {
  // Before anything runs: a text that has moved is found at once.
  for (const mutant of chosen) await (await tree.plant(mutant))();
  await checkUnmutated(tree, server.url);
  let caught = 0;
  for (const mutant of chosen) if (await isCaught(tree, server.url, mutant)) caught++;
  console.log(`\n${caught} of ${chosen.length} mutants caught`);
  if (caught < chosen.length) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await server.stop();
  await tree.remove();
}

/** A test that fails anyway catches nothing; one that does not exist neither. */
async function checkUnmutated({ folder }: Tree, url: string): Promise<void> {
  for (const project of ['unit', 'db']) {
    const tests = chosen.map((mutant) => mutant.caughtBy).filter((test) => test.project === project);
    if (tests.length === 0) continue;
    const results = await runTests(folder, url, tests);
    tests.forEach(({ file, test }, n) => {
      const own = results[n] ?? [];
      if (own.length === 0) throw new Error(`There is no test "${test}" in ${file}.`);
      const failure = own.find(({ failed }) => failed);
      if (failure) throw new Error(`Without any mutant "${test}" in ${file} fails: ${failure.reason}`);
    });
  }
}

async function isCaught({ folder, plant }: Tree, url: string, mutant: Mutant): Promise<boolean> {
  const began = performance.now();
  const undo = await plant(mutant);
  const [results = []] = await runTests(folder, url, [mutant.caughtBy]);
  await undo();
  const failure = results.find(({ failed }) => failed);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const by = failure
    ? `${mutant.caughtBy.file}: ${mutant.caughtBy.test}\n${' '.repeat(73)}${failure.reason.slice(0, 120)}`
    : styleText('red', 'NOT CAUGHT');
  console.log(`${mutant.name.padEnd(64)} ${seconds.padStart(5)} s  ${by}`);
  return failure !== undefined;
}
