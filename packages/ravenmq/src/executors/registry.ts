import type { Config } from '../config.ts';
import type { Executor } from './executor.ts';
import { createHttpExecutor } from './http.ts';
import { createShellExecutor } from './shell.ts';

export interface BuiltInExecutors {
  http?: Executor;
  /** Present only when the operator switched it on and named programs. */
  shell?: Executor;
  close(): Promise<void>;
}

/** Throws when a setting cannot be used (an unreadable allow-list entry, an unknown user). */
export function createBuiltInExecutors(
  config: Pick<Config, 'allowShell' | 'shellAllow' | 'shellUser' | 'httpAllowPrivate'>,
): BuiltInExecutors {
  const http = createHttpExecutor({ allowPrivate: config.httpAllowPrivate });
  const executors: BuiltInExecutors = { http: http.run, close: http.close };
  if (config.allowShell && config.shellAllow.length > 0) {
    executors.shell = createShellExecutor({ allow: config.shellAllow, user: config.shellUser });
  }
  return executors;
}
