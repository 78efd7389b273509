import { readFileSync } from 'node:fs';
import { settings } from './config.ts';

type Env = Record<string, string | undefined>;

/**
 * The environment in which every setting `NAME` that is given as `NAME_FILE` has the contents of that file, without
 * the line end that editors and secret stores add. Throws one error that lists every file that cannot be used.
 */
export function withFiles(env: Env): Env {
  const result = { ...env };
  const problems: string[] = [];
  for (const { env: name } of Object.values(settings)) {
    const file = env[`${name}_FILE`];
    if (!file) continue;
    if (env[name]) {
      problems.push(`${name} and ${name}_FILE are both set: keep one of them`);
      continue;
    }
    try {
      result[name] = readFileSync(file, 'utf8').trimEnd();
      if (result[name] === '') problems.push(`${name}_FILE=${file}: the file is empty`);
    } catch (error) {
      problems.push(`${name}_FILE=${file}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0)
    throw new Error(`Settings that cannot be used:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return result;
}
