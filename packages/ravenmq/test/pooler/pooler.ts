/**
 * A transaction pooler: many client connections take turns on a few server sessions, each for one transaction. A
 * session is given back when ReadyForQuery says that no transaction is open; the one unused longest is lent next, so
 * that whoever counts on session state meets another's session at once. Sessions are not reset in between. Clients
 * need no password: it listens on loopback, for tests.
 */
import { createServer, type Socket } from 'node:net';
import pg from 'pg';
import { createStatementNames, isAsked, type ServerStatements } from './statements.ts';
import { fatal, int32, isTlsRequest, message, messages, startupParameters } from './wire.ts';

export interface PoolerOptions {
  url: string;
  /** Server sessions at most. */
  size: number;
  /** What happens to settings sent with a connection (`options`). */
  startupSettings: 'refuse' | 'ignore';
  /** It renames prepared statements and prepares them on whichever session they are used. */
  managesStatements?: boolean;
}

export interface Pooler {
  url: string;
  close(): Promise<void>;
}

interface Server {
  socket: Socket;
  statements: ServerStatements;
  client: Client | undefined;
}

interface Client {
  socket: Socket;
  answer(type: string, bytes: Buffer): void;
  lost(): void;
}

export async function startPooler(options: PoolerOptions): Promise<Pooler> {
  const sessions = createSessions(options.url, options.size);
  const clients = new Set<Socket>();
  const listener = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    serve(socket, sessions, options);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(options.url);
  url.host = `127.0.0.1:${(listener.address() as { port: number }).port}`;
  url.password = '';
  return {
    url: url.href,
    async close() {
      for (const socket of clients) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
      sessions.close();
    },
  };
}

/** One client connection. */
function serve(socket: Socket, sessions: Sessions, options: PoolerOptions): void {
  const names = options.managesStatements ? createStatementNames() : undefined;
  let server: Server | undefined;
  let waiting: [string, Buffer][] | undefined;
  /** Queries and Syncs that have not been answered by ReadyForQuery. */
  let open = 0;
  socket.setNoDelay(true);

  const client: Client = {
    socket,
    answer(type, bytes) {
      socket.write(bytes);
      if (type !== 'Z' || --open > 0 || bytes[5] !== 'I'.charCodeAt(0) || !server) return;
      const free = server;
      server = undefined;
      sessions.giveBack(free);
    },
    lost: () => socket.destroy(),
  };

  function forward(type: string, bytes: Buffer): void {
    if (!server) return;
    if (type === 'Q' || type === 'S') open++;
    server.socket.write(names ? names.rewrite(type, bytes, server.statements) : bytes);
  }

  function take(type: string, bytes: Buffer): void {
    if (type === 'X') return void socket.end();
    if (server) forward(type, bytes);
    else if (waiting) waiting.push([type, bytes]);
    else borrow([[type, bytes]]);
  }

  function borrow(first: [string, Buffer][]): void {
    waiting = first;
    sessions.lend(client).then(
      (lent) => {
        if (socket.destroyed) return sessions.giveBack(lent);
        server = lent;
        const queued = waiting ?? [];
        waiting = undefined;
        for (const [queuedType, queuedBytes] of queued) forward(queuedType, queuedBytes);
      },
      (error: Error) => socket.end(fatal('08006', error.message)),
    );
  }

  function greet(startup: Buffer): void {
    if (isTlsRequest(startup)) return void socket.write('N');
    if (startupParameters(startup).has('options') && options.startupSettings === 'refuse') {
      return void socket.end(fatal('08P01', 'unsupported startup parameter: options'));
    }
    const key = int32(Math.floor(Math.random() * 2 ** 31));
    socket.write(
      Buffer.concat([message('R', int32(0)), message('K', key, int32(0)), message('Z', Buffer.from('I'))]),
    );
  }

  socket.on(
    'data',
    messages(true, (type, bytes) => (type === '' ? greet(bytes) : take(type, bytes))),
  );
  socket.on('error', () => {});
  socket.on('close', () => {
    // What the client left behind in its transaction must not reach another.
    server?.socket.destroy();
  });
}

interface Sessions {
  lend(client: Client): Promise<Server>;
  giveBack(server: Server): void;
  close(): void;
}

function createSessions(url: string, size: number): Sessions {
  const all = new Set<Server>();
  const idle: Server[] = [];
  const queue: ((server: Server) => void)[] = [];
  let opening = 0;
  let closed = false;

  async function open(): Promise<Server> {
    const client = new pg.Client({ connectionString: url, application_name: 'pooler' });
    client.on('error', () => {});
    await client.connect();
    const socket = client.connection.stream as Socket;
    // The driver has signed in; from here on the bytes belong to the pooler's clients.
    socket.removeAllListeners('data');
    const server: Server = { socket, statements: { known: new Set(), owed: [] }, client: undefined };
    socket.on(
      'data',
      messages(false, (type, bytes) => {
        if (isAsked(type, server.statements)) server.client?.answer(type, bytes);
      }),
    );
    socket.on('close', () => {
      all.delete(server);
      idle.splice(0, idle.length, ...idle.filter((other) => other !== server));
      server.client?.lost();
      const next = queue.shift();
      if (next && !closed) open().then(next, () => {});
    });
    all.add(server);
    return server;
  }

  return {
    async lend(client) {
      if (idle.length === 0 && all.size + opening < size) {
        opening++;
        try {
          idle.push(await open());
        } finally {
          opening--;
        }
      }
      const server = idle.shift() ?? (await new Promise<Server>((resolve) => queue.push(resolve)));
      server.client = client;
      return server;
    },
    giveBack(server) {
      server.client = undefined;
      const next = queue.shift();
      if (next) next(server);
      else idle.push(server);
    },
    close() {
      closed = true;
      for (const server of all) server.socket.destroy();
    },
  };
}
