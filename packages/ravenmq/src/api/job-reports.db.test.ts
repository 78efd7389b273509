import { expect } from 'vitest';
import { aWorker } from '../../test/a-worker.ts';
import { anApi, signedUp } from '../../test/an-api.ts';
import { test } from '../../test/fixtures.ts';

test('a log is read in pages, followed until the job ends, and seen by its own organization only', async ({
  db,
}) => {
  const api = await anApi(db);
  const { url } = await api.start();
  const [owner, stranger] = [await signedUp(api, 'owner'), await signedUp(api, 'stranger')];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const worker = aWorker(db.pool, {
    told: async (_payload, { log, progress }) => {
      log('first');
      progress(0.5, 'half');
      await ended;
      log('last', 'error');
    },
  });
  await worker.start();
  const submitted = await api.app.inject({
    method: 'POST',
    url: '/jobs',
    headers: owner.headers,
    payload: { name: 'n', type: 'told', payload: {} },
  });
  const { id } = submitted.json();

  const followed = await fetch(`${url}/jobs/${id}/logs?follow=true`, { headers: owner.headers });
  expect(followed.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  for await (const chunk of followed.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (!text.includes('"first"')) continue;
    const job = await api.app.inject({ url: `/jobs/${id}`, headers: owner.headers });
    if (job.json().status === 'running')
      expect(job.json().progress).toMatchObject({ share: 0.5, note: 'half' });
    end();
  }
  expect(text.match(/^event: .*/gm)).toEqual(['event: log', 'event: log', 'event: end']);
  expect(text).toContain('data: {"status":"done"}');

  const get = (path: string, headers: Record<string, string>) =>
    api.app.inject({ url: `/jobs/${id}/${path}`, headers });
  const lines = (await get('logs', owner.headers)).json();
  expect(lines).toMatchObject([
    { message: 'first', level: 'info' },
    { message: 'last', level: 'error' },
  ]);
  expect((await get(`logs?after=${lines[0].seq}`, owner.headers)).json()).toEqual([lines[1]]);
  expect((await get('logs?limit=1', owner.headers)).json()).toEqual([lines[0]]);
  expect((await get('metrics', owner.headers)).json()).toEqual([]);
  for (const path of ['logs', 'logs?follow=true', 'metrics'])
    expect((await get(path, stranger.headers)).statusCode).toBe(404);
  const done = await api.app.inject({ url: `/jobs/${id}`, headers: owner.headers });
  expect(done.json()).toMatchObject({ status: 'done', progress: null });
  await worker.stop(1_000);
  await api.stop();
});

test('an API that stops ends what is followed', async ({ db }) => {
  const api = await anApi(db);
  const { url } = await api.start();
  const { headers } = await signedUp(api, 'owner');
  const payload = { name: 'n', type: 'nobody', payload: {} };
  const { id } = (await api.app.inject({ method: 'POST', url: '/jobs', headers, payload })).json();
  const followed = await fetch(`${url}/jobs/${id}/logs?follow=true`, { headers });
  await api.stop();
  await expect(followed.text()).rejects.toThrow();
});
