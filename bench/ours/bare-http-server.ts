/**
 * Node's own HTTP server and the library's grouped submission: JSON in, ids out as JSON, and nothing else. Nobody is
 * authenticated, nothing is validated or counted. Started with the address of the database; sends its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { schema } from './database.ts';
import { producer } from './direct.ts';

interface Body {
  payload: { n: number; at: number };
  jobs: { payload: Body['payload'] }[];
}

const [databaseUrl = ''] = process.argv.slice(2);
const raven = producer(databaseUrl, true, schema);

async function submit(url: string | undefined, body: Body): Promise<object> {
  if (url === '/jobs') return { id: (await raven.one(body.payload)).id };
  return (await raven.many(body.jobs.map(({ payload }) => payload))).map(({ id }) => ({ id }));
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const answer = await submit(request.url, JSON.parse(Buffer.concat(parts).toString()));
    const text = JSON.stringify(answer);
    response.writeHead(201, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await raven.close();
  process.exit(0);
});
