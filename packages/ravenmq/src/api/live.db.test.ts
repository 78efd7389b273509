import { expect } from 'vitest';
import { anApi, signedUp } from '../../test/an-api.ts';
import { eventually } from '../../test/eventually.ts';
import { test } from '../../test/fixtures.ts';
import { submitted } from '../../test/jobs.ts';

test('GET /live tells what the caller may see', async ({ db }) => {
  const api = await anApi(db);
  const [me, other] = [await signedUp(api, 'myself'), await signedUp(api, 'other')];
  await submitted(db.pool, { orgId: null, userId: me.id }, { orgId: null, userId: other.id });
  const live = async (as: typeof me) => (await api.app.inject({ url: '/live', headers: as.headers })).json();

  const before = await live(me);
  expect(before).toMatchObject({ queued: 1, running: 0, queued_ms: 3_000, workers: 0, leader: null });
  await submitted(db.pool, { orgId: null, userId: me.id });
  const after = await live(me);
  expect(after.queued).toBe(2);
  expect(after.version).not.toBe(before.version);
  expect((await live(other)).queued).toBe(1);
  await api.stop();
});

test('the stream tells the present moment at once and every change; a stop ends it', async ({ db }) => {
  const api = await anApi(db);
  const me = await signedUp(api, 'myself');
  const { url } = await api.start();
  expect((await fetch(`${url}/events`)).status).toBe(401);

  const answer = await fetch(`${url}/events`, { headers: me.headers });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  const reading = (async () => {
    for await (const chunk of answer.body as ReadableStream<Uint8Array>)
      text += new TextDecoder().decode(chunk);
  })();
  const waiting = () =>
    [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data as string).queued);
  await eventually(async () => waiting().at(-1) === 0);
  await submitted(db.pool, { orgId: null, userId: me.id });
  await eventually(async () => waiting().at(-1) === 1);

  await api.stop();
  await reading;
  expect(waiting()).toEqual([0, 1]);
});
