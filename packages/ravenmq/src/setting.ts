/** The kinds of settings, and how each is read from the text of an environment variable. */

type Kind = 'text' | 'int' | 'bool' | 'list';

export interface Setting<T> {
  env: string;
  kind: Kind;
  fallback: T;
  min?: number;
  max?: number;
  doc: string;
}

export const text = (env: string, fallback: string, doc: string): Setting<string> => ({
  env,
  kind: 'text',
  fallback,
  doc,
});
export const int = (
  env: string,
  fallback: number,
  min: number,
  max: number,
  doc: string,
): Setting<number> => ({
  env,
  kind: 'int',
  fallback,
  min,
  max,
  doc,
});
export const bool = (env: string, fallback: boolean, doc: string): Setting<boolean> => ({
  env,
  kind: 'bool',
  fallback,
  doc,
});
export const list = (env: string, fallback: string[], doc: string): Setting<string[]> => ({
  env,
  kind: 'list',
  fallback,
  doc,
});

/** The value that was given; what is wrong with it goes to `problems`, and the default stands in. */
export function parse(setting: Setting<unknown>, raw: string, problems: string[]): unknown {
  if (setting.kind === 'text') return raw;
  if (setting.kind === 'list')
    return raw
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (setting.kind === 'bool') {
    if (/^(1|true|yes|on)$/i.test(raw)) return true;
    if (/^(0|false|no|off)$/i.test(raw)) return false;
    problems.push(`${setting.env}=${raw}: true or false`);
    return setting.fallback;
  }
  const value = Number(raw);
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = setting;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  problems.push(`${setting.env}=${raw}: a whole number from ${min} to ${max}`);
  return setting.fallback;
}
