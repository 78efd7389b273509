/** The shape of every command that speaks to the API: options, output, exit codes. */
import { RavenError } from '@ravenmq/client';
import { type Command, Option } from 'commander';
import { type Connection, connectTo, type Target } from './connection.ts';
import { type Format, formatOf, formats, say } from './output.ts';

/** 2 is left to wrong usage. */
export const exitCodes = { failure: 1, notFound: 3, notAllowed: 4, unreachable: 5, timeout: 6, jobFailed: 7 };

export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Call extends Connection {
  format: Format;
}

type Options = Target & { output?: Format };

/** The command of that name, made once however many add to it. */
export function group(program: Command, name: string, description: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  const command = found ?? program.command(name).description(description);
  return command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

/** `run` gets the connection, the command's arguments and its own options. */
export function addCommand<O extends object>(
  parent: Command,
  usage: string,
  description: string,
  run: (call: Call, args: string[], options: O) => Promise<void>,
  more: (command: Command) => Command = (command) => command,
): void {
  const command = parent
    .command(usage)
    .description(description)
    .option('--url <url>', 'address of the API (RAVENMQ_URL)')
    .option('--token-file <file>', 'file with an access token or API key (RAVENMQ_TOKEN)')
    .addOption(new Option('-o, --output <format>', 'table on a terminal, else jsonl').choices(formats));
  more(command).action(async (...given: unknown[]) => {
    const options = command.opts<Options & O>();
    const args = given.slice(0, command.registeredArguments.length).flat().map(String);
    const connection = await connectTo(options);
    try {
      await run({ ...connection, format: formatOf(options.output) }, args, options);
    } catch (error) {
      say(`ravenmq: ${wordsOf(error as Error, connection)}`);
      process.exitCode = exitCodeOf(error);
    }
  });
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  if (!(error instanceof RavenError)) return exitCodes.failure;
  if (error.status === 404) return exitCodes.notFound;
  if (error.status === 401 || error.status === 403) return exitCodes.notAllowed;
  if (error.code === 'timeout') return exitCodes.timeout;
  return error.code === 'unreachable' || error.code === 'not_json'
    ? exitCodes.unreachable
    : exitCodes.failure;
}

/** What went wrong, and the command that helps. */
function wordsOf(error: Error, { url, urlFrom, tokenFrom }: Connection): string {
  if (!(error instanceof RavenError)) return error.message;
  if (error.status === 401) {
    return `${error.message}\nSign in with \`ravenmq login --url ${url} NAME\`, or set RAVENMQ_TOKEN (token from: ${tokenFrom}).`;
  }
  if (error.code === 'unreachable' || error.code === 'not_json') {
    return `${error.message}\nThe address comes from ${urlFrom}. Start a system with \`ravenmq up\`, or name another with --url; \`ravenmq doctor\` looks closer.`;
  }
  if (error.status === 404) return `${error.message}\nSee what there is with the list command.`;
  return error.message;
}
