import { settings } from './config.ts';

/** docs/configuration.md: every setting with its default and meaning. */
export function configurationPage(): string {
  const rows = Object.values(settings).map(({ env, fallback, doc }) => {
    const shown = Array.isArray(fallback) ? fallback.join(',') : String(fallback);
    return `| \`${env}\` | ${shown === '' ? '' : `\`${shown}\``} | ${doc} |`;
  });
  return [
    '# Configuration',
    '',
    'Every setting is an environment variable. Lists are separated by commas. A value that cannot be used keeps the',
    'program from starting and is named, with what is expected.',
    '',
    'Any variable can be given as a file instead: `DATABASE_URL_FILE=/run/secrets/database-url` is read as the value of',
    '`DATABASE_URL`, without its last line end. That keeps secrets out of the environment, where other programs see them.',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    'In containers and on Kubernetes: [deployment.md](deployment.md).',
    'Behind PgBouncer or another pooler, and on managed servers: [poolers.md](poolers.md).',
    '',
    '`ravenmq up` on a loopback address also allows shell jobs of any program, and http jobs to call its own API.',
    '',
  ].join('\n');
}
