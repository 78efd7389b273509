/** BullMQ on Redis with an append-only file synced every second. */
import type { Contestant, Payload, Place } from '../contestant.ts';
import { levels } from '../levels.ts';
import { peerModule } from './module.ts';

interface Queue {
  add(name: string, data: object, options: object): Promise<unknown>;
  addBulk(jobs: { name: string; data: object; opts: object }[]): Promise<unknown>;
  getJobCountByTypes(...types: string[]): Promise<number>;
  obliterate(options: object): Promise<void>;
  close(): Promise<void>;
}

interface Module {
  Queue: new (name: string, options: object) => Queue;
  Worker: new (
    name: string,
    handler: (job: { data: Payload }) => Promise<void>,
    options: object,
  ) => {
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
    on(event: 'error', listener: () => void): void;
  };
}

const name = 'bench';
/** Smaller numbers go first, and 0 is none. */
const opts = ({ level }: Payload) => ({
  removeOnComplete: true,
  ...(level !== undefined && { priority: levels - level }),
});

export async function bullmq({ redisUrl }: Place): Promise<Contestant> {
  const { Queue, Worker } = (await peerModule('bullmq')) as Module;
  const { hostname, port } = new URL(redisUrl);
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };

  return {
    async prepare() {
      const queue = new Queue(name, { connection });
      await queue.obliterate({ force: true });
      await queue.close();
    },
    async isEmpty() {
      const queue = new Queue(name, { connection });
      const left = await queue.getJobCountByTypes('waiting', 'active', 'prioritized');
      await queue.close();
      return left === 0;
    },
    async produce() {
      const queue = new Queue(name, { connection });
      return {
        one: (payload) => queue.add(name, payload, opts(payload)),
        many: (payloads) => queue.addBulk(payloads.map((data) => ({ name, data, opts: opts(data) }))),
        close: () => queue.close(),
      };
    },
    async work(onJob) {
      const handler = async ({ data }: { data: Payload }) => onJob(data);
      const worker = new Worker(name, handler, { connection, concurrency: 100 });
      worker.on('error', () => {});
      await worker.waitUntilReady();
      return { stop: () => worker.close() };
    },
  };
}
