/** RavenMQ through its REST API: an API process of its own, one API key, connections kept alive. */
import { Agent, request } from 'node:http';
import { createClient } from '@ravenmq/client';
import type { Contestant, Payload, Place } from '../contestant.ts';
import { startApi } from './api-process.ts';
import { direct } from './direct.ts';

const job = ({ level, ...payload }: Payload) => ({
  type: 'bench',
  name: 'bench',
  payload,
  ...(level !== undefined && { weight: 0.1 + level / 100 }),
});

/** With the plainest client there is, so that the API is measured rather than its client. */
export function rest(place: Place): Contestant {
  return {
    ...direct(place),
    async produce() {
      const api = await startApi(place.databaseUrl);
      const agent = new Agent({ keepAlive: true });
      const post = (path: string, body: object) => send(`${api.url}${path}`, api.key, agent, body);
      return {
        one: (payload) => post('/jobs', job(payload)),
        many: (payloads) => post('/jobs/bulk', { jobs: payloads.map(job) }),
        async close() {
          agent.destroy();
          await api.stop();
        },
      };
    },
  };
}

/** With our own client. */
export function sdk(place: Place): Contestant {
  return {
    ...direct(place),
    async produce() {
      const api = await startApi(place.databaseUrl);
      const client = createClient({ url: api.url, token: api.key });
      return {
        one: (payload) => client.jobs.submit(job(payload)),
        many: (payloads) => client.jobs.submitMany(payloads.map(job)),
        close: () => api.stop(),
      };
    },
  };
}

function send(url: string, key: string, agent: Agent, body: object): Promise<unknown> {
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        if (response.statusCode === 201) resolve(JSON.parse(answer));
        else reject(new Error(`${url} answered ${response.statusCode}: ${answer}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
