/**
 * Decides where an http job may connect. Only global unicast addresses are allowed; everything else (loopback,
 * private, link-local, shared, translated, tunnelled, reserved) needs an entry in RAVENMQ_HTTP_ALLOW_PRIVATE.
 * A name is resolved once, every address of the answer is checked, and the connection is made to a checked one, so
 * a name server that answers differently the second time gains nothing.
 */
import { promises as dns } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { NonRetryable } from './outcome.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

export interface HttpGuard {
  /** Refuses what can be refused without a name server. Throws NonRetryable. */
  checkUrl(url: URL): void;
  /** The addresses to connect to. Throws NonRetryable when any of them is not allowed, or the resolver's error. */
  addressesOf(hostname: string, port: number): Promise<ResolvedAddress[]>;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

// Names under which clouds and orchestrators serve credentials to whoever asks.
const metadataNames = new Set([
  'instance-data',
  'instance-data.ec2.internal',
  'kubernetes.default.svc',
  'metadata',
  'metadata.azure.com',
  'metadata.goog',
  'metadata.google.internal',
  'metadata.packet.net',
  'metadata.platformequinix.com',
  'metadata.tencentyun.com',
  'rancher-metadata',
]);

const globalUnicastV6 = ipaddr.parseCIDR('2000::/3');

/** `allowPrivate` holds `host:port` entries and CIDR ranges; throws when an entry is neither. */
export function createHttpGuard(allowPrivate: string[], resolve: Resolve = resolveAll): HttpGuard {
  const ranges = allowPrivate
    .filter((entry) => ipaddr.isValidCIDR(entry))
    .map((entry) => ipaddr.parseCIDR(entry));
  const targets = new Set(allowPrivate.filter((entry) => !ipaddr.isValidCIDR(entry)).map(targetOf));

  const isTarget = (hostname: string, port: number) => targets.has(`${bare(hostname)}:${port}`);

  function isAllowed(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.parse(text);
    return isGlobalUnicast(address) || ranges.some((range) => within(address, range));
  }

  return {
    checkUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new NonRetryable(`${url.protocol} is not allowed, only http: and https:`);
      }
      if (url.username !== '' || url.password !== '') {
        throw new NonRetryable('a URL with a user name or password is not allowed');
      }
      const hostname = bare(url.hostname);
      if (isTarget(hostname, portOf(url))) return;
      if (metadataNames.has(hostname) || (ipaddr.isValid(hostname) && !isAllowed(hostname))) {
        throw refusal(hostname, portOf(url));
      }
    },
    async addressesOf(hostname, port) {
      const host = bare(hostname);
      const literal = ipaddr.isValid(host);
      const addresses = literal
        ? [{ address: host, family: host.includes(':') ? 6 : 4 }]
        : await resolve(host);
      if (addresses.length === 0) throw new Error(`${host} has no address`);
      if (isTarget(host, port)) return addresses;
      if (metadataNames.has(host) || !addresses.every(({ address }) => isAllowed(address)))
        throw refusal(host, port);
      return addresses;
    },
  };
}

export function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

function isGlobalUnicast(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || within(address, globalUnicastV6);
}

function within(address: Address, [network, bits]: [Address, number]): boolean {
  const same =
    address.kind() === 'ipv6' && network.kind() === 'ipv4' && (address as ipaddr.IPv6).isIPv4MappedAddress()
      ? (address as ipaddr.IPv6).toIPv4Address()
      : address;
  return same.kind() === network.kind() && same.match(network as never, bits);
}

/** Without the brackets of an IPv6 literal and the dot of a fully qualified name. */
function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '');
}

function targetOf(entry: string): string {
  const url = URL.parse(`http://${entry}`);
  const port = /:(\d+)$/.exec(entry)?.[1];
  if (!url || port === undefined || url.pathname !== '/' || url.username !== '' || url.search !== '') {
    throw new Error(`RAVENMQ_HTTP_ALLOW_PRIVATE: ${entry} is neither host:port nor a CIDR range`);
  }
  return `${bare(url.hostname)}:${port}`;
}

// The address a name resolved to is left out: the people of an organization are not told about the network inside.
function refusal(hostname: string, port: number): NonRetryable {
  return new NonRetryable(
    `${hostname} is not a public address. An operator can allow it with RAVENMQ_HTTP_ALLOW_PRIVATE=${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
  );
}

const resolveAll: Resolve = (hostname) => dns.lookup(hostname, { all: true });
