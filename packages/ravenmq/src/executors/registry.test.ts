import { afterEach, expect, test } from 'vitest';
import { type BuiltInExecutors, createBuiltInExecutors } from './registry.ts';

const config = { allowShell: false, shellAllow: ['/bin/echo'], shellUser: 'nobody', httpAllowPrivate: [] };
let executors: BuiltInExecutors | undefined;
afterEach(() => executors?.close());

test('http is there, shell only when switched on with a list', () => {
  executors = createBuiltInExecutors(config);
  expect(executors.http).toBeTypeOf('function');
  expect(executors.shell).toBeUndefined();
  expect(createBuiltInExecutors({ ...config, allowShell: true, shellAllow: [] }).shell).toBeUndefined();
  expect(createBuiltInExecutors({ ...config, allowShell: true }).shell).toBeTypeOf('function');
});

test('settings that cannot be used are refused at the start', () => {
  expect(() => createBuiltInExecutors({ ...config, httpAllowPrivate: ['x'] })).toThrow(/HTTP_ALLOW_PRIVATE/);
  expect(() => createBuiltInExecutors({ ...config, allowShell: true, shellAllow: ['sh'] })).toThrow(
    /SHELL_ALLOW/,
  );
});
