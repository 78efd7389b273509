/** pg-boss with its fastest documented settings: a partitioned queue, batches of a thousand, two local workers. */
import type { Contestant, Place, Tuning } from '../contestant.ts';
import { peerModule } from './module.ts';

interface Boss {
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): void;
  createQueue(name: string, options: object): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  send(name: string, data: object): Promise<unknown>;
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
    async produce() {
      const boss = await connected(idle);
      return {
        one: (payload) => boss.send(queue, payload),
        many: (payloads) =>
          boss.insert(
            queue,
            payloads.map((data) => ({ data })),
          ),
        close: () => boss.stop({ graceful: false }),
      };
    },
    async work(onJob, tuning) {
      const boss = await connected();
      await boss.work(queue, workOptions[tuning], async (jobs) => {
        for (const { data } of jobs) onJob(data);
      });
      return { stop: () => boss.stop({ graceful: true, timeout: 5_000 }) };
    },
  };
}
