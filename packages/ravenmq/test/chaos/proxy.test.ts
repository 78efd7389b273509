import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type ChaosProxy, clear, startProxy } from './proxy.ts';

/** A server that answers every piece with itself, and what it has seen. */
async function echo(): Promise<{ port: number; seen: string[]; sockets: Socket[] }> {
  const seen: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      seen.push(chunk.toString('latin1'));
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as { port: number }).port, seen, sockets };
}

async function proxyTo(port: number): Promise<ChaosProxy> {
  const proxy = await startProxy({ target: () => ({ host: '127.0.0.1', port }), random: () => 0.5 });
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function client(proxy: ChaosProxy) {
  const socket = tcpConnect(proxy.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  let ended: string | undefined;
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code));
  socket.on('close', () => (ended ??= 'closed'));
  // A connection that is refused ends before it is noticed to be there.
  await once(socket, 'connect').catch(() => {});
  return {
    socket,
    received: () => received,
    ended: () => ended,
    send: (data: string | Buffer) => socket.write(data),
  };
}

/** A message as a PostgreSQL client sends it; without a type, the startup message. */
function message(type: string, body: string): Buffer {
  const text = Buffer.from(body, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length + 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, text]);
}
const startup = message('', '\x00\x03\x00\x00user\0me\0\0');

test('passes everything on while the weather is clear', async () => {
  const server = await echo();
  const one = await client(await proxyTo(server.port));
  one.send('hello');
  await eventually(() => one.received() === 'hello');
  one.socket.end();
  await eventually(() => server.sockets[0]?.destroyed);
});

test('delays each way, and no piece overtakes another', async () => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  const one = await client(proxy);
  proxy.weather = { ...clear, delayMs: 40, jitterMs: 20 };
  const sent = performance.now();
  one.send('a');
  await eventually(() => server.seen.length === 1);
  proxy.weather = clear;
  one.send('b');
  await eventually(() => one.received().length === 2);
  expect(one.received()).toBe('ab');
  expect(performance.now() - sent).toBeGreaterThan(50);
});

test('a stall holds up what is behind it', async () => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  const one = await client(proxy);
  proxy.weather = { ...clear, stall: 1, stallMs: 100 };
  const sent = performance.now();
  one.send('a');
  await eventually(() => server.seen.length === 1);
  expect(performance.now() - sent).toBeGreaterThan(90);
});

test.each([
  ['to server', []],
  ['to client', ['x']],
] as const)('swallows what goes %s, and nobody hears of it', async (way, seen) => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  const one = await client(proxy);
  proxy.swallow([way]);
  one.send('x');
  await eventually(() => server.seen.length === seen.length);
  proxy.swallow([]);
  one.send('y');
  const two = await client(proxy);
  two.send('z');
  await eventually(() => two.received() === 'z');
  expect(server.seen.includes('y')).toBe(way === 'to client');
  expect(one.received()).toBe('');
  expect(one.ended()).toBeUndefined();
});

test('resets both sides', async () => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  const one = await client(proxy);
  one.send('x');
  await eventually(() => server.seen.length === 1);
  expect(proxy.reset()).toBe(1);
  await eventually(() => one.ended());
  expect(one.ended()).toBe('ECONNRESET');
  await eventually(() => server.sockets[0]?.destroyed && proxy.open === 0);
});

test('refuses connections while told to', async () => {
  const proxy = await proxyTo((await echo()).port);
  proxy.refuse(true);
  const one = await client(proxy);
  await eventually(() => one.ended());
});

test('cuts after the statement was passed on and before its answer, one in so many', async () => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  proxy.cutAfter({ match: /submit/, oneIn: 2 });
  const statement = [message('B', '\0submit_jobs\0'), message('E', '\0'), message('S', '')];
  const one = await client(proxy);
  one.send(startup);
  one.send(Buffer.concat(statement));
  const passed = startup.length + Buffer.concat(statement).length;
  await eventually(() => one.received().length === passed);
  // In pieces of one byte: the end of the second statement is found all the same.
  for (const byte of Buffer.concat([...statement, ...statement])) one.send(Buffer.from([byte]));
  await eventually(() => one.ended());
  const whole = Buffer.concat([startup, ...statement, ...statement]).toString('latin1');
  await eventually(() => server.seen.join('') === whole);
  expect(one.received().length).toBeLessThan(whole.length);
  expect(proxy.cuts).toBe(1);
});

test('leaves other statements alone while it cuts', async () => {
  const server = await echo();
  const proxy = await proxyTo(server.port);
  proxy.cutAfter({ match: /submit/, oneIn: 1 });
  const one = await client(proxy);
  const sent = Buffer.concat([startup, message('Q', 'select 1'), message('Q', 'commit')]);
  one.send(sent);
  await eventually(() => one.received().length === sent.length);
  expect(proxy.cuts).toBe(0);
});
