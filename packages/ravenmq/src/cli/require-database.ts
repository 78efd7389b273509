import type { Context } from './roles.ts';

/** For commands that cannot start a database of their own. */
export function requireDatabase({ config }: Context): void {
  if (config.databaseUrl === '') throw new Error('DATABASE_URL is not set.');
}
