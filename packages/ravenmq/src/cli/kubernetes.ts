/** The little that a pod of ours asks of the Kubernetes API, with its own service account. */
import { readFileSync } from 'node:fs';

export interface Cluster {
  url: string;
  namespace: string;
  token: string;
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const timeoutMs = 10_000;

/**
 * The cluster this pod runs in. Its certificate authority has to be known to Node already: set NODE_EXTRA_CA_CERTS to
 * the file that Kubernetes puts beside the token.
 */
export function ownCluster(env: Record<string, string | undefined>): Cluster {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) throw new Error('This does not run in a Kubernetes pod: KUBERNETES_SERVICE_HOST is not set.');
  try {
    return {
      url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      namespace: readFileSync(`${account}/namespace`, 'utf8').trim(),
      token: readFileSync(`${account}/token`, 'utf8').trim(),
    };
  } catch (cause) {
    throw new Error('The pod has no service account token: set automountServiceAccountToken: true.', {
      cause,
    });
  }
}

/** Creates a Secret; one of that name that exists is left as it is. */
export async function createSecret(
  cluster: Cluster,
  name: string,
  values: Record<string, string>,
): Promise<'created' | 'exists'> {
  const answer = await ask(cluster, 'POST', 'secrets', 'application/json', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'ravenmq' } },
    type: 'Opaque',
    stringData: values,
  });
  if (answer.status === 409) return 'exists';
  if (answer.ok) return 'created';
  throw await refusal(answer, `the Secret ${name}`);
}

/** Changes a pod; one that does not exist is none of ours. */
export async function patchPod(cluster: Cluster, name: string, patch: object): Promise<void> {
  const path = `pods/${encodeURIComponent(name)}`;
  const answer = await ask(cluster, 'PATCH', path, 'application/merge-patch+json', patch);
  if (!answer.ok && answer.status !== 404) throw await refusal(answer, `the pod ${name}`);
  await answer.body?.cancel();
}

function ask(
  { url, namespace, token }: Cluster,
  method: string,
  path: string,
  type: string,
  body: object,
): Promise<Response> {
  return fetch(`${url}/api/v1/namespaces/${namespace}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

async function refusal(answer: Response, what: string): Promise<Error> {
  const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
  return new Error(`The Kubernetes API refused ${what}: ${answer.status} ${message ?? ''}`);
}
