import { connect } from '../db/connect.ts';
import { requireDatabase } from './require-database.ts';
import type { Context } from './roles.ts';
import { prepareDatabase } from './roles.ts';

/** `ravenmq migrate` */
export async function migrateOnly(context: Context): Promise<void> {
  requireDatabase(context);
  const password = await prepareDatabase(context);
  process.stdout.write('The schema is up to date.\n');
  if (password) process.stdout.write(`Administrator ${context.config.adminUsername}, password ${password}\n`);
}

/** `ravenmq org create NAME` */
export async function createOrganization(context: Context, name: string): Promise<void> {
  requireDatabase(context);
  if (name.length < 2 || name.length > 64)
    throw new Error(`${name}: the name of an organization has 2 to 64 characters.`);
  const { databaseUrl: url, schema } = context.config;
  const pool = connect({ url, schema, max: 1, applicationName: 'ravenmq org', log: context.log });
  try {
    const { rowCount } = await pool.query(
      'insert into organizations (name) values ($1) on conflict (name) do nothing',
      [name],
    );
    process.stdout.write(rowCount ? `Made organization ${name}.\n` : `Organization ${name} exists.\n`);
  } finally {
    await pool.end();
  }
}
