import { isAbsolute } from 'node:path';
import type { Config } from '../config.ts';
import { createEtlExecutor } from './etl.ts';
import type { Executor } from './executor.ts';
import { createHttpExecutor } from './http.ts';
import { createMlExecutor } from './ml.ts';
import { createShellExecutor } from './shell.ts';

export interface BuiltInExecutors {
  http: Executor;
  /** Present only when the operator switched it on and named programs. */
  shell?: Executor;
  /** Present only when the operator named folders. */
  etl?: Executor;
  /** Present only when the operator switched it on, named programs and a folder. */
  ml?: Executor;
  close(): Promise<void>;
}

type Settings = Pick<
  Config,
  | 'allowShell'
  | 'shellAllow'
  | 'shellUser'
  | 'httpAllowPrivate'
  | 'etlFolders'
  | 'etlMemoryMb'
  | 'allowMl'
  | 'mlAllow'
  | 'mlFolder'
  | 'retentionDays'
>;

/** Throws when a setting cannot be used (an unreadable allow-list entry, an unknown user, a folder that is no path). */
export function createBuiltInExecutors(config: Settings): BuiltInExecutors {
  const { shellUser: user } = config;
  const http = createHttpExecutor({ allowPrivate: config.httpAllowPrivate });
  const executors: BuiltInExecutors = { http: http.run, close: http.close };
  if (config.allowShell && config.shellAllow.length > 0) {
    executors.shell = createShellExecutor({ allow: config.shellAllow, user });
  }
  if (config.etlFolders.length > 0) {
    for (const folder of config.etlFolders) requireAbsolute(folder, 'RAVENMQ_ETL_FOLDERS');
    const { etlFolders: folders, etlMemoryMb: memoryMb } = config;
    executors.etl = createEtlExecutor({ folders, memoryMb, download: http.download });
  }
  if (config.allowMl && config.mlAllow.length > 0 && config.mlFolder !== '') {
    requireAbsolute(config.mlFolder, 'RAVENMQ_ML_FOLDER');
    const { mlAllow: allow, mlFolder: folder, retentionDays: keepDays } = config;
    executors.ml = createMlExecutor({ allow, user, folder, keepDays });
  }
  return executors;
}

function requireAbsolute(folder: string, setting: string): void {
  if (!isAbsolute(folder)) throw new Error(`${setting}: ${folder} is not an absolute path`);
}
