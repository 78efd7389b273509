/** The job exists exactly when the caller's own transaction commits: no order without its mail, no mail without it. */
import pg from 'pg';
import { defineJob, Raven } from 'ravenmq';
import { z } from 'zod';

const databaseUrl = process.env.DATABASE_URL as string;
const schema = process.env.RAVENMQ_SCHEMA ?? 'ravenmq';

const mail = defineJob({
  type: 'mail.send',
  input: z.object({ to: z.email() }),
  run: ({ to }) => console.log(`to ${to}`),
});

const raven = new Raven({ databaseUrl, schema, organization: 'acme' });
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
const count = async () => {
  const { rows } = await client.query(`select count(*) from ${schema}.jobs where type = 'mail.send'`);
  return Number(rows[0].count);
};

await client.query('begin');
await raven.tx(client).enqueue(mail, { to: 'ann@example.org' });
await client.query('rollback');
console.log(`after rollback: ${await count()} jobs`);

await client.query('begin');
await raven.tx(client).enqueue(mail, { to: 'ann@example.org' }, { idempotencyKey: 'welcome-ann' });
await client.query('commit');
console.log(`after commit: ${await count()} job`);

await client.end();
await raven.close();
