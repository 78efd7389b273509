import { expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../log.ts';
import { createOps, type Probed } from './server.ts';

async function anOps() {
  const ops = createOps({ host: '127.0.0.1', port: 0, log: silentLogger });
  const { port } = await ops.start();
  onTestFinished(() => ops.stop());
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  return { ops, url: `http://127.0.0.1:${port}`, status };
}

const well: Probed = { ready: async () => undefined, metrics: async () => 'up 1\n' };

test('alive from the start, started and ready once the role is, not ready while it stops', async () => {
  const { ops, status } = await anOps();
  const all = async () => [await status('/livez'), await status('/startupz'), await status('/readyz')];
  expect(await all()).toEqual([200, 503, 503]);
  ops.started(well);
  expect(await all()).toEqual([200, 200, 200]);
  ops.stopping();
  expect(await all()).toEqual([200, 200, 503]);
});

test('an outage makes it not ready, within the time of a probe, and leaves it alive', async () => {
  const { ops, url, status } = await anOps();
  ops.started({ ...well, ready: () => Promise.reject(new Error('connect ECONNREFUSED')) });
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.text()]).toEqual([503, 'the database does not answer\n']);
  ops.started({ ...well, ready: () => new Promise(() => {}) });
  const began = performance.now();
  expect(await status('/readyz')).toBe(503);
  expect(performance.now() - began).toBeLessThan(1_500);
  expect(await status('/livez')).toBe(200);
});

test('serves metrics, and nothing else', async () => {
  const { ops, url, status } = await anOps();
  ops.started(well);
  expect(await (await fetch(`${url}/metrics`)).text()).toBe('up 1\n');
  expect(await status('/')).toBe(404);
  expect((await fetch(`${url}/livez`, { method: 'POST' })).status).toBe(404);
});
