import { expect, test } from 'vitest';
import { checkPassword, hashPassword, TooBusy } from './passwords.ts';

test('past its queue callers are told to come back, those in it are served, and then there is room again', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => hashPassword(`secret ${n}`)));
  const refused = settled.filter((one) => one.status === 'rejected');
  // Two at work and fifty who wait.
  expect(refused).toHaveLength(60 - 2 - 50);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(TooBusy);

  const last = settled[51];
  expect(last?.status === 'fulfilled' && (await checkPassword(last.value, 'secret 51'))).toBe(true);
  expect(last?.status === 'fulfilled' && (await checkPassword(last.value, 'secret 50'))).toBe(false);
});

test('nobody has the password of nobody, not even the one that is compared with', async () => {
  expect(await checkPassword(undefined, 'a password that nobody has')).toBe(false);
});
