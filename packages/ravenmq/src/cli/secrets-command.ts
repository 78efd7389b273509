/** `ravenmq secrets` */
import { type Command, Option } from 'commander';

interface Options {
  kubernetes?: string;
  databaseHost: string;
}

export function addSecrets(program: Command): void {
  program
    .command('secrets')
    .description('draw the secrets of a new installation once; what is there is kept, nothing is printed')
    .argument('[folder]', 'write them as files into this folder')
    .addOption(
      new Option('--kubernetes <name>', 'write them as this Secret of the namespace that the pod runs in'),
    )
    .option('--database-host <host:port>', 'where the database will be', 'db:5432')
    .action(async (folder: string | undefined, { kubernetes, databaseHost }: Options) => {
      if ((folder === undefined) === (kubernetes === undefined))
        throw new Error('Say where to: a folder, or --kubernetes NAME.');
      const { drawSecrets, keepSecretFiles } = await import('./generated-secrets.ts');
      const place = { host: databaseHost, user: 'ravenmq', name: 'ravenmq' };
      if (folder !== undefined) {
        const written = keepSecretFiles(folder, place);
        process.stdout.write(written.length > 0 ? `Made ${written.join(', ')}.\n` : 'All there already.\n');
        return;
      }
      const { createSecret, ownCluster } = await import('./kubernetes.ts');
      const did = await createSecret(ownCluster(process.env), kubernetes as string, {
        ...drawSecrets(place),
      });
      process.stdout.write(`Secret ${kubernetes}: ${did}.\n`);
    });
}
