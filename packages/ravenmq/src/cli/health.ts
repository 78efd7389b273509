/** `ravenmq health`: for the health checks of container engines, whose images need no curl then. */
import type { Config } from '../config.ts';

const timeoutMs = 3_000;

/** Asks the process beside it at RAVENMQ_OPS_PORT, else the API at RAVENMQ_PORT. Throws unless it answers 200. */
export async function checkHealth(
  { opsPort, port, host }: Pick<Config, 'opsPort' | 'port' | 'host'>,
  probe: string,
): Promise<void> {
  const to = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${to.includes(':') ? `[${to}]` : to}:${opsPort || port}/${probe}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch((error: Error) => {
    throw new Error(`${url}: ${(error.cause as Error | undefined)?.message ?? error.message}`);
  });
  const text = (await answer.text()).trim();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  process.stdout.write(`${text}\n`);
}
