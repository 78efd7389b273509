#!/usr/bin/env node
import { Command, Option } from 'commander';
import { readConfig } from '../config.ts';
import { installCrashpoint } from '../crashpoint.ts';
import { withFiles } from '../env-files.ts';
import { createLogger } from '../log.ts';
import { version } from '../version.ts';
import { addJob } from './job.ts';
import { addKubernetes } from './kubernetes-command.ts';
import { addLimit } from './limit.ts';
import { addModel } from './model.ts';
import { addQueue } from './queue.ts';
import { addAccountCommands } from './remote/account.ts';
import { addJobCommands } from './remote/job.ts';
import { addScheduleCommands } from './remote/schedule.ts';
import type { Role } from './roles.ts';
import { addSimulate } from './simulate.ts';
import { addWhatif } from './whatif.ts';

// What a command needs is loaded when it runs: `ravenmq model status` has no use for a web server.
const program = new Command('ravenmq')
  .description(
    'Adaptive task scheduler on PostgreSQL. Settings come from the environment: docs/configuration.md.',
  )
  .version(version);

const roles: Record<Role, string> = {
  api: 'serve the REST API and the dashboard',
  scheduler: 'stand in elections; lead when elected',
  worker: 'run jobs of the built-in types',
  predictor: 'learn from finished jobs and publish estimates',
};
for (const [role, meaning] of Object.entries(roles) as [Role, string][]) {
  program
    .command(role)
    .description(meaning)
    .action(async () => (await import('./roles.ts')).runRoles(configure(), [role]));
}

program
  .command('frontend')
  .description('serve the dashboard and pass everything else on to the API at RAVENMQ_API_URL')
  .action(async () => (await import('./frontend.ts')).runFrontend(configure()));

program
  .command('health')
  .description(
    'ask the process at RAVENMQ_OPS_PORT, else the API at RAVENMQ_PORT; ends with 0 when all is well',
  )
  .addOption(new Option('--probe <name>', 'what to ask').choices(['livez', 'readyz']).default('readyz'))
  .action(async ({ probe }: { probe: string }) =>
    (await import('./health.ts')).checkHealth(configure().config, probe),
  );

program
  .command('up')
  .description('run everything in one process, with an embedded PostgreSQL when DATABASE_URL is not set')
  .option('--demo', 'fill it with a live workload')
  .action(async ({ demo = false }: { demo?: boolean }) =>
    (await import('./up.ts')).runUp(configure(), { demo }),
  );

program
  .command('migrate')
  .description('bring the schema up to date and end')
  .action(async () => (await import('./admin.ts')).migrateOnly(configure()));

const org = program.command('org').description('organizations: their shares, pause and limits');
org
  .command('create <name>')
  .description('make an organization that library users can act for')
  .action(async (name: string) => (await import('./admin.ts')).createOrganization(configure(), name));

program
  .command('demo')
  .description(
    'submit a mixed load to the system at RAVENMQ_URL (http://127.0.0.1:8000) and report on its order',
  )
  .action(async () => {
    const { runDemo } = await import('./demo/demo.ts');
    await runDemo({ url: process.env.RAVENMQ_URL ?? 'http://127.0.0.1:8000', log: console.log });
  });

addKubernetes(program, configure);
addJob(program, configure);
addJobCommands(program);
addScheduleCommands(program);
addAccountCommands(program);
addModel(program, configure);
addQueue(program, configure);
addLimit(program, org, configure);
addSimulate(program, configure);
addWhatif(program, configure);

function configure() {
  // For tests only, so it is no setting: the process kills itself at the named place.
  if (process.env.RAVENMQ_CRASHPOINT) installCrashpoint(process.env.RAVENMQ_CRASHPOINT);
  const config = readConfig(withFiles(process.env));
  return { config, log: createLogger(config.logLevel) };
}

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`ravenmq: ${error.message}\n`);
  process.exitCode = 1;
});
