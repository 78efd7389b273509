import { expect, test } from 'vitest';
import { createHttpGuard, portOf, type Resolve } from './http-guard.ts';
import { NonRetryable } from './outcome.ts';

const answers =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

/** What both walls say about a URL whose name, if it has one, resolves to loopback. */
async function refused(text: string, allow: string[] = []): Promise<boolean> {
  const guard = createHttpGuard(allow, answers('127.0.0.1'));
  const url = new URL(text);
  try {
    guard.checkUrl(url);
    await guard.addressesOf(url.hostname, portOf(url));
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(NonRetryable);
    return true;
  }
}

test.each([
  // loopback in every spelling
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0177.0x0.0.1',
  '127.0.0.1.',
  '１２７.０.０.１',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  // this network, broadcast, multicast, reserved
  '0',
  '0.0.0.0',
  '0.1.2.3',
  '[::]',
  '255.255.255.255',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '[ff02::1]',
  // private and shared
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '0xc0a80001',
  '3232235521',
  '100.64.0.1',
  '100.127.255.255',
  '[fc00::1]',
  '[fd00::1]',
  '[fd00:ec2::254]',
  '[fec0::1]',
  // link-local and metadata
  '169.254.169.254',
  '169.254.0.1',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '[fe80::1]',
  '[febf::1]',
  'metadata.google.internal',
  'Metadata.Google.Internal.',
  'metadata',
  'metadata.goog',
  'instance-data.ec2.internal',
  // documentation, benchmarks, protocol assignments
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '[2001:db8::1]',
  '[3fff::1]',
  '[2001:2::1]',
  '[100::1]',
  '[5f00::1]',
  // an IPv4 address inside an IPv6 one
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:8.8.8.8]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b::8.8.8.8]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2002:808:808::1]',
  '[2001::1]',
  '[2001:0:7f00:1::]',
  '[4000::1]',
])('%s is refused', async (host) => {
  expect(await refused(`http://${host}/`)).toBe(true);
});

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '134744072',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '100.128.0.1',
  '169.253.0.1',
  '11.0.0.1',
  '[2606:4700:4700::1111]',
  '[2a00:1450:4001::1]',
])('%s is a public address', async (host) => {
  expect(await refused(`http://${host}/`)).toBe(false);
});

test.each(['fe80::1%eth0', '::ffff:192.168.0.1', 'not an address', ''])(
  'a name that resolves to "%s" is refused',
  async (address) => {
    const guard = createHttpGuard([], answers(address));

    await expect(guard.addressesOf('example.com', 80)).rejects.toThrow(NonRetryable);
  },
);

test('one private address among public ones is enough to refuse', async () => {
  const guard = createHttpGuard([], answers('8.8.8.8', '2606:4700::1', '10.0.0.1'));

  await expect(guard.addressesOf('example.com', 80)).rejects.toThrow(/not a public address/);
});

test('the refusal tells neither the address behind a name nor keeps quiet about the setting', async () => {
  const guard = createHttpGuard([], answers('10.1.2.3'));

  const error = await guard.addressesOf('db.example.com', 5432).catch((reason) => reason);

  expect(error.message).not.toContain('10.1.2.3');
  expect(error.message).toContain('RAVENMQ_HTTP_ALLOW_PRIVATE=db.example.com:5432');
});

test('host:port allows that port alone, in every spelling of the host', async () => {
  const allow = ['127.0.0.1:8080', '[::1]:8080', 'Intern.example.com:80'];

  expect(await refused('http://127.0.0.1:8080/', allow)).toBe(false);
  expect(await refused('http://0x7f.1:8080/', allow)).toBe(false);
  expect(await refused('http://[::1]:8080/', allow)).toBe(false);
  expect(await refused('http://intern.example.com./', allow)).toBe(false);
  expect(await refused('http://127.0.0.1:8081/', allow)).toBe(true);
  expect(await refused('http://127.0.0.1/', allow)).toBe(true);
  expect(await refused('https://intern.example.com/', allow)).toBe(true);
  expect(await refused('http://localhost:8080/', allow)).toBe(true);
});

test('a CIDR range allows its addresses, also written as IPv6, and names that lead there', async () => {
  const allow = ['127.0.0.0/8', 'fd00::/8'];

  expect(await refused('http://127.9.9.9/', allow)).toBe(false);
  expect(await refused('http://[::ffff:127.0.0.1]/', allow)).toBe(false);
  expect(await refused('http://[fd12::1]/', allow)).toBe(false);
  expect(await refused('http://service.example.com/', allow)).toBe(false);
  expect(await refused('http://10.0.0.1/', allow)).toBe(true);
  expect(await refused('http://metadata.google.internal/', allow)).toBe(true);
});

test.each(['nonsense', '10.0.0.0/33', 'host:port', 'http://a:80/x', 'a/b:80', 'host:99999'])(
  'the entry %s is refused at the start',
  (entry) => {
    expect(() => createHttpGuard([entry])).toThrow(/RAVENMQ_HTTP_ALLOW_PRIVATE/);
  },
);

test.each(['file:///etc/passwd', 'ftp://example.com/', 'http://a:b@example.com/'])(
  '%s is refused',
  (text) => {
    expect(() => createHttpGuard([]).checkUrl(new URL(text))).toThrow(NonRetryable);
  },
);
