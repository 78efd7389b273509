/**
 * What people type into the search box, and what of it stands in the address: `status:failed type:etl label.team=x`.
 * A word without a key is a name; a job's id alone leads to that job.
 */

export interface Filter {
  status?: string;
  type?: string;
  queue?: string;
  name?: string;
  /** `15m`, `6h`, `7d`: only jobs made within that time. */
  since?: string;
  labels: Record<string, string>;
}

export const filterKeys = ['status', 'type', 'queue', 'name', 'since'] as const;
type Key = (typeof filterKeys)[number];

const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isJobId = (text: string): boolean => idForm.test(text.trim());

const isKey = (key: string): key is Key => (filterKeys as readonly string[]).includes(key);

/** Words, a part in double quotes counting as one. */
export const wordsOf = (text: string): string[] => text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];

const unquoted = (text: string): string => text.replaceAll('"', '');
const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);

export function parseSearch(text: string): Filter {
  const filter: Filter = { labels: {} };
  const names: string[] = [];
  for (const word of wordsOf(text)) {
    const label = /^label\.([^=:]+)[=:](.*)$/.exec(word);
    const pair = /^(\w+):(.*)$/.exec(word);
    if (label) filter.labels[unquoted(label[1] as string)] = unquoted(label[2] as string);
    else if (pair && isKey(pair[1] as string)) {
      const value = unquoted(pair[2] as string);
      if (value !== '') filter[pair[1] as Key] = value;
    } else names.push(unquoted(word));
  }
  if (names.length > 0) filter.name = names.join(' ');
  return filter;
}

export function searchText(filter: Filter): string {
  const words: string[] = [];
  for (const key of filterKeys) {
    const value = filter[key];
    if (value !== undefined) words.push(key === 'name' ? `name:${quoted(value)}` : `${key}:${quoted(value)}`);
  }
  for (const [key, value] of Object.entries(filter.labels)) words.push(`label.${key}=${quoted(value)}`);
  return words.join(' ');
}

export function filterOfAddress(params: URLSearchParams): Filter {
  const filter: Filter = { labels: {} };
  for (const [key, value] of params) {
    if (isKey(key)) filter[key] = value;
    else if (key.startsWith('label.')) filter.labels[key.slice('label.'.length)] = value;
  }
  return filter;
}

/** As the address of the page, which the list follows. */
export function addressOf(filter: Filter): string {
  const params = pairsOf(filter);
  if (filter.since) params.set('since', filter.since);
  return params.size === 0 ? '/jobs/' : `/jobs/?${params}`;
}

/** As the API takes it; `since` is counted back from `now`, in milliseconds since 1970. */
export function queryOf(filter: Filter, now: number): URLSearchParams {
  const params = pairsOf(filter);
  const span = spanMs(filter.since);
  if (span !== undefined) params.set('created_after', new Date(now - span).toISOString());
  return params;
}

function pairsOf(filter: Filter): URLSearchParams {
  const params = new URLSearchParams();
  for (const key of filterKeys) {
    const value = filter[key];
    if (value !== undefined && key !== 'since') params.set(key, value);
  }
  for (const [key, value] of Object.entries(filter.labels)) params.set(`label.${key}`, value);
  return params;
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function spanMs(since: string | undefined): number | undefined {
  const parts = /^(\d{1,4})([mhd])$/.exec(since ?? '');
  return parts ? Number(parts[1]) * (units[parts[2] as string] as number) : undefined;
}
