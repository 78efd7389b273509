import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { readConfig } from '../config.ts';
import { silentLogger } from '../log.ts';
import { runDeletionCosts, tellCosts } from './deletion-costs.ts';
import { drawSecrets } from './generated-secrets.ts';
import { type Cluster, createSecret } from './kubernetes.ts';

interface Seen {
  asked: string;
  authorization: string | undefined;
  type: string | undefined;
  body: unknown;
}

/** A server that records what it is asked, and answers with the status that `statusOf` says. */
async function aServer(
  statusOf: (asked: string) => number,
  answer: object = { message: 'said by the server' },
) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { authorization, 'content-type': type } = request.headers;
    const asked = `${request.method} ${request.url}`;
    seen.push({ asked, authorization, type, body: text === '' ? undefined : JSON.parse(text) });
    response.statusCode = statusOf(asked);
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, url: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

const clusterAt = (url: string): Cluster => ({ url, namespace: 'ravenmq', token: 'pod-token' });
const place = { host: 'postgres:5432', user: 'ravenmq', name: 'ravenmq' };

test('no two installations have a secret in common', () => {
  const [a, b] = [drawSecrets(place), drawSecrets(place)];
  for (const name of Object.keys(a) as (keyof typeof a)[]) expect(a[name]).not.toBe(b[name]);
  expect(readConfig({ RAVENMQ_JWT_SECRET: a['jwt-secret'] }).jwtSecret).toBe(a['jwt-secret']);
  expect(new URL(a['database-url']).password).toBe(a['database-password']);
});

test('the Secret is created once; another that exists is left alone', async () => {
  let status = 201;
  const { seen, url } = await aServer(() => status);
  const secrets = drawSecrets(place);
  expect(await createSecret(clusterAt(url), 'ravenmq', secrets)).toBe('created');
  expect(seen).toEqual([
    {
      asked: 'POST /api/v1/namespaces/ravenmq/secrets',
      authorization: 'Bearer pod-token',
      type: 'application/json',
      body: expect.objectContaining({ apiVersion: 'v1', kind: 'Secret', stringData: secrets }),
    },
  ]);
  status = 409;
  expect(await createSecret(clusterAt(url), 'ravenmq', secrets)).toBe('exists');
  status = 403;
  await expect(createSecret(clusterAt(url), 'ravenmq', secrets)).rejects.toThrow(/403.*said by the server/);
});

test('pods cost what their workers have left, and are told only when that changed', async () => {
  const { seen, url } = await aServer((asked) => (asked.includes('gone') ? 404 : 200));
  const told = new Map<string, number>();
  const left = [
    { hostname: 'idle', running: 0, left_s: 0 },
    { hostname: 'long', running: 2, left_s: 3_599.2 },
    { hostname: 'gone', running: 0, left_s: 0 },
  ];
  await tellCosts(left, clusterAt(url), told);
  expect(seen.map(({ asked, type, body }) => [asked.split('/').at(-1), type, body])).toEqual(
    [
      ['idle', 0],
      ['long', 3_601],
      ['gone', 0],
    ].map(([pod, cost]) => [
      pod,
      'application/merge-patch+json',
      { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(cost) } } },
    ]),
  );
  await tellCosts(
    [left[0], { hostname: 'long', running: 1, left_s: 10 }] as typeof left,
    clusterAt(url),
    told,
  );
  expect(seen.slice(3).map(({ asked }) => asked)).toEqual(['PATCH /api/v1/namespaces/ravenmq/pods/long']);
  expect([...told]).toEqual([
    ['idle', 0],
    ['long', 11],
  ]);
});

test('the API is asked with the key of the file', async () => {
  const kubernetes = await aServer(() => 200);
  const api = await aServer(() => 200, { scale_in: [{ hostname: 'pod-1', running: 1, left_s: 4 }] });
  const tokenFile = join(tmpdir(), `ravenmq-token-${process.pid}`);
  await writeFile(tokenFile, 'rk_key\n');
  const stop = Promise.withResolvers<void>();
  const config = readConfig({ RAVENMQ_API_URL: api.url });
  const running = runDeletionCosts(
    { config, log: silentLogger },
    { cluster: () => clusterAt(kubernetes.url), tokenFile, until: stop.promise },
  );
  await eventually(() => kubernetes.seen.length === 1);
  stop.resolve();
  await running;
  expect(api.seen).toMatchObject([{ asked: 'GET /autoscaling/all', authorization: 'Bearer rk_key' }]);
});
