/** Runs the embedded server on the given folder until SIGTERM. */
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { silentLogger } from '../../src/log.ts';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2] as string, log: silentLogger });
process.stdout.write(`started ${server.url} ${server.pid}\n`);
process.once('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
setInterval(() => {}, 60_000);
