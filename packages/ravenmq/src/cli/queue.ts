/** `ravenmq queue`, `ravenmq pause` and `ravenmq resume`: what starts, and in which order. */
import type { Command } from 'commander';
import { type Pool, transaction } from '../db/connect.ts';
import { changeLimit, queueScope } from '../jobs/limits.ts';
import {
  changeQueue,
  isEverythingPaused,
  listQueues,
  pauseEverything,
  type QueueChange,
  type QueueRow,
} from '../jobs/queues.ts';
import { type Duration, toMs } from '../library/duration.ts';
import { type Policy, policies } from '../order/policies.ts';
import { changeOf, type LimitOptions, withLimitOptions } from './limit-options.ts';
import { auditCommand, columns, onDatabase } from './on-database.ts';
import type { Context } from './roles.ts';

export function addQueue(program: Command, configure: () => Context): void {
  const say = async (use: (pool: Pool) => Promise<string>) => {
    process.stdout.write(`${await onDatabase(configure(), use)}\n`);
  };
  const queue = program.command('queue').description('queues: their order, pause and limits');

  queue
    .command('list')
    .description('every queue, what waits in it and how it is ordered')
    .action(() => say(async (pool) => listText(await listQueues(pool), await isEverythingPaused(pool))));
  queue
    .command('pause <name>')
    .description('start none of its jobs; running ones go on')
    .action((name: string) => say((pool) => change(pool, name, { paused: true }, 'is paused')));
  queue
    .command('resume <name>')
    .description('start its jobs again')
    .action((name: string) => say((pool) => change(pool, name, { paused: false }, 'goes on')));
  queue
    .command('policy <name> <policy>')
    .description(`order it by ${policies.join(', ')}; waiting jobs follow within seconds`)
    .action((name: string, policy: string) => say((pool) => changePolicy(pool, name, policy)));
  queue
    .command('promise <name> <time>')
    .description('who has waited so long (90s, 20m, 2h) goes first; auto: as is reckoned from the backlog')
    .action((name: string, time: string) =>
      say((pool) => {
        const promiseMs = time === 'auto' ? null : toMs(time as Duration);
        return change(pool, name, { promiseMs }, `promises ${time === 'auto' ? 'what it can' : time}`);
      }),
    );
  withLimitOptions(queue.command('limit <name>').description('limit what runs and starts of it')).action(
    (name: string, options: LimitOptions) =>
      say(async (pool) => {
        const limits = changeOf(options);
        await changeLimit(pool, queueScope(checked(name)), limits, async (client) => {
          await changeQueue(client, name, {});
          await auditCommand(client, 'queue.change', name, { ...limits });
        });
        return `The limits of queue ${name} are in force.`;
      }),
  );

  for (const [name, paused] of [['pause', true] as const, ['resume', false] as const]) {
    program
      .command(name)
      .description(paused ? 'start no job of any queue; running ones go on' : 'start jobs again')
      .action(() =>
        say(async (pool) => {
          await transaction(pool, async (client) => {
            await pauseEverything(client, paused);
            await auditCommand(client, 'pause.change', 'everything', { paused });
          });
          return paused ? 'Everything is paused; ravenmq resume goes on.' : 'Jobs start again.';
        }),
      );
  }
}

async function change(pool: Pool, name: string, what: QueueChange, then: string): Promise<string> {
  await transaction(pool, async (client) => {
    await changeQueue(client, checked(name), what);
    await auditCommand(client, 'queue.change', name, { ...what });
  });
  return `Queue ${name} ${then}.`;
}

async function changePolicy(pool: Pool, name: string, policy: string): Promise<string> {
  if (!policies.includes(policy as Policy))
    throw new Error(`There is no policy ${policy}; there are ${policies.join(', ')}.`);
  return change(pool, name, { policy: policy as Policy }, `is ordered by ${policy}`);
}

/** The API asks the same of names. */
function checked(name: string): string {
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(name))
    throw new Error(`${name}: the name of a queue has 1 to 64 letters, digits, _ . : and -.`);
  return name;
}

function listText(queues: QueueRow[], everything: boolean): string {
  const titles = [
    'queue',
    'policy',
    'state',
    'limit',
    'stretch',
    'promise',
    'queued',
    'running',
    'scheduled',
  ];
  const row = (queue: QueueRow) => [
    queue.name,
    queue.policy,
    everything ? 'all paused' : queue.paused ? 'paused' : 'on',
    String(queue.concurrency ?? '-'),
    queue.policy === 'adaptive' ? String(queue.stretch) : '-',
    queue.guard_ms === null ? '-' : `${Math.round(queue.guard_ms / 1_000)} s`,
    ...[queue.queued, queue.running, queue.scheduled].map((n) => (n >= 10_000 ? '10000+' : String(n))),
  ];
  return queues.length === 0 ? 'There are no queues yet.' : columns([titles, ...queues.map(row)]);
}
