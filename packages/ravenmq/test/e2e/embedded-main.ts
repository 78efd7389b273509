/** Runs the embedded server on the given folder, with the given settings, until SIGTERM. */
import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { silentLogger } from '../../src/log.ts';

const [dataDir = '', ...settings] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir, log: silentLogger, settings });
process.stdout.write(`started ${server.url} ${server.pid}\n`);
process.once('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
setInterval(() => {}, 60_000);
