/** Runs checks one after another, counts them, and ends with the plain line that says how many passed. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, findNode, install, root } from './setup.mjs';

/** Installs, and answers the Node to check with; when that fails, it counts as the one check that failed. */
export function prepare() {
  try {
    install();
    return findNode();
  } catch (error) {
    console.error(error.message);
    console.log('\n0 passed, 1 failed');
    process.exit(1);
  }
}

/** From here on this process and those it starts leave the processor to the ones that it has already started. */
export function giveWay() {
  setPriority(
    Math.min(getPriority() + constants.priority.PRIORITY_BELOW_NORMAL, constants.priority.PRIORITY_LOW),
  );
}

export function createChecks(node) {
  const total = { passed: 0, failed: 0 };
  const env = environment(node);

  function spawnHere(title, program, args) {
    console.log(`\n== ${title}`);
    const began = performance.now();
    const { status } = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    console.log(`-- ${title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return status;
  }

  /** How to run projects, and what to do with the report in `folder` when they have ended with `status`. */
  function vitest(projects, flags = []) {
    const folder = mkdtempSync(join(tmpdir(), 'ravenmq-report-'));
    const report = join(folder, 'report.json');
    return {
      folder,
      args: [
        'run',
        ...projects.map((project) => `--project=${project}`),
        ...flags,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      count(status) {
        const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
        rmSync(folder, { recursive: true, force: true });
        total.passed += counted?.numPassedTests ?? 0;
        const failed = counted?.numFailedTests ?? 0;
        // A file that does not load, or an error outside of any test, fails the run without a failed test.
        total.failed += failed === 0 && status !== 0 ? 1 : failed;
      },
    };
  }

  return {
    /** A program that fails or does not; counts as one check. */
    check(title, program, ...args) {
      const ok = spawnHere(title, program, args) === 0;
      total[ok ? 'passed' : 'failed']++;
      if (!ok) console.log(`FAILED: ${title}`);
      return ok;
    },
    /** A step that is done here; counts as one check. */
    step(title, work) {
      console.log(`\n== ${title}`);
      let ok = false;
      try {
        ok = work();
      } catch (error) {
        console.log(error);
      }
      total[ok ? 'passed' : 'failed']++;
      if (!ok) console.log(`FAILED: ${title}`);
    },
    /** Tests of one vitest project; every test counts. */
    tests(project) {
      const { args, count } = vitest([project]);
      count(spawnHere(`${project} tests`, 'vitest', args));
    },
    /** Tests of projects, one file after another beside what follows; `ended` waits and shows what they printed. */
    testsBeside(...projects) {
      const { args, folder, count } = vitest(projects, ['--maxWorkers=1']);
      const output = join(folder, 'output');
      const file = openSync(output, 'w');
      const child = spawn('vitest', args, { cwd: root, env, stdio: ['ignore', file, file] });
      const exit = new Promise((resolve) => child.on('error', resolve).on('exit', resolve));
      return {
        async ended() {
          const status = await exit;
          console.log(`\n== ${projects.join(' and ')} tests\n${readFileSync(output, 'utf8')}`);
          count(status);
        },
      };
    },
    finish() {
      console.log(`\n${total.passed} passed, ${total.failed} failed`);
      process.exit(total.failed === 0 ? 0 : 1);
    },
  };
}
