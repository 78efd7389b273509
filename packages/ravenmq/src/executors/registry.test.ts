import { afterEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { type BuiltInExecutors, createBuiltInExecutors } from './registry.ts';

const config = {
  ...readConfig({}),
  shellAllow: ['/bin/echo'],
  mlAllow: ['/bin/echo'],
};
let executors: BuiltInExecutors | undefined;
afterEach(() => executors?.close());

test('http is there, shell only when switched on with a list', () => {
  executors = createBuiltInExecutors(config);
  expect(executors.http).toBeTypeOf('function');
  expect(executors.shell).toBeUndefined();
  expect(createBuiltInExecutors({ ...config, allowShell: true, shellAllow: [] }).shell).toBeUndefined();
  expect(createBuiltInExecutors({ ...config, allowShell: true }).shell).toBeTypeOf('function');
});

test('etl is there when folders are named, ml when switched on with a list and a folder', () => {
  executors = createBuiltInExecutors(config);
  expect([executors.etl, executors.ml]).toEqual([undefined, undefined]);
  expect(createBuiltInExecutors({ ...config, etlFolders: ['/srv'] }).etl).toBeTypeOf('function');
  const ml = { ...config, mlFolder: '/srv/ml' };
  expect(createBuiltInExecutors(ml).ml).toBeUndefined();
  expect(createBuiltInExecutors({ ...ml, allowMl: true }).ml).toBeTypeOf('function');
  expect(createBuiltInExecutors({ ...ml, allowMl: true, mlAllow: [] }).ml).toBeUndefined();
});

test('settings that cannot be used are refused at the start', () => {
  expect(() => createBuiltInExecutors({ ...config, httpAllowPrivate: ['x'] })).toThrow(/HTTP_ALLOW_PRIVATE/);
  expect(() => createBuiltInExecutors({ ...config, allowShell: true, shellAllow: ['sh'] })).toThrow(
    /SHELL_ALLOW/,
  );
  expect(() => createBuiltInExecutors({ ...config, etlFolders: ['data'] })).toThrow(/ETL_FOLDERS: data/);
});
