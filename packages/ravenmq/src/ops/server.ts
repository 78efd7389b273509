/**
 * What an orchestrator asks of a process, on a port of its own. /livez: the event loop turns; it asks nobody else, so
 * that an outage of the database restarts nothing. /startupz: the role has started (migrations may have taken long).
 * /readyz: it serves now; not while it starts or stops. /metrics: Prometheus text. Answers reveal no versions.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../log.ts';

export interface OpsOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  log: Logger;
}

/** What the roles of this process say of themselves. */
export interface Probed {
  /** Rejects, or answers why it does not serve now; undefined when it does. */
  ready(): Promise<string | undefined>;
  /** Prometheus text. */
  metrics(): Promise<string>;
}

export interface Ops {
  start(): Promise<{ port: number }>;
  /** From now on the process has started, and these are asked. */
  started(probed: Probed): void;
  /** From now on it is not ready, though alive. */
  stopping(): void;
  stop(): Promise<void>;
}

/** Kubernetes gives a probe one second by default. */
const readyTimeoutMs = 900;

export function createOps({ host, port, log }: OpsOptions): Ops {
  let probed: Probed | undefined;
  let isStopping = false;

  async function whyNotReady(): Promise<string | undefined> {
    if (!probed) return 'starting';
    if (isStopping) return 'stopping';
    const late = new Promise<string>((resolve) => {
      setTimeout(resolve, readyTimeoutMs, 'no answer in time').unref();
    });
    return Promise.race([probed.ready(), late]).catch((error: Error) => {
      log.warn({ event: 'not_ready', err: error });
      return 'the database does not answer';
    });
  }

  const answers: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/livez': async (response) => say(response, undefined),
    '/startupz': async (response) => say(response, probed ? undefined : 'starting'),
    '/readyz': async (response) => say(response, await whyNotReady()),
    async '/metrics'(response) {
      const text = (await probed?.metrics()) ?? '';
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(text);
    },
  };

  const server: Server = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '/', 'http://ops').pathname];
    if (request.method !== 'GET' || !answer) {
      say(response, 'there are /livez, /readyz, /startupz and /metrics', 404);
      return;
    }
    answer(response).catch((error: Error) => {
      log.warn({ event: 'ops_request_failed', err: error });
      if (!response.headersSent) say(response, 'failed: the log says why', 500);
    });
  });

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve({ port: (server.address() as { port: number }).port }));
      }),
    started(of) {
      probed = of;
    },
    stopping() {
      isStopping = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function say(response: ServerResponse, problem: string | undefined, status = 503): void {
  response.statusCode = problem === undefined ? 200 : status;
  response.setHeader('content-type', 'text/plain; charset=utf-8').end(`${problem ?? 'ok'}\n`);
}
