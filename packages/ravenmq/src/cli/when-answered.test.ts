import { expect, test } from 'vitest';
import { silentLogger } from '../log.ts';
import { whenAnswered } from './when-answered.ts';

const failing = (...errors: unknown[]) => {
  const calls = { n: 0 };
  const work = async () => {
    const error = errors[calls.n++];
    if (error) throw error;
    return 'answered';
  };
  return { calls, work };
};
const refused = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

test('waits for a database that starts', async () => {
  const { calls, work } = failing(refused(), new AggregateError([refused(), refused()]));
  expect(await whenAnswered(5_000, silentLogger, work)).toBe('answered');
  expect(calls.n).toBe(3);
});

test('does not wait for what waiting does not mend, nor when it is not to wait', async () => {
  const wrong = Object.assign(new Error('password'), { code: '28P01' });
  const { calls, work } = failing(wrong);
  await expect(whenAnswered(5_000, silentLogger, work)).rejects.toBe(wrong);
  await expect(whenAnswered(0, silentLogger, failing(refused()).work)).rejects.toThrow('refused');
  expect(calls.n).toBe(1);
});
