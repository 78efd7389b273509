/**
 * Prepared statements over lent sessions: a statement gets one name for all clients, and is prepared, unasked, on a
 * server session that does not know it yet. The answers to what was added are held back from the client.
 */
import { cString, message } from './wire.ts';

/** What one server session knows and still owes. */
export interface ServerStatements {
  known: Set<string>;
  /** For each ParseComplete and CloseComplete to come: whether the client asked for it. */
  owed: boolean[];
}

export interface StatementNames {
  /** What to send instead of a client's message. */
  rewrite(type: string, bytes: Buffer, server: ServerStatements): Buffer;
}

const names = new Map<string, string>();

/** The names that one client uses. */
export function createStatementNames(): StatementNames {
  const ofClient = new Map<string, { name: string; definition: Buffer }>();

  function define(name: string, definition: Buffer): { name: string; definition: Buffer } {
    const key = definition.toString('latin1');
    const shared = names.get(key) ?? `pooler_${names.size + 1}`;
    names.set(key, shared);
    const entry = { name: shared, definition };
    ofClient.set(name, entry);
    return entry;
  }

  /** Close and Parse: whatever the session knew under that name before. */
  function prepared(
    entry: { name: string; definition: Buffer },
    server: ServerStatements,
    asked: boolean,
  ): Buffer {
    server.owed.push(false, asked);
    server.known.add(entry.name);
    return Buffer.concat([
      message('C', Buffer.from('S'), entry.name),
      message('P', entry.name, entry.definition),
    ]);
  }

  return {
    rewrite(type, bytes, server) {
      const body = bytes.subarray(5);
      if (type === 'P') {
        const [name, definition] = cString(body);
        if (name !== '') return prepared(define(name, Buffer.from(definition)), server, true);
        server.owed.push(true);
      }
      if (type === 'C') server.owed.push(true);
      if (type === 'B') {
        const [portal, rest] = cString(body);
        const [name, values] = cString(rest);
        const entry = ofClient.get(name);
        if (!entry) return bytes;
        const bind = message('B', portal, entry.name, values);
        return server.known.has(entry.name) ? bind : Buffer.concat([prepared(entry, server, false), bind]);
      }
      return bytes;
    },
  };
}

/** Whether a server's message is the client's to see. */
export function isAsked(type: string, server: ServerStatements): boolean {
  if (type === '1' || type === '3') return server.owed.shift() ?? true;
  if (type === 'Z') server.owed.length = 0;
  return true;
}
