/** Every address of a host: 0.0.0.0 and :: alike, since most systems accept IPv4 on an IPv6 wildcard. */
export const WILDCARD = 'every address';

/**
 * One text for each address: IPv4-mapped IPv6 as IPv4, IPv6 as eight groups, wildcards as WILDCARD. `text` is IPv4, or
 * IPv6 in brackets; what is neither comes back in lower case.
 */
export function canonicalAddress(text: string): string {
  const bare = text.replace(/^\[|\]$/g, '').toLowerCase();
  if (!bare.includes(':')) return canonicalIpv4(bare);
  const groups = expand(bare);
  if (groups === undefined) return bare;
  if (groups.every((group) => group === 0)) return WILDCARD;
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return canonicalIpv4([high >> 8, high & 255, low >> 8, low & 255].join('.'));
  return groups.map((group) => group.toString(16)).join(':');
}

function canonicalIpv4(text: string): string {
  const canonical = text.split('.').map(Number).join('.');
  return canonical === '0.0.0.0' ? WILDCARD : canonical;
}

function expand(text: string): readonly number[] | undefined {
  const [head = '', tail, ...rest] = withHexTail(text).split('::');
  const left = parts(head);
  const right = parts(tail ?? '');
  const missing = 8 - left.length - right.length;
  if (rest.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : undefined;
}

function parts(text: string): readonly number[] {
  return text === ''
    ? []
    : text.split(':').map((part) => (/^[0-9a-f]{1,4}$/.test(part) ? Number.parseInt(part, 16) : -1));
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withHexTail(text: string): string {
  const [, a, b, c, d] = (/(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? []).map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return text;
  const tail = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  return text.slice(0, text.lastIndexOf(':') + 1) + tail;
}
