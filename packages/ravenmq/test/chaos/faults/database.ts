/** Faults of PostgreSQL itself. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Trial } from '../fault.ts';

export async function crashAndRestart({ server, deeds, outage, probe }: Trial): Promise<void> {
  deeds.crashes++;
  await outage(async () => {
    await server.crash();
    await server.start();
  });
  await probe('after a crash of PostgreSQL');
}

export const crashedDatabase: Fault = {
  id: 'F9',
  title: 'kill -9 of PostgreSQL and its parts, restart',
  recoverWithinMs: 10_000,
  async run(trial) {
    for (let n = 0; n < trial.size.times; n++) {
      await pause(trial.random.between(1_500, 3_000));
      await crashAndRestart(trial);
    }
  },
};

export async function stayAway({ server, deeds, outage }: Trial, ms: number): Promise<void> {
  deeds.outages++;
  await outage(async () => {
    await server.stop();
    await pause(ms);
    await server.start();
  });
}

export async function onlyRead({ server, deeds, outage }: Trial, ms: number): Promise<void> {
  deeds.outages++;
  await outage(async () => {
    await server.query('alter system set default_transaction_read_only = on');
    await server.query('select pg_reload_conf()');
    await pause(ms);
    await server.query('alter system reset default_transaction_read_only');
    await server.query('select pg_reload_conf()');
  });
}

export const absentDatabase: Fault = {
  id: 'F10',
  title: 'PostgreSQL away, then read-only',
  recoverWithinMs: 10_000,
  async run(trial) {
    const { size } = trial;
    for (let n = 0; n < size.times; n++) {
      await pause(1_000);
      await stayAway(trial, size.seconds * 1_000);
      await trial.probe('after PostgreSQL was away');
      await onlyRead(trial, (size.seconds * 1_000) / 3);
      await trial.probe('after PostgreSQL was read-only');
    }
  },
};
