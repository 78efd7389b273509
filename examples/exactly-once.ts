/** A handler that books money: the booking and the end of its job are one transaction, so a retry books nothing twice. */
import pg from 'pg';
import { createWorker, defineJob, Raven } from 'ravenmq';
import { z } from 'zod';

const databaseUrl = process.env.DATABASE_URL as string;
const schema = process.env.RAVENMQ_SCHEMA ?? 'ravenmq';

const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
await pool.query(`create table if not exists ${schema}.booking (job uuid, amount integer)`);

const book = defineJob({
  type: 'book',
  input: z.object({ amount: z.int() }),
  async run({ amount }, { jobId, attempt, complete, log }) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(`insert into ${schema}.booking values ($1, $2)`, [jobId, amount]);
      log(`booked ${amount}, attempt ${attempt}`);
      await complete(client, { booked: amount });
      if (attempt === 1) throw new Error('the power fails before the commit');
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  },
});

const worker = createWorker({ databaseUrl, schema, jobs: [book] });
await worker.start();
const raven = new Raven({ databaseUrl, schema, organization: 'acme' });
console.log(await (await raven.enqueue(book, { amount: 5 })).result());
const { rows } = await pool.query(`select count(*)::int as bookings from ${schema}.booking`);
console.log(rows[0]);

await raven.close();
await worker.stop();
await pool.end();
