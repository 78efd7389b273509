/**
 * A bad network between one of our processes and PostgreSQL: a TCP proxy in the tests' own process that delays,
 * stalls, swallows, resets, and cuts a connection after a statement was passed on and before its answer came back.
 * What is done to a connection stays done: bytes once swallowed leave it useless for good, as a vanished peer does.
 */
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { FrontendMessages } from './frontend-messages.ts';

export interface Weather {
  /** Added to every piece of data, each way. */
  delayMs: number;
  jitterMs: number;
  /** Probability that a piece stalls for `stallMs`; everything behind it waits too. */
  stall: number;
  stallMs: number;
}

export const clear: Weather = { delayMs: 0, jitterMs: 0, stall: 0, stallMs: 0 };
export type Way = 'to server' | 'to client';

export interface ChaosProxy {
  readonly port: number;
  readonly open: number;
  /** Connections cut after a statement, so far. */
  readonly cuts: number;
  weather: Weather;
  /** From now on nothing gets through these ways, and nobody hears of a hang-up; empty: back to normal. */
  swallow(ways: Way[]): void;
  /** New connections are reset at once. */
  refuse(yes: boolean): void;
  /** Resets every connection, both sides. Answers how many there were. */
  reset(): number;
  /** Cuts statements whose message matches, one in `oneIn` of them, after they were sent and before the answer. */
  cutAfter(cut: { match: RegExp; oneIn: number } | undefined): void;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  /** Asked at every connection: the server may have moved. */
  target(): { host: string; port: number };
  random?: () => number;
}

/** Time a server has to carry out a statement whose client was cut off, in milliseconds. */
const afterCutMs = 1_000;

export async function startProxy({ target, random = Math.random }: ProxyOptions): Promise<ChaosProxy> {
  const links = new Set<Link>();
  const state: ProxyState = { weather: clear, ways: [], cut: undefined, matched: 0, cuts: 0, random };
  let refusing = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refusing) return void client.resetAndDestroy();
    const link = new Link(
      client,
      tcpConnect({ ...target(), noDelay: true, allowHalfOpen: true }),
      state,
      () => links.delete(link),
    );
    links.add(link);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    get open() {
      return links.size;
    },
    get cuts() {
      return state.cuts;
    },
    get weather() {
      return state.weather;
    },
    set weather(weather) {
      state.weather = weather;
    },
    swallow(ways) {
      state.ways = ways;
      for (const link of links) link.swallow(ways);
    },
    refuse(yes) {
      refusing = yes;
    },
    reset() {
      const count = links.size;
      for (const link of [...links]) link.reset();
      return count;
    },
    cutAfter(cut) {
      state.cut = cut;
    },
    stop: () => stop(server, links),
  };
}

function stop(server: Server, links: Set<Link>): Promise<void> {
  for (const link of [...links]) link.reset();
  return new Promise((resolve) => server.close(() => resolve()));
}

interface ProxyState {
  weather: Weather;
  ways: Way[];
  cut: { match: RegExp; oneIn: number } | undefined;
  matched: number;
  cuts: number;
  random(): number;
}

/** One connection: a socket to the client, one to the server. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #state: ProxyState;
  readonly #messages = new FrontendMessages();
  readonly #swallowed = new Set<Way>();
  /** What waits to go on, each way; no piece overtakes another. */
  readonly #queues: Record<Way, { goesAt: number; write(): void }[]> = { 'to server': [], 'to client': [] };
  #matches = false;
  #cut = false;

  constructor(client: Socket, server: Socket, state: ProxyState, onEnd: () => void) {
    this.#client = client;
    this.#server = server;
    this.#state = state;
    this.swallow(state.ways);
    client.setNoDelay(true);
    client.on('data', (chunk) => this.#fromClient(chunk));
    server.on('data', (chunk) => this.#pass(chunk, 'to client'));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => {});
      // A peer that vanished does not answer a goodbye either.
      socket.on('end', () => {
        if (this.#unheard) return;
        socket.end();
        other.end();
      });
      socket.on('close', () => {
        const unheard = this.#unheard;
        if (!unheard) other.end();
        if (client.destroyed && (server.destroyed || unheard)) {
          if (!this.#cut) server.destroy();
          onEnd();
        }
        if (!unheard) setTimeout(() => other.destroy(), afterCutMs).unref();
      });
    }
  }

  /** Whether hang-ups of one side are kept from the other. */
  get #unheard(): boolean {
    return this.#cut || this.#swallowed.size > 0;
  }

  swallow(ways: Way[]): void {
    for (const way of ways) this.#swallowed.add(way);
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  #fromClient(chunk: Buffer): void {
    const cutAt = this.#cutPosition(chunk);
    this.#pass(cutAt === undefined ? chunk : chunk.subarray(0, cutAt), 'to server');
    if (cutAt === undefined) return;
    this.#cut = true;
    this.#state.cuts++;
    this.#client.resetAndDestroy();
    setTimeout(() => this.#server.destroy(), afterCutMs).unref();
  }

  /** Where to cut: behind the message that has the server carry a matching statement out. */
  #cutPosition(chunk: Buffer): number | undefined {
    const { cut } = this.#state;
    for (const { type, head, end } of this.#messages.push(chunk)) {
      if (cut && 'PBQ'.includes(type) && cut.match.test(head)) this.#matches = true;
      if (!this.#matches || !'SQ'.includes(type)) continue;
      this.#matches = false;
      if (cut && ++this.#state.matched % cut.oneIn === 0) return end;
    }
    return undefined;
  }

  #pass(chunk: Buffer, way: Way): void {
    if (this.#swallowed.has(way) || (this.#cut && way === 'to client')) return;
    const [from, to] = way === 'to server' ? [this.#client, this.#server] : [this.#server, this.#client];
    const { delayMs, jitterMs, stall, stallMs } = this.#state.weather;
    const { random } = this.#state;
    const wait = delayMs + jitterMs * random() + (stall > 0 && random() < stall ? stallMs : 0);
    const queue = this.#queues[way];
    const goesAt = Math.max(performance.now() + wait, queue.at(-1)?.goesAt ?? 0);
    const write = () => {
      if (to.destroyed || this.#swallowed.has(way) || to.write(chunk)) return;
      from.pause();
      // What waited goes on also while `from` rests: one listener is enough for all of it.
      if (to.listenerCount('drain') === 0) to.once('drain', () => from.resume());
    };
    queue.push({ goesAt, write });
    if (queue.length === 1) this.#drain(way);
  }

  /** Writes what is due, in order; the first that is not sets the timer for the rest. */
  #drain(way: Way): void {
    const queue = this.#queues[way];
    for (let first = queue[0]; first; first = queue[0]) {
      const waitMs = first.goesAt - performance.now();
      if (waitMs > 0) {
        setTimeout(() => this.#drain(way), waitMs);
        return;
      }
      queue.shift();
      first.write();
    }
  }
}
