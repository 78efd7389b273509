/** BullMQ on Redis with an append-only file synced every second. */
import type { Contestant, Payload, Place } from '../contestant.ts';
import { peerModule } from './module.ts';

interface Queue {
  add(name: string, data: object, options: object): Promise<unknown>;
  addBulk(jobs: { name: string; data: object; opts: object }[]): Promise<unknown>;
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
const opts = { removeOnComplete: true };

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
    async produce() {
      const queue = new Queue(name, { connection });
      return {
        one: (payload) => queue.add(name, payload, opts),
        many: (payloads) => queue.addBulk(payloads.map((data) => ({ name, data, opts }))),
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
