import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../config.ts';
import { withFiles } from '../env-files.ts';
import { drawSecrets, keepSecretFiles } from './generated-secrets.ts';
import { createSecret } from './kubernetes.ts';

const place = { host: 'db:5432', user: 'ravenmq', name: 'ravenmq' };

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ravenmq-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'secrets');
}

test('files are made once, for owner and group only, and are settings as they stand', () => {
  const folder = aFolder();
  const names = ['admin-password', 'database-password', 'database-url', 'jwt-secret'];
  expect(keepSecretFiles(folder, place).sort()).toEqual(names);
  const contents = () => names.map((name) => readFileSync(join(folder, name), 'utf8'));
  const first = contents();
  expect(keepSecretFiles(folder, place)).toEqual([]);
  expect(contents()).toEqual(first);
  expect(readdirSync(folder).sort()).toEqual(names);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o440);

  const config = readConfig(
    withFiles({
      DATABASE_URL_FILE: join(folder, 'database-url'),
      RAVENMQ_JWT_SECRET_FILE: join(folder, 'jwt-secret'),
      RAVENMQ_ADMIN_PASSWORD_FILE: join(folder, 'admin-password'),
    }),
  );
  expect(new URL(config.databaseUrl).password).toBe(first[1]);
  expect([config.jwtSecret, config.adminPassword]).toEqual([first[3], first[0]]);
});

test('what is missing is made anew and fits what was kept', () => {
  const folder = aFolder();
  keepSecretFiles(folder, place);
  const password = readFileSync(join(folder, 'database-password'), 'utf8');
  rmSync(join(folder, 'database-url'));
  expect(keepSecretFiles(folder, { ...place, host: 'other' })).toEqual(['database-url']);
  expect(readFileSync(join(folder, 'database-url'), 'utf8')).toBe(
    `postgres://ravenmq:${password}@other/ravenmq`,
  );
});

test('no two installations have a secret in common', () => {
  const [a, b] = [drawSecrets(place), drawSecrets(place)];
  for (const name of Object.keys(a) as (keyof typeof a)[]) expect(a[name]).not.toBe(b[name]);
  expect(a['jwt-secret'].length).toBeGreaterThanOrEqual(32);
});

test('in a cluster the Secret is created once; another that exists is left alone', async () => {
  const seen: { url: string | undefined; authorization: string | undefined; body: Record<string, never> }[] =
    [];
  let status = 201;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    seen.push({ url: request.url, authorization: request.headers.authorization, body: JSON.parse(text) });
    response.statusCode = status;
    response.end('{"message":"said by the server"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const cluster = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    namespace: 'ravenmq',
    token: 'pod-token',
  };
  const secrets = drawSecrets(place);
  expect(await createSecret(cluster, 'ravenmq', { ...secrets })).toBe('created');
  expect(seen[0]).toMatchObject({
    url: '/api/v1/namespaces/ravenmq/secrets',
    authorization: 'Bearer pod-token',
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ravenmq' }, stringData: secrets },
  });
  status = 409;
  expect(await createSecret(cluster, 'ravenmq', { ...secrets })).toBe('exists');
  status = 403;
  await expect(createSecret(cluster, 'ravenmq', { ...secrets })).rejects.toThrow(/403.*said by the server/);
});
