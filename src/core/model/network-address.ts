// Addresses and networks of the Internet protocol, IPv4 and IPv6, as plain numbers: an IPv4 address that is written as an
// IPv6 one (::ffff:192.0.2.1, RFC 4291 2.5.5.2) is the IPv4 address, so that no list is got round by the other writing.

/** An address; `words` are its 128 bits, for IPv4 with the mapped prefix in front. */
export interface NetworkAddress {
  readonly family: 4 | 6;
  readonly words: readonly [number, number, number, number];
}

/** All addresses that begin with the same `bits` of the 128. */
export interface Network extends NetworkAddress {
  readonly bits: number;
}

const MAPPED = 0xffff;

/** Reads an address, without zone (`%eth0`), port or brackets; undefined for anything else. */
export function parseAddress(text: string): NetworkAddress | undefined {
  if (text.length > 45) return undefined;
  const words = text.includes(':') ? wordsOf(text) : mapped(parseV4(text));
  return words === undefined ? undefined : { family: isMapped(words) ? 4 : 6, words };
}

/** Reads a CIDR such as 192.0.2.0/24 or 2001:db8::/32, or one address; undefined for anything else, also for bits beside the prefix. */
export function parseNetwork(text: string): Network | undefined {
  const [, written = '', length] = /^([0-9A-Fa-f:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  const longest = written.includes(':') ? 128 : 32;
  const prefix = length === undefined ? longest : Number(length);
  if (prefix > longest) return undefined;
  const bits = longest === 32 ? prefix + 96 : prefix;
  // A prefix of IPv6 that is shorter than the mapped one holds no IPv4 network.
  const family = address.family === 4 && bits < 96 ? 6 : address.family;
  return masked(address.words, bits).every((word, index) => word === address.words[index])
    ? { ...address, family, bits }
    : undefined;
}

/** Whether the network holds the address; one of the other family it never holds, not even `::/0`. */
export function holds(network: Network, address: NetworkAddress): boolean {
  if (network.family !== address.family) return false;
  const words = masked(address.words, network.bits);
  return words.every((word, index) => word === network.words[index]);
}

/**
 * Who counts as one caller: an IPv4 address, and the /64 of an IPv6 address, because whoever has one of those has all of them
 * (RFC 6177).
 */
export function callerText({ family, words }: NetworkAddress): string {
  if (family === 4) return [24, 16, 8, 0].map((shift) => (words[3] >>> shift) & 255).join('.');
  const groups = [words[0] >>> 16, words[0] & 0xffff, words[1] >>> 16, words[1] & 0xffff];
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}

type Words = NetworkAddress['words'];

function masked(words: Words, bits: number): Words {
  const part = (index: number): number => {
    const kept = Math.min(32, Math.max(0, bits - index * 32));
    return kept === 0 ? 0 : ((words[index] ?? 0) & (-1 << (32 - kept))) >>> 0;
  };
  return [part(0), part(1), part(2), part(3)];
}

function isMapped(words: Words): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED;
}

function mapped(word: number | undefined): Words | undefined {
  return word === undefined ? undefined : [0, 0, MAPPED, word];
}

/** Four decimal numbers without leading zeros: other writings mean different addresses to different programs. */
function parseV4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    word = word * 256 + Number(part);
  }
  return word;
}

function wordsOf(text: string): Words | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 1 ? [] : groupsOf(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const word = (at: number): number => (groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0);
  return [word(0), word(2), word(4), word(6)];
}

/** Groups of 16 bits; the last two may be written as an IPv4 address at the end of the text. */
function groupsOf(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const word = isEnd && index === parts.length - 1 ? parseV4(part) : undefined;
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    }
  }
  return groups;
}
