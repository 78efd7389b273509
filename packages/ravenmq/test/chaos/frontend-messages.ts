/**
 * Splits what a PostgreSQL client sends into messages, whatever pieces it arrives in. Only the head of each message is
 * kept: enough to see which statement it is about.
 */
const longestHead = 256;
const startupVersion = 196_608;

export interface FrontendMessage {
  /** The message's letter; 'startup' for the ones at the beginning, which have none. */
  type: string;
  /** The first bytes of its body, as latin1. */
  head: string;
  /** Where it ends in the chunk that was pushed. */
  end: number;
}

export class FrontendMessages {
  #started = false;
  /** What has arrived of the present message's type and length. */
  #header: number[] = [];
  #type = '';
  #head: number[] = [];
  #left = 0;

  /** The messages that end within this chunk. */
  push(chunk: Buffer): FrontendMessage[] {
    const ended: FrontendMessage[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        this.#header.push(chunk[at++] as number);
        if (this.#header.length < (this.#started ? 5 : 4)) continue;
        const length = Buffer.from(this.#header).readInt32BE(this.#started ? 1 : 0) - 4;
        this.#type = this.#started ? String.fromCharCode(this.#header[0] as number) : 'startup';
        this.#header = [];
        this.#head = [];
        this.#left = length;
      }
      const taken = Math.min(this.#left, chunk.length - at);
      const wanted = Math.min(taken, longestHead - this.#head.length);
      if (wanted > 0) this.#head.push(...chunk.subarray(at, at + wanted));
      this.#left -= taken;
      at += taken;
      if (this.#left === 0) ended.push(this.#end(at));
    }
    return ended;
  }

  #end(end: number): FrontendMessage {
    const head = Buffer.from(this.#head);
    // A request for encryption comes before the startup message proper and has a number of its own.
    if (!this.#started && head.length >= 4 && head.readInt32BE(0) === startupVersion) this.#started = true;
    return { type: this.#type, head: head.toString('latin1'), end };
  }
}
