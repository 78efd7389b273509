/** Which API the commands speak to, and as whom: flags, then the environment, then what `ravenmq login` kept. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient, type RavenClient } from '@ravenmq/client';

export interface Target {
  url?: string | undefined;
  tokenFile?: string | undefined;
}

export interface Connection {
  client: RavenClient;
  url: string;
  /** Where each came from, for people who wonder. */
  urlFrom: string;
  tokenFrom: string;
}

const defaultUrl = 'http://127.0.0.1:8000';

interface Kept {
  url: string;
  token: string;
}

const credentialsFile = (): string =>
  join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'ravenmq', 'credentials.json');

export async function connectTo({ url, tokenFile }: Target): Promise<Connection> {
  const kept = await readKept();
  const [address, urlFrom] = first([
    [url, '--url'],
    [process.env.RAVENMQ_URL, 'RAVENMQ_URL'],
    [kept?.url, credentialsFile()],
    [defaultUrl, 'the default'],
  ]);
  // What was kept for one API is not shown to another.
  const [token, tokenFrom] = first([
    [tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim(), '--token-file'],
    [process.env.RAVENMQ_TOKEN, 'RAVENMQ_TOKEN'],
    [kept?.url === address ? kept.token : undefined, credentialsFile()],
    ['', 'nowhere'],
  ]);
  const client = createClient({ url: address, ...(token !== '' && { token }), retries: 2 });
  return { client, url: address, urlFrom, tokenFrom };
}

export async function keep(kept: Kept): Promise<string> {
  const file = credentialsFile();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  return file;
}

export const forget = (): Promise<void> => rm(credentialsFile(), { force: true });

async function readKept(): Promise<Kept | undefined> {
  const text = await readFile(credentialsFile(), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}

function first(choices: [string | undefined, string][]): [string, string] {
  return (
    (choices.find(([value]) => value !== undefined && value !== '') as [string, string]) ?? ['', 'nowhere']
  );
}
