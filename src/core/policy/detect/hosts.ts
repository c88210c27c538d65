// Hosts that no tool should be sent to by a model: the machine itself, private networks, and where clouds hand out credentials.
// Facts: RFC 1918, 3927, 4193, 4291, 6052, 6598, 6890; the WHATWG URL standard for the ways to write an IPv4 address.

const URL_START = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{1,19}):[\\/]{1,5}([^\s/?#\\"'<>`]{0,260})/gi;
const SAFE_SCHEMES = new Set(['http', 'https', 'ws', 'wss', 'ftp', 'ftps', 'sftp', 'ssh', 'git', 's3', 'gs', 'mailto']);
const ODD_SCHEMES = new Set([
  'file',
  'gopher',
  'dict',
  'ldap',
  'ldaps',
  'tftp',
  'jar',
  'netdoc',
  'phar',
  'expect',
  'php',
]);
const INNER_NAMES = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|corp|home\.arpa|cluster\.local|svc)$/;
const METADATA_NAMES = new Set(['metadata', 'instance-data', 'kubernetes', 'kubernetes.default']);

/** True when a URL in the text leads to an inner host, or has a scheme that reads files or speaks to other services. */
export function hasInnerUrl(text: string): boolean {
  if (!text.includes(':/') && !text.includes(':\\')) return false;
  for (const [, scheme = '', authority = ''] of text.matchAll(URL_START)) {
    if (ODD_SCHEMES.has(scheme.toLowerCase())) return true;
    if (SAFE_SCHEMES.has(scheme.toLowerCase()) && isInnerHost(hostOf(authority))) return true;
  }
  return false;
}

/** What follows the user and comes before the port, in lower case and without a final dot. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const bracket = /^\[([0-9a-f:.]{2,45})/.exec(host);
  if (bracket?.[1] !== undefined) return bracket[1];
  return host.replace(/:\d{0,5}$/, '').replace(/\.$/, '');
}

/** True for the machine itself, private and link-local addresses in any notation, and names that only mean inner hosts. */
export function isInnerHost(host: string): boolean {
  if (INNER_NAMES.test(host) || METADATA_NAMES.has(host)) return true;
  const address = ipv4Of(host);
  if (address !== null) return isInnerAddress(address);
  return host.includes(':') && isInnerIpv6(host);
}

/** The address that one to four numbers stand for, decimal, octal or hexadecimal; null when it is none. */
function ipv4Of(host: string): number | null {
  const parts = host.split('.');
  if (parts.length > 4) return null;
  const numbers = parts.map(numberOf);
  const last = numbers.pop() ?? Number.NaN;
  if (!(last < 256 ** (4 - numbers.length)) || !numbers.every((number) => number < 256)) return null;
  return numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
}

function numberOf(part: string): number {
  if (/^0x[0-9a-f]{1,8}$/.test(part)) return Number.parseInt(part, 16);
  if (/^0[0-7]{1,11}$/.test(part)) return Number.parseInt(part, 8);
  return /^\d{1,10}$/.test(part) ? Number(part) : Number.NaN;
}

/** First address and number of leading bits of each block. */
const INNER_BLOCKS: readonly (readonly [first: number, bits: number])[] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  [0xc0a80000, 16],
];

const isInnerAddress = (address: number): boolean =>
  INNER_BLOCKS.some(([first, bits]) => Math.floor(address / 2 ** (32 - bits)) === first / 2 ** (32 - bits));

function isInnerIpv6(host: string): boolean {
  const dotted = /^(?:::|::ffff:(?:0:)?|64:ff9b::)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(host)?.[1];
  if (dotted !== undefined) return isInnerAddress(ipv4Of(dotted) ?? 0);
  const groups = groupsOf(host);
  if (groups === null) return false;
  const [first = 0] = groups;
  const head = groups.slice(0, 6);
  const isMapped = head.slice(0, 5).every((group) => group === 0) && (head[5] === 0xffff || head[5] === 0);
  const isTranslated = first === 0x64 && head[1] === 0xff9b && head.slice(2).every((group) => group === 0);
  // Unspecified and loopback are among the mapped: :: is 0.0.0.0, ::1 is 0.0.0.1.
  if (isMapped || isTranslated) return isInnerAddress((groups[6] ?? 0) * 65_536 + (groups[7] ?? 0));
  // fc00::/7 and fe80::/10.
  return first >> 9 === 0xfc00 >> 9 || first >> 6 === 0xfe80 >> 6;
}

/** The eight groups of an address, or null when it is none. */
function groupsOf(host: string): readonly number[] | null {
  const [left = '', right, ...more] = host.split('::');
  if (more.length > 0) return null;
  const read = (text: string): readonly number[] => (text === '' ? [] : text.split(':').map(groupOf));
  const [before, after] = [read(left), right === undefined ? [] : read(right)];
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after];
  return groups.some(Number.isNaN) ? null : groups;
}

const groupOf = (text: string): number => (/^[0-9a-f]{1,4}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN);
