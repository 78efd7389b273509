/** pg-boss with its fastest documented settings: a partitioned queue, batches of a thousand, two local workers. */
import type { Contestant, Payload, Place, Tuning } from '../contestant.ts';
import { clientsOf, peerModule } from './module.ts';

interface Boss {
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): void;
  createQueue(name: string, options: object): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  send(name: string, data: object, options?: object): Promise<unknown>;
  insert(name: string, jobs: { data: object }[]): Promise<unknown>;
  work(name: string, options: object, handler: (jobs: { data: never }[]) => Promise<void>): Promise<string>;
}

const queue = 'bench';

const workOptions: Record<Tuning, object> = {
  backlog: { batchSize: 1_000, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
  latency: { batchSize: 1, localConcurrency: 10, pollingIntervalSeconds: 0.5 },
  stream: { batchSize: 100, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
};

export async function pgBoss({ databaseUrl }: Place): Promise<Contestant> {
  const { PgBoss } = (await peerModule('pg-boss')) as { PgBoss: new (options: object) => Boss };
  async function connected(options: object = {}): Promise<Boss> {
    const boss = new PgBoss({ connectionString: databaseUrl, max: 10, ...options });
    boss.on('error', (error) => console.error(error));
    await boss.start();
    return boss;
  }
  const idle = { supervise: false, schedule: false };

  return {
    async prepare(tuning) {
      const boss = await connected(idle);
      await boss.deleteQueue(queue).catch(() => {});
      await boss.createQueue(queue, { partition: true, notify: tuning !== 'backlog' });
      await boss.stop({ graceful: false });
    },
    async isEmpty(pool) {
      const { rows } = await pool.query(
        `select not exists (select from pgboss.job where name = '${queue}' and state < 'completed') as empty`,
      );
      return rows[0]?.empty;
    },
    async produce() {
      const boss = await connected(idle);
      const clients = clientsOf(databaseUrl);
      const priority = ({ level }: Payload) => (level === undefined ? {} : { priority: level });
      return {
        one: (payload) => boss.send(queue, payload, priority(payload)),
        many: (payloads) =>
          boss.insert(
            queue,
            payloads.map((data) => ({ data, ...priority(data) })),
          ),
        inTransaction: (payload) =>
          clients.transaction((client) => {
            const executeSql = (text: string, values: unknown[]) => client.query(text, values);
            return boss.send(queue, payload, { db: { executeSql } });
          }),
        async close() {
          await boss.stop({ graceful: false });
          await clients.end();
        },
      };
    },
    async work(onJob, tuning) {
      const boss = await connected({ useListenNotify: tuning !== 'backlog' });
      await boss.work(queue, workOptions[tuning], async (jobs) => {
        for (const { data } of jobs) onJob(data);
      });
      return { stop: () => boss.stop({ graceful: true, timeout: 5_000 }) };
    },
  };
}
