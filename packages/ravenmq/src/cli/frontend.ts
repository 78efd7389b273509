/** `ravenmq frontend`: the dashboard on a port of its own, before the API at RAVENMQ_API_URL. Needs no database. */
import { createFrontend } from '../frontend/server.ts';
import { openOps } from './ops.ts';
import { type Context, dashboardFolder, untilSignal } from './roles.ts';

export async function runFrontend(context: Context): Promise<void> {
  const { config, log } = context;
  if (!URL.canParse(config.apiUrl) || !/^https?:/.test(config.apiUrl))
    throw new Error(
      `RAVENMQ_API_URL=${config.apiUrl}: the address of the API, such as http://127.0.0.1:8000`,
    );
  const ops = await openOps(context);
  const stopped = untilSignal();
  try {
    const frontend = await createFrontend({
      host: config.host,
      port: config.frontendPort,
      apiUrl: config.apiUrl,
      trustProxy: config.trustProxy,
      log,
      ...dashboardFolder(),
    });
    const { url } = await frontend.start();
    log.info({ event: 'listening', url });
    ops.started([], ['frontend']);
    await stopped;
    ops.stopping();
    await frontend.stop();
  } finally {
    await ops.stop();
  }
}
