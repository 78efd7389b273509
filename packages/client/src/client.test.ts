import { expect, test } from 'vitest';
import { json, serve } from '../test/api.ts';
import { createClient } from './index.ts';

test('signing in gives the token to later requests', async () => {
  const { url, seen } = await serve((n, response) =>
    json(response, 200, n === 1 ? { token: 'abc', user: { id: '1', username: 'ann', role: 'user' } } : []),
  );
  const client = createClient({ url: `${url}/` });

  expect(await client.auth.login({ username: 'ann', password: 'secret' })).toMatchObject({ username: 'ann' });
  await client.workers.list();

  expect(seen.map((request) => request.headers.authorization)).toEqual([undefined, 'Bearer abc']);
});

test('a list follows the links of its pages, and the token stays with the API', async () => {
  const { url, seen } = await serve((n, response) =>
    n === 1
      ? json(response, 200, [{ id: 'b' }], {
          link: '<http://elsewhere.example/jobs/?status=done&before=b>; rel="next"',
        })
      : json(response, 200, [{ id: 'a' }]),
  );
  const ids: string[] = [];
  for await (const job of createClient({ url }).jobs.list({ status: 'done', labels: { team: 'x' } }))
    ids.push(job.id);

  expect(ids).toEqual(['b', 'a']);
  expect(seen.map((request) => request.url)).toEqual([
    '/jobs/?status=done&label.team=x',
    '/jobs/?status=done&before=b',
  ]);
});

test('many jobs go in one request, each with a key; a contradiction is thrown', async () => {
  const { url, seen } = await serve((_, response) =>
    json(response, 201, [{ id: 'j' }, { status: 409, code: 'conflict', detail: 'Used.', request_id: 'r' }]),
  );
  const jobs = ['a', 'b'].map((name) => ({ name, type: 't', payload: {} }));

  await expect(createClient({ url }).jobs.submitMany(jobs)).rejects.toMatchObject({
    status: 409,
    code: 'conflict',
    requestId: 'r',
  });
  const sent = seen[0]?.body as { jobs: { idempotency_key: string }[] };
  expect(new Set(sent.jobs.map((job) => job.idempotency_key)).size).toBe(2);
});

test('waiting ends with the job', async () => {
  const { url, seen } = await serve((n, response) =>
    json(response, 200, { id: 'j', status: n < 3 ? 'running' : 'done' }),
  );
  expect((await createClient({ url }).jobs.wait('j')).status).toBe('done');
  expect(seen).toHaveLength(3);
});

test('waiting gives up in time and says where the job stands, also when the API hangs', async () => {
  const { url } = await serve((n, response) => {
    if (n === 1) json(response, 200, { id: 'j', status: 'queued' });
  });
  await expect(createClient({ url }).jobs.wait('j', { timeoutMs: 400 })).rejects.toMatchObject({
    code: 'timeout',
    message: 'Job j is queued after 400 ms.',
  });
});

test('a signal ends the wait with its own reason', async () => {
  const { url } = await serve((_, response) => json(response, 200, { id: 'j', status: 'queued' }));
  const controller = new AbortController();
  const waiting = createClient({ url }).jobs.wait('j', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('a log is followed to the last line of a job that has ended', async () => {
  const line = (seq: number) => ({ seq, attempt: 1, at: '', level: 'info', message: `line ${seq}` });
  const answers = [{ status: 'running' }, [line(1), line(2)], { status: 'done' }, [line(3)]];
  const { url, seen } = await serve((n, response) => json(response, 200, answers[n - 1]));
  const read: number[] = [];
  for await (const { seq } of createClient({ url }).jobs.logs('j', { follow: true })) read.push(seq);
  expect(read).toEqual([1, 2, 3]);
  expect(seen.map((request) => request.url)).toEqual([
    '/jobs/j',
    '/jobs/j/logs?after=0&limit=1000',
    '/jobs/j',
    '/jobs/j/logs?after=2&limit=1000',
  ]);
});

test('schedules: previews ask with what was given, deleting has no answer to read', async () => {
  const { url, seen } = await serve((n, response) =>
    n === 1 ? json(response, 200, { fires: ['a'] }) : response.writeHead(204).end(),
  );
  const { schedules } = createClient({ url });
  expect(await schedules.preview({ cron: '30 2 * * *', timezone: 'Europe/Berlin' })).toEqual(['a']);
  expect(await schedules.delete('s')).toBeUndefined();
  expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    'GET /schedules/preview?cron=30+2+*+*+*&timezone=Europe%2FBerlin',
    'DELETE /schedules/s',
  ]);
});

test('what is asked of the future goes where it is answered', async () => {
  const { url, seen } = await serve((_, response) => json(response, 200, { id: 'w', sentence: 'soon' }));
  const client = createClient({ url });
  expect((await client.jobs.explain('j')).sentence).toBe('soon');
  await client.jobs.estimate({ type: 'mail', name: 'welcome' });
  await client.queues.board('a/b');
  const { id } = await client.whatif.ask({ slots: [4], arrival_scales: [1.3] });
  await client.whatif.get(id);
  await client.whatif.cancel(id);

  expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    'GET /jobs/j/explain',
    'POST /estimate',
    'GET /queues/a%2Fb/board',
    'POST /whatif',
    'GET /whatif/w',
    'POST /whatif/w/cancel',
  ]);
  expect(seen[3]?.body).toEqual({ slots: [4], arrival_scales: [1.3] });
});
