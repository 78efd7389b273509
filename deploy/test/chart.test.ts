/**
 * The chart. deploy/helm/rendered holds what Helm makes of the values in ci/, so that manifests are checked on machines
 * without Helm, too; where there is one (on PATH, or RAVENMQ_TEST_HELM), it must still make the same of them.
 * `vitest run --project unit deploy -u` writes them anew.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { settings } from '../../packages/ravenmq/src/config.ts';
import { filesIn, manifestsOf, read, readJson, readYaml, root } from './files.ts';

const chart = 'deploy/helm/ravenmq';
const sets = filesIn(`${chart}/ci`, '.yaml').map((file) => /([\w-]+)\.yaml$/.exec(file)?.[1] as string);

function program(variable: string, name: string): string | undefined {
  const file = process.env[variable] ?? name;
  try {
    execFileSync(file, ['version', ...(name === 'kubectl' ? ['--client'] : [])], { stdio: 'ignore' });
    return file;
  } catch {
    return undefined;
  }
}

const helm = program('RAVENMQ_TEST_HELM', 'helm');
const kubectl = program('RAVENMQ_TEST_KUBECTL', 'kubectl');

test('the versions of chart and program are one, and every example of values is rendered', () => {
  const { version } = readJson('packages/ravenmq/package.json');
  expect(readYaml(`${chart}/Chart.yaml`)).toMatchObject({ appVersion: version, version });
  expect(filesIn('deploy/helm/rendered', '.yaml')).toEqual(
    sets.map((set) => `deploy/helm/rendered/${set}.yaml`),
  );
});

test('values are checked, and a typing mistake among them is one', () => {
  const check = new Ajv({ strict: false }).compile(readJson(`${chart}/values.schema.json`));
  const defaults = readYaml(`${chart}/values.yaml`);
  for (const set of sets) {
    const values = { ...defaults, ...readYaml(`${chart}/ci/${set}.yaml`) };
    for (const name of ['database', 'api', 'frontend', 'monitoring'])
      values[name] = { ...defaults[name], ...values[name] };
    expect(check(values), `${set}: ${JSON.stringify(check.errors)}`).toBe(true);
    expect(check({ ...values, workerGroup: [] })).toBe(false);
    expect(check({ ...values, api: { ...values.api, replicas: '2' } })).toBe(false);
  }
  expect(check(defaults), 'a database has to be named').toBe(false);
});

test('the chart sets no variable that does not exist', () => {
  const known = Object.values(settings).flatMap(({ env }) => [env, `${env}_FILE`]);
  const named = filesIn(`${chart}/templates`, '').flatMap((file) =>
    file.includes('.')
      ? [...read(file).matchAll(/\b(RAVENMQ_[A-Z_]+|DATABASE_[A-Z_]+)\b/g)].map(([, name]) => name)
      : [],
  );
  expect(named.length).toBeGreaterThan(10);
  for (const name of named) expect(known).toContain(name);
});

test.runIf(helm)('Helm finds nothing wrong and makes what is kept of it', { timeout: 60_000 }, async () => {
  const run = async (...args: string[]) =>
    (await promisify(execFile)(helm as string, args, { cwd: root })).stdout;
  for (const set of sets) {
    const values = `${chart}/ci/${set}.yaml`;
    await run('lint', '--strict', chart, '--values', values);
    const text = await run('template', 'ravenmq', chart, '--namespace', 'ravenmq', '--values', values);
    // The dashboard is a file of its own; here its name is enough.
    const kept = text.replace(/^( +ravenmq\.json: \|-\n)(?: {4}.*\n)+/m, '$1    {}\n').replace(/ +$/gm, '');
    await expect(kept).toMatchFileSnapshot(`${root}deploy/helm/rendered/${set}.yaml`);
  }
  await expect(run('template', 'x', chart)).rejects.toThrow('/database/existingSecret');
});

test.runIf(kubectl)('kustomize builds the base and every overlay', { timeout: 60_000 }, async () => {
  const folders = [
    'k8s',
    'deploy/kustomize/external-database',
    'deploy/kustomize/keda',
    'deploy/kustomize/monitoring',
  ];
  const kindsOf = new Map<string, string[]>();
  for (const folder of folders) {
    const { stdout } = await promisify(execFile)(kubectl as string, ['kustomize', folder], { cwd: root });
    kindsOf.set(
      folder,
      manifestsOf(stdout).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    );
  }
  expect(kindsOf.get('deploy/kustomize/external-database')?.join()).not.toMatch(/postgres|secrets/);
  expect(kindsOf.get('deploy/kustomize/keda')).toContain('ScaledObject worker');
  expect(kindsOf.get('deploy/kustomize/keda')?.join()).not.toContain('HorizontalPodAutoscaler');
});
