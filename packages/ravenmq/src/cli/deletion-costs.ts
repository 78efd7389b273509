/**
 * When a deployment shrinks, Kubernetes removes the pods with the lowest pod-deletion-cost first. Here that cost is
 * the predicted work a worker still has in hand, in seconds, so that long jobs are spared. The API knows it
 * (GET /autoscaling); a worker's host name is its pod's name.
 */
import { readFile } from 'node:fs/promises';
import { createService } from '../service.ts';
import { type Cluster, patchPod } from './kubernetes.ts';
import type { Context } from './roles.ts';

const everyMs = 15_000;
const timeoutMs = 10_000;
const annotation = 'controller.kubernetes.io/pod-deletion-cost';
/** The annotation is a 32-bit integer. */
const highestCost = 2_147_483_647;

interface ScaleIn {
  hostname: string;
  running: number;
  left_s: number;
}

export interface DeletionCostOptions {
  /** Asked every time: the token of a pod is renewed under way. */
  cluster(): Cluster;
  tokenFile: string;
  until: Promise<void>;
}

export async function runDeletionCosts(
  { config, log }: Context,
  { cluster, tokenFile, until }: DeletionCostOptions,
): Promise<void> {
  const told = new Map<string, number>();
  const telling = createService(
    {
      name: 'deletion costs',
      everyMs,
      async run() {
        const token = (await readFile(tokenFile, 'utf8')).trim();
        await tellCosts(await askWhatIsLeft(config.apiUrl, token), cluster(), told);
        return undefined;
      },
    },
    log,
  );
  telling.start();
  await until;
  await telling.stop();
}

async function askWhatIsLeft(apiUrl: string, token: string): Promise<ScaleIn[]> {
  const answer = await fetch(`${apiUrl}/autoscaling/all`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`GET ${apiUrl}/autoscaling/all: ${answer.status} ${await answer.text()}`);
  const { scale_in } = (await answer.json()) as { scale_in: ScaleIn[] };
  return scale_in;
}

/** Writes the costs that changed since `told`. A worker that is no pod of ours, or is gone, is passed over. */
export async function tellCosts(left: ScaleIn[], cluster: Cluster, told: Map<string, number>): Promise<void> {
  const costs = new Map<string, number>();
  // Several workers in one pod add up.
  for (const { hostname, running, left_s } of left) {
    const cost = Math.ceil(left_s) + (running > 0 ? 1 : 0);
    costs.set(hostname, Math.min(highestCost, (costs.get(hostname) ?? 0) + cost));
  }
  for (const pod of told.keys()) if (!costs.has(pod)) told.delete(pod);
  for (const [pod, cost] of costs) {
    if (told.get(pod) === cost) continue;
    await patchPod(cluster, pod, { metadata: { annotations: { [annotation]: String(cost) } } });
    told.set(pod, cost);
  }
}
