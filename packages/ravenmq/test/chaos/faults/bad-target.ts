/** A server that http jobs call: what it answers, and how often it was asked. */
import { createServer, type ServerResponse } from 'node:http';

export interface BadTarget {
  /** Host and port. */
  readonly host: string;
  /** How often each job called, by the path's last part. */
  readonly calls: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export const behaviours = ['ok', 'error', 'busy', 'hang', 'drip', 'huge', 'reset'] as const;
export type Behaviour = (typeof behaviours)[number];

const piece = Buffer.alloc(1_000_000, 'x');

const answers: Record<Behaviour, (response: ServerResponse) => void> = {
  ok: (response) => response.end('fine'),
  error: (response) => response.writeHead(500).end('broken'),
  busy: (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  hang() {},
  drip(response) {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 200);
    response.on('close', () => clearInterval(timer));
  },
  huge(response) {
    response.writeHead(200);
    const write = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  },
  reset: (response) => response.destroy(),
};

export async function startBadTarget(): Promise<BadTarget> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, behaviour = '', job = ''] = (request.url ?? '').split('/');
    calls.set(job, (calls.get(job) ?? 0) + 1);
    response.on('error', () => {});
    answers[behaviour as Behaviour](response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    calls,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
