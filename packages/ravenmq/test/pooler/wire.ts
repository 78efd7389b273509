/** PostgreSQL's messages, as far as a pooler has to read and write them. */

/** Cuts a stream into messages. The first one a client sends has no type; it arrives with the type ''. */
export function messages(
  startsUntyped: boolean,
  take: (type: string, message: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let untyped = startsUntyped;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = untyped ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return;
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      // After a refused request for TLS the startup message is still to come.
      const type = untyped ? '' : String.fromCharCode(message[0] as number);
      if (untyped && !isTlsRequest(message)) untyped = false;
      take(type, message);
    }
  };
}

export function isTlsRequest(startup: Buffer): boolean {
  return startup.length === 8 && startup.readInt32BE(4) === 80_877_103;
}

/** Parameters of a startup message. */
export function startupParameters(startup: Buffer): Map<string, string> {
  const words = startup.subarray(8).toString('utf8').split('\0');
  const parameters = new Map<string, string>();
  for (let n = 0; n + 1 < words.length && words[n] !== ''; n += 2) {
    parameters.set(words[n] as string, words[n + 1] as string);
  }
  return parameters;
}

export function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function fatal(code: string, text: string): Buffer {
  return message('E', 'SFATAL', `C${code}`, `M${text}`, Buffer.from([0]));
}

/** A zero-terminated string, and what follows it. */
export function cString(bytes: Buffer): [string, Buffer] {
  const end = bytes.indexOf(0);
  return [bytes.subarray(0, end).toString('utf8'), bytes.subarray(end + 1)];
}
