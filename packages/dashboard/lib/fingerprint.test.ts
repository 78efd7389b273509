import { expect, test } from 'vitest';
import { fingerprint, groupFailures } from './fingerprint.ts';
import type { Job } from './wire.ts';

test('numbers, ids and paths do not tell failures apart', () => {
  expect(fingerprint('timeout after 3000 ms at /srv/app/main.js\n  at line 4')).toBe(
    fingerprint('timeout after 41.5 ms at /tmp/x/y.js'),
  );
  expect(fingerprint('no row 0195f1c2-0000-7000-8000-00000000abcd')).toBe('no row #');
  expect(fingerprint('refused')).not.toBe(fingerprint('timeout'));
});

test('the largest group comes first; types stay apart', () => {
  const job = (id: string, type: string, error_msg: string | null) => ({ id, type, error_msg }) as Job;
  const groups = groupFailures([
    job('1', 'http', 'status 500'),
    job('2', 'shell', 'status 1'),
    job('3', 'http', 'status 502'),
    job('4', 'http', null),
  ]);
  expect(groups.map(({ message, jobs }) => [message, jobs.length])).toEqual([
    ['status 500', 2],
    ['status 1', 1],
    ['no message', 1],
  ]);
});
