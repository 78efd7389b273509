import { expect, onTestFinished } from 'vitest';
import { startProxy } from '../../test/chaos/proxy.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { silentLogger } from '../log.ts';
import { createListener } from './listen.ts';

test('a listener stops while its server answers nothing, connected or not', async ({ db }) => {
  const { hostname: host, port } = new URL(db.url);
  for (const connectedFirst of [false, true]) {
    let connections = 0;
    const proxy = await startProxy({ target: () => (connections++, { host, port: Number(port) }) });
    onTestFinished(() => proxy.stop());
    const url = new URL(db.url);
    url.port = String(proxy.port);
    const listener = createListener({
      ...{ url: url.href, schema: db.schema, applicationName: 'listener', log: silentLogger },
      channels: { something: () => {} },
    });
    if (!connectedFirst) proxy.swallow(['to server', 'to client']);
    const started = listener.start();
    if (connectedFirst) {
      await started;
      proxy.swallow(['to server', 'to client']);
    } else await eventually(() => connections > 0);

    const began = performance.now();
    await listener.stop();
    expect(performance.now() - began).toBeLessThan(3_000);
    await started;
  }
});
