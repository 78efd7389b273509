/** `ravenmq schedule`: jobs that are submitted again and again. */
import type { NewSchedule, RavenClient, Schedule } from '@ravenmq/client';
import { type Command, Option } from 'commander';
import { type Duration, toMs } from '../../library/duration.ts';
import { addCommand, CommandFailed, exitCodes, group } from './command.ts';
import { type NewJobOptions, newJobOf, newJobOptions } from './job.ts';
import { printOne, printRows, when, write } from './output.ts';

interface TimingOptions {
  cron?: string;
  every?: string;
  timezone?: string;
}

interface CreateOptions extends TimingOptions, NewJobOptions {
  type: string;
  missed?: 'skip' | 'once' | 'all';
  overlap?: 'allow' | 'skip' | 'queue';
}

export function addScheduleCommands(program: Command): void {
  const schedule = group(program, 'schedule', 'schedules: make, look at, pause, run');

  addCommand<CreateOptions>(
    schedule,
    'create <name>',
    'make a schedule',
    async ({ client, format }, [name = ''], { type, missed, overlap, ...options }) => {
      const { name: _, run_at, deadline, idempotency_key, ...job } = await newJobOf(type, options);
      if (run_at ?? deadline ?? idempotency_key)
        throw new CommandFailed(2, '--run-at, --deadline and --idempotency-key belong to one job alone');
      const body: NewSchedule = { name, ...timingOf(options), job };
      if (missed) body.missed = missed;
      if (overlap) body.overlap = overlap;
      printOne(await client.schedules.create(body), format);
    },
    (command) =>
      newJobOptions(timingOptions(command))
        .requiredOption('--type <type>', 'type of its jobs')
        .addOption(
          new Option('--missed <policy>', 'fires that nobody was there for').choices(['skip', 'once', 'all']),
        )
        .addOption(
          new Option('--overlap <policy>', 'while a job has not ended').choices(['allow', 'skip', 'queue']),
        ),
  );
  addCommand(schedule, 'list', 'schedules, by name', async ({ client, format }) =>
    printRows(await client.schedules.list(), format, {
      name: (row) => row.name,
      when: (row) => row.cron ?? `every ${(row.every_ms ?? 0) / 1_000} s`,
      timezone: (row) => row.timezone,
      type: (row) => row.job.type,
      next: (row) => (row.paused ? 'paused' : when(row.next[0] ?? null)),
      id: (row) => row.id,
    }),
  );
  addCommand<TimingOptions & { count: string }>(
    schedule,
    'preview',
    'when a schedule would fire',
    async ({ client }, _args, { count, ...timing }) => {
      for (const at of await client.schedules.preview({ ...timingOf(timing), count: Number(count) }))
        write(at);
    },
    (command) => timingOptions(command).option('--count <count>', 'how many', '10'),
  );
  addCommand(schedule, 'get <name>', 'one schedule', async ({ client, format }, [name = '']) =>
    printOne(await find(client, name), format),
  );
  addCommand(
    schedule,
    'fires <name>',
    'what was decided of its fire times',
    async ({ client, format }, [name = '']) =>
      printRows(await client.schedules.fires((await find(client, name)).id), format, {
        fire_at: (row) => row.fire_at,
        outcome: (row) => row.outcome,
        job: (row) => row.job_id,
        error: (row) => row.error,
      }),
  );
  for (const [verb, meaning] of [
    ['pause', 'stop firing'],
    ['resume', 'fire again, from now on'],
    ['run', 'submit its job now'],
  ] as const) {
    addCommand(schedule, `${verb} <name>`, meaning, async ({ client, format }, [name = '']) =>
      printOne(await client.schedules[verb]((await find(client, name)).id), format),
    );
  }
  addCommand(schedule, 'delete <name>', 'delete it; its jobs stay', async ({ client }, [name = '']) => {
    await client.schedules.delete((await find(client, name)).id);
  });
}

const timingOptions = (command: Command): Command =>
  command
    .option('--cron <pattern>', 'five fields, or six with seconds first')
    .option('--every <duration>', 'an interval, such as 30s, 15m, 2h')
    .option('--timezone <zone>', 'the clock that cron is read on; UTC by default');

function timingOf({
  cron,
  every,
  timezone,
}: TimingOptions): Pick<NewSchedule, 'cron' | 'every_ms' | 'timezone'> {
  if ((cron === undefined) === (every === undefined))
    throw new CommandFailed(2, 'give either --cron or --every');
  return {
    ...(cron !== undefined && { cron }),
    ...(every !== undefined && { every_ms: toMs(every as Duration) }),
    ...(timezone !== undefined && { timezone }),
  };
}

/** By name, or by id. */
async function find(client: RavenClient, name: string): Promise<Schedule> {
  const [found] = await client.schedules.list({ name });
  if (found) return found;
  if (/^[0-9a-f-]{36}$/i.test(name)) return client.schedules.get(name);
  throw new CommandFailed(exitCodes.notFound, `There is no schedule ${name}: see \`ravenmq schedule list\`.`);
}
