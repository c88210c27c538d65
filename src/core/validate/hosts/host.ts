import { canonicalAddress } from './address.ts';
import { asciiLabel } from './punycode.ts';

/** The dots of other scripts that name resolution reads as a dot. */
const DOTS = /[\u3002\uff0e\uff61]/g;

/** IPv4 as everybody writes it; shorter, octal and hexadecimal spellings stay as they are, to be read as what they say. */
const QUAD = /^(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}$/;
/** No port can follow without brackets: `::1:443` is an address. */
const BARE_IPV6 = /^[^[:]*:[^:]*:/;
/** Most hosts are written plainly; this runs for every host of the fleet. */
const PLAIN = /^[a-z0-9-]*[a-z][a-z0-9-]*(?:\.[a-z0-9-]*[a-z][a-z0-9-]*)+$/;

/** One text for each host name or address: compatibility forms and case folded, IDN as `xn--`, no trailing dot, no port. */
export function canonicalHost(text: string): string {
  if (PLAIN.test(text)) return text;
  const bare = text.normalize('NFKC').replace(DOTS, '.').toLowerCase();
  if (BARE_IPV6.test(bare)) return canonicalAddress(bare);
  const host = bare.startsWith('[') ? bare.slice(0, bare.indexOf(']') + 1) : bare.replace(/:[0-9]*$/, '');
  if (host.startsWith('[') || QUAD.test(host)) return canonicalAddress(host);
  return host.replace(/\.+$/, '').split('.').map(asciiLabel).join('.');
}

/** Host and path of an absolute URL, without user, query and fragment and with the default port left out; null when it is none. */
export function urlParts(url: string): { readonly host: string; readonly port: string; readonly path: string } | null {
  const [, scheme = '', authority, path = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/i.exec(url) ?? [];
  if (authority === undefined || authority === '') return null;
  const bare = authority.slice(authority.lastIndexOf('@') + 1);
  const port = /:([0-9]+)$/.exec(bare)?.[1] ?? '';
  const usual = scheme.toLowerCase() === 'https' ? '443' : '80';
  return { host: canonicalHost(bare), port: port === usual ? '' : port, path: canonicalPath(path) };
}

/** A path without empty and `.` steps, with `..` taken back and percent signs decoded; "" is the root. */
function canonicalPath(path: string): string {
  const steps: string[] = [];
  for (const step of decoded(path).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.map((step) => `/${step}`).join('');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The host of a mail address; null for a group or what is no address. */
export function mailHost(address: string): string | null {
  const at = address.lastIndexOf('@');
  return at < 0 ? null : canonicalHost(address.slice(at + 1));
}

/** The name itself and every name above it, longest first: `a.b.example`, `b.example`, `example`. */
export function namesAbove(host: string): readonly string[] {
  const names = [host];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) names.push(host.slice(dot + 1));
  return names;
}

/** The last two labels: names that can contain each other are in one bucket. */
export function bucketOfHost(host: string): string {
  return host.slice(host.lastIndexOf('.', host.lastIndexOf('.') - 1) + 1);
}
