/** The disk of PostgreSQL is full, and has room again. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../../src/embedded/process.ts';
import type { Fault } from '../fault.ts';

/** Why no file system of our own can be mounted here; undefined when one can. */
function noMounts(): string | undefined {
  const tried = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return tried.status === 0 ? undefined : 'file systems cannot be mounted here';
}

export const fullDisk: Fault = {
  id: 'F11',
  title: "PostgreSQL's disk is full",
  smallDisk: true,
  recoverWithinMs: 15_000,
  skipped: noMounts,
  async run({ size, server, deeds, outage, probe }) {
    const filler = join(server.dataFolder, '..', 'filler');
    for (let n = 0; n < size.times; n++) {
      await pause(2_000);
      deeds.outages++;
      await outage(async () => {
        fill(filler);
        await pause(size.seconds * 1_000);
        rmSync(filler);
        // Without room for its log the server may have given up.
        if (isAlive(server.pid)) return;
        await server.stop();
        await server.start();
      });
      await probe('after the disk had room again');
    }
  },
};

function fill(file: string): void {
  const piece = Buffer.alloc(65_536);
  const handle = openSync(file, 'w', 0o600);
  try {
    for (;;) writeSync(handle, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}
