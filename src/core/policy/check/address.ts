import type { Report } from '../kinds/kind.ts';

// Addresses and headers that a document may state for a service that the gateway asks: a provider, a moderator, a reviewer.

const URL_PARTS = /^(https?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(\/[^\s?#]*)?$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/;

/** Names that belong to the connection, to the body or to whoever asks: a document must not set them (RFC 9110, 7.6.1). */
const NOT_OURS =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host|content-.*|accept|accept-encoding|authorization|cookie|anthropic-version|x-request-id|forwarded|x-forwarded-.*)$/;
const SECRET_NAME = /key|token|secret|auth|passw|credential|session/;

/** A URL of a document in parts: `origin` is scheme, host and port; `path` is as it was written, "" without one. */
export interface PlainUrl {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
}

/** The parts of the URL at `pointer`, whose last step is its key; null and a finding for what is none. Plain http has a finding too. */
export function plainUrl(text: string, pointer: string, report: Report): PlainUrl | null {
  const [, scheme, host = '', port = '', path = ''] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) {
    report('POLICY_SHAPE', pointer, {
      message: `${pointer.slice(pointer.lastIndexOf('/') + 1)} is not a plain URL.`,
      expected: 'https://<host>[:port][/path] without user, query and fragment',
      found: `text of ${text.length} characters`,
    });
    return null;
  }
  if (scheme === 'http' && !LOOPBACK.test(host)) {
    report('POLICY_INSECURE_URL', pointer, {
      message: 'The provider would be reached without https.',
      expected: 'https, or a loopback address',
      found: `http://${host}`,
    });
  }
  return { origin: `${scheme}://${host}${port}`, host, path };
}

/** True for the lower-case name of a header. */
export const isHeaderName = (name: string): boolean => HEADER_NAME.test(name);

/** True for a lower-case name that a document may give a fixed value. */
export const isFreeHeader = (name: string): boolean =>
  isHeaderName(name) && !NOT_OURS.test(name) && !SECRET_NAME.test(name);
