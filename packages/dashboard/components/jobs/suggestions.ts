import { filterKeys, wordsOf } from '../../lib/search.ts';
import { statuses } from '../../lib/wire.ts';

export interface Suggestion {
  /** What the box holds when it is taken. */
  text: string;
  word: string;
  hint: string;
}

const hints: Record<string, string> = {
  'status:': 'queued, running, done, failed …',
  'type:': 'what kind of work',
  'queue:': 'where it waits',
  'name:': 'the whole name',
  'since:': '15m, 6h, 7d',
  'label.': 'label.team=x',
};

export interface Known {
  types: string[];
  queues: string[];
}

/** What the last word could become. */
export function suggest(text: string, known: Known): Suggestion[] {
  const words = wordsOf(text);
  const begun = /\s$|^$/.test(text) ? '' : (words.pop() ?? '');
  const before = words.length > 0 ? `${words.join(' ')} ` : '';
  const values: Record<string, string[]> = {
    status: statuses,
    type: known.types,
    queue: known.queues,
    since: ['15m', '1h', '6h', '24h', '7d'],
  };
  const pair = /^(\w+):(.*)$/.exec(begun);
  if (pair) {
    const [, key = '', part = ''] = pair;
    return (values[key] ?? [])
      .filter((value) => value.startsWith(part) && value !== part)
      .slice(0, 8)
      .map((value) => ({ text: `${before}${key}:${value} `, word: `${key}:${value}`, hint: '' }));
  }
  return [...filterKeys.map((key) => `${key}:`), 'label.']
    .filter((word) => word.startsWith(begun) && word !== begun)
    .map((word) => ({ text: before + word, word, hint: hints[word] ?? '' }));
}
