/** `ravenmq kubernetes ...`: run by pods of ours that have a service account for it. */
import type { Command } from 'commander';
import type { Context } from './roles.ts';

interface SecretOptions {
  databaseHost: string;
  database: boolean;
}

export function addKubernetes(program: Command, configure: () => Context): void {
  const kubernetes = program.command('kubernetes').description('what a pod does in its own cluster');
  kubernetes
    .command('secret <name>')
    .description(
      'draw the secrets of a new installation as this Secret; one that exists is kept, nothing is printed',
    )
    .option('--database-host <host:port>', 'where the database will be', 'postgres:5432')
    .option('--without-database', 'leave out its password and address')
    .action(async (name: string, { databaseHost, database }: SecretOptions) => {
      const { drawSecrets, drawSignInSecrets } = await import('./generated-secrets.ts');
      const { createSecret, ownCluster } = await import('./kubernetes.ts');
      const place = { host: databaseHost, user: 'ravenmq', name: 'ravenmq' };
      const values = database ? drawSecrets(place) : drawSignInSecrets();
      process.stdout.write(`Secret ${name}: ${await createSecret(ownCluster(process.env), name, values)}.\n`);
    });
  kubernetes
    .command('deletion-costs')
    .description("tell Kubernetes which of the workers' pods to remove first: those with the least work left")
    .requiredOption('--token-file <file>', "an administrator's API key for the API at RAVENMQ_API_URL")
    .action(async ({ tokenFile }: { tokenFile: string }) => {
      const { runDeletionCosts } = await import('./deletion-costs.ts');
      const { ownCluster } = await import('./kubernetes.ts');
      const { untilSignal } = await import('./roles.ts');
      await runDeletionCosts(configure(), {
        cluster: () => ownCluster(process.env),
        tokenFile,
        until: untilSignal(),
      });
    });
}
