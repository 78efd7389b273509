/** `ravenmq login`, `logout`, `token`, `worker`, `doctor`: who one is, and whether the system works. */
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { createClient, type RavenError } from '@ravenmq/client';
import type { Command } from 'commander';
import { addCommand, type Call, CommandFailed, exitCodes, group } from './command.ts';
import { forget, keep } from './connection.ts';
import { printOne, printRows, say, when, write } from './output.ts';

export function addAccountCommands(program: Command): void {
  addCommand(
    program,
    'login <name>',
    'sign in and keep an API key; the password from RAVENMQ_PASSWORD or standard input',
    async ({ url }, [username = '']) => {
      const password = process.env.RAVENMQ_PASSWORD ?? (await text(process.stdin)).trimEnd();
      const client = createClient({ url, retries: 0 });
      await client.auth.login({ username, password });
      const { key } = await client.apiKeys.create(`command line on ${hostname()}`.slice(0, 64));
      say(`Signed in to ${url} as ${username}; the key is kept in ${await keep({ url, token: key })}.`);
    },
  );
  addCommand(program, 'logout', 'forget the key; revoke it with `ravenmq token revoke`', async () =>
    forget(),
  );

  const token = group(program, 'token', 'API keys: make, list, revoke');
  addCommand(
    token,
    'create <name>',
    'make a key; it is shown this once',
    async ({ client, format }, [name = '']) => printOne(await client.apiKeys.create(name), format),
  );
  addCommand(token, 'list', 'my keys', async ({ client, format }) =>
    printRows(await client.apiKeys.list(), format, {
      id: (row) => row.id,
      name: (row) => row.name,
      created: (row) => when(row.created_at),
      used: (row) => when(row.last_used_at),
    }),
  );
  addCommand(token, 'revoke <id>', 'revoke a key', ({ client }, [id = '']) => client.apiKeys.revoke(id));

  const worker = group(program, 'worker', 'run jobs of the built-in types');
  addCommand(worker, 'list', 'workers, seen in the last day', async ({ client, format }) =>
    printRows(await client.workers.list(), format, {
      worker: (row) => row.worker_id,
      status: (row) => row.status,
      slots: (row) => row.slots,
      jobs: (row) => row.jobs_processed,
      seen: (row) => `${Math.round(row.seconds_since_heartbeat)} s ago`,
    }),
  );

  addCommand(program, 'doctor', 'is everything there that jobs need', async (call) => {
    let broken = 0;
    for (const [what, check] of checks(call)) {
      const answer = await check().catch((error: Error) => {
        broken++;
        return `NOT OK  ${error.message}`;
      });
      write(`${what.padEnd(10)} ${answer}`);
    }
    if (broken > 0) throw new CommandFailed(exitCodes.failure, `${broken} of the checks failed`);
  });
}

function checks({ client, url, urlFrom, tokenFrom }: Call): [string, () => Promise<string>][] {
  return [
    [
      'API',
      async () => {
        const answer = await fetch(`${url}/health`).catch(() => undefined);
        if (!answer?.ok)
          throw new Error(`nothing answers at ${url} (from ${urlFrom}): start it with \`ravenmq up\``);
        return `ok, ${url} (from ${urlFrom})`;
      },
    ],
    [
      'sign-in',
      async () => {
        await client.apiKeys.list().catch((error: RavenError) => {
          throw error.status === 401
            ? new Error(`no valid token (from ${tokenFrom}): \`ravenmq login NAME\``)
            : error;
        });
        return `ok, token from ${tokenFrom}`;
      },
    ],
    [
      'leader',
      async () => {
        const leader = await client.scheduler.leader();
        if (leader.status !== 'active') throw new Error('nobody leads: start one with `ravenmq scheduler`');
        return `ok, ${leader.worker_id}`;
      },
    ],
    [
      'workers',
      async () => {
        const active = (await client.workers.list()).filter(({ status }) => status === 'active');
        if (active.length === 0) throw new Error('none runs: start one with `ravenmq worker`');
        return `ok, ${active.length} with ${active.reduce((sum, { slots }) => sum + slots, 0)} slots`;
      },
    ],
    [
      'waiting',
      async () => {
        const { counts } = await client.analytics.summary();
        return `${counts.total_queued} queued, ${counts.total_running} running, ${counts.total_scheduled} scheduled`;
      },
    ],
  ];
}
