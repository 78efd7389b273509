import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { settings } from '../../packages/ravenmq/src/config.ts';
import { allManifests, filesIn, type Manifest, manifestsOf, podOf, read, readJson, root } from './files.ts';
import { moduleOf } from './models.ts';

const all = allManifests();
const pods = all.filter(([, manifest]) => podOf(manifest));
const ours = pods.filter(([, manifest]) => podOf(manifest).containers[0].image.includes('/ravenmq-'));
const variables = new Set(Object.values(settings).flatMap(({ env }) => [env, `${env}_FILE`]));
const others = new Set(['NODE_EXTRA_CA_CERTS', 'URLS']);
const { version } = readJson('packages/ravenmq/package.json');

test('every manifest has the form of its kind', async () => {
  for (const [where, manifest] of all) {
    const { [manifest.kind]: Model } = await import(moduleOf(manifest.apiVersion));
    expect(Model, `${where}: ${manifest.apiVersion}`).toBeDefined();
    expect(() => new Model(manifest).validate(), where).not.toThrow();
  }
});

/** The compiler refuses fields that a type does not have; the checks of the form above pass them over. */
async function compile(manifests: [string, Manifest][]): Promise<string> {
  // Beside the packages, so that their types are found.
  const folder = await mkdtemp(join(root, 'node_modules', '.manifests-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lines = manifests.map(
    ([where, manifest], n) =>
      `/* ${where.replaceAll('*/', '')} */ const m${n}: import(${JSON.stringify(moduleOf(manifest.apiVersion))}).I${manifest.kind} = ${JSON.stringify(manifest)};`,
  );
  await writeFile(join(folder, 'manifests.ts'), `${lines.join('\n')}\nexport {};\n`);
  const args = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    '',
    'manifests.ts',
  ];
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  return promisify(execFile)(tsc, args, { cwd: folder }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

test('no manifest has a field that its kind does not know', { timeout: 60_000 }, async () => {
  const [where, some] = ours[0] as [string, Manifest];
  const wrong = structuredClone(some);
  podOf(wrong).containers[0].imagee = 'x';
  expect(await compile([...all, [where, wrong]])).toMatch(
    new RegExp(`^manifests.ts\\(${all.length + 1},[^\\n]*imagee[^\\n]* does not exist[^\\n]*\\n?$`),
  );
});

describe('pods', () => {
  test.each(ours)('%s: no rights, nothing to write to, bounded memory', (_, manifest) => {
    const pod = podOf(manifest);
    const shell = pod.containers[0].image.includes('worker-shell');
    expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    expect(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC).toBeUndefined();
    if (!shell) expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
    for (const { securityContext, resources, image } of pod.containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
      expect(securityContext.capabilities.drop).toEqual(['ALL']);
      expect(securityContext.capabilities.add ?? []).toEqual(shell ? ['SETUID', 'SETGID', 'KILL'] : []);
      expect(resources.limits.memory).toBeDefined();
      expect(resources.requests.cpu).toBeDefined();
      expect(image).toMatch(
        new RegExp(`^ghcr.io/ravenmq/ravenmq-[a-z-]+:${version.replaceAll('.', '\\.')}$`),
      );
    }
    // Only those whose task it is may talk to the cluster.
    const speaks = /kubernetes/.test(String(pod.containers[0].args));
    expect(pod.automountServiceAccountToken).toBe(speaks);
  });

  test.each(ours)('%s: its settings exist, and its secrets are mounted files', (_, manifest) => {
    const pod = podOf(manifest);
    for (const { env = [], volumeMounts = [] } of pod.containers) {
      for (const { name, value } of env) {
        expect([...variables, ...others]).toContain(name);
        if (!name.endsWith('_FILE')) continue;
        expect(
          volumeMounts.some(({ mountPath }: { mountPath: string }) => value.startsWith(`${mountPath}/`)),
        ).toBe(true);
      }
      const names = env.map(({ name }: { name: string }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  const roles = ours.filter(
    ([, { kind, metadata }]) => kind === 'Deployment' && !/deletion-cost/.test(metadata.name),
  );

  test.each(roles)('%s: probes, and time for a stop', (_, manifest) => {
    const pod = podOf(manifest);
    const [container] = pod.containers;
    const opsPort = container.ports.find(({ name }: { name: string }) => name === 'ops');
    expect(opsPort.containerPort).toBe(9464);
    expect(container.startupProbe.httpGet).toEqual({ path: '/startupz', port: 'ops' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'ops' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'ops' });
    const patience = container.startupProbe.periodSeconds * container.startupProbe.failureThreshold;
    const wait = Number(
      container.env.find(({ name }: { name: string }) => name === 'RAVENMQ_START_WAIT_MS')?.value ?? 0,
    );
    expect(patience * 1_000).toBeGreaterThan(wait);
    const grace = Number(
      container.env.find(({ name }: { name: string }) => name === 'RAVENMQ_GRACE_MS')?.value ?? 0,
    );
    const sleep = container.lifecycle?.preStop.sleep.seconds ?? 0;
    // Leases of the last jobs are handed in within twenty seconds after the grace.
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(grace + sleep * 1_000 + 20_000);
  });
});

describe('the plain manifests', () => {
  const plain = filesIn('k8s', '.yaml').flatMap((file) => manifestsOf(read(file)));
  const find = (kind: string, name: string) => plain.find((m) => m.kind === kind && m.metadata.name === name);

  test('are the folders and ports that were promised', () => {
    for (const folder of ['postgres', 'predictor', 'api', 'worker', 'scheduler', 'frontend'])
      expect(filesIn('k8s', '.yaml')).toContain(`k8s/${folder}/${folder}.yaml`);
    for (const manifest of plain)
      expect(manifest.kind === 'Namespace' ? manifest.metadata.name : manifest.metadata.namespace).toBe(
        'ravenmq',
      );
    expect(find('Service', 'api').spec).toMatchObject({
      type: 'NodePort',
      ports: [{ port: 8000, nodePort: 30000 }],
    });
    expect(find('Service', 'frontend').spec).toMatchObject({
      type: 'NodePort',
      ports: [{ port: 3000, nodePort: 30001 }],
    });
    const { spec } = find('HorizontalPodAutoscaler', 'worker');
    expect(spec).toMatchObject({ minReplicas: 1, maxReplicas: 5 });
    expect(spec.metrics[0].resource).toEqual({
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 50 },
    });
    expect(find('Deployment', 'worker').spec.replicas).toBeUndefined();
  });

  test('hold no secret, and the job that draws them may do nothing else', () => {
    expect(plain.some(({ kind }) => kind === 'Secret')).toBe(false);
    expect(find('Role', 'ravenmq-secrets').rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    ]);
  });

  test('name every pod in a policy, and every selector finds its pods', () => {
    const labelsOf = (m: Manifest) => m.spec.template.metadata.labels as Record<string, string>;
    const makers = plain.filter((m) => m.spec?.template);
    for (const maker of makers) {
      const { 'app.kubernetes.io/component': component } = labelsOf(maker);
      const policies = plain.filter(
        ({ kind, spec }) =>
          kind === 'NetworkPolicy' &&
          spec.podSelector.matchLabels?.['app.kubernetes.io/component'] === component,
      );
      expect(policies.length, component).toBe(1);
    }
    for (const { spec, metadata, kind } of plain.filter((m) =>
      ['Service', 'PodDisruptionBudget'].includes(m.kind),
    )) {
      const wanted = Object.entries<string>(kind === 'Service' ? spec.selector : spec.selector.matchLabels);
      const found = makers.filter((m) => wanted.every(([key, value]) => labelsOf(m)[key] === value));
      expect(found.length, `${kind} ${metadata.name}`).toBe(1);
    }
  });

  test('are all part of the base', () => {
    const { resources } = manifestsOf(read('k8s/Kustomization'))[0];
    expect(resources.map((file: string) => `k8s/${file}`).sort()).toEqual(filesIn('k8s', '.yaml'));
  });
});
