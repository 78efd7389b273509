import { expect, test } from 'vitest';
import { addressOf, filterOfAddress, isJobId, parseSearch, queryOf, searchText } from './search.ts';

test('keys, labels, quoted values and a bare name', () => {
  expect(parseSearch('status:failed type:etl label.team=x since:1h nightly report')).toEqual({
    status: 'failed',
    type: 'etl',
    since: '1h',
    name: 'nightly report',
    labels: { team: 'x' },
  });
  expect(parseSearch('name:"two words" label.owner:"A B"')).toEqual({
    name: 'two words',
    labels: { owner: 'A B' },
  });
  expect(parseSearch('status: colour:red')).toEqual({ name: 'colour:red', labels: {} });
});

test('what was searched stands in the address and comes back from it', () => {
  const filter = parseSearch('status:done queue:reports since:7d name:"a b" label.k="v w"');
  const address = addressOf(filter);
  expect(filterOfAddress(new URL(address, 'http://x').searchParams)).toEqual(filter);
  expect(parseSearch(searchText(filter))).toEqual(filter);
  expect(addressOf({ labels: {} })).toBe('/jobs/');
});

test('a span becomes an instant for the API; one that cannot be read is left out', () => {
  const now = Date.parse('2030-01-02T00:00:00Z');
  expect(String(queryOf({ since: '24h', labels: {} }, now))).toBe(
    'created_after=2030-01-01T00%3A00%3A00.000Z',
  );
  expect(String(queryOf({ since: 'soon', labels: {} }, now))).toBe('');
});

test('an id is known by its form', () => {
  expect([isJobId(' 0195f1c2-0000-7000-8000-00000000abcd '), isJobId('workers')]).toEqual([true, false]);
});
