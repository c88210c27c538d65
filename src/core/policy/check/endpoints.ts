import { pointerStep } from '../../model/index.ts';
import type { Report } from '../kinds/kind.ts';

// What a document says of places that a gateway connects to: a URL and fixed headers. Neither may hold a secret.

const URL_PARTS = /^(https?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?(\/[^\s?#]*)?$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/;

/** Where something stands in the document, and who it is in a message. */
export interface Written {
  readonly pointer: string;
  readonly owner: string;
  readonly report: Report;
}

/** The URL without a trailing slash; reports one that is not plain, and http to anything but loopback. */
export function endpointOf(text: string, { pointer, owner, report }: Written): string {
  const [, scheme, host = '', port, path = ''] = URL_PARTS.exec(text) ?? [];
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  if (scheme === undefined || (port !== undefined && !isPort(port))) {
    report('POLICY_SHAPE', pointer, {
      message: `${name} is not a plain URL.`,
      expected: 'https://<host>[:port][/path] with a port of 1 to 65535, without user, query and fragment',
      found: `text of ${text.length} characters`,
    });
    return '';
  }
  if (scheme === 'http' && !LOOPBACK.test(host)) {
    report('POLICY_INSECURE_URL', pointer, {
      message: `${owner} would be reached without https.`,
      expected: 'https, or a loopback address',
      found: `http://${host}`,
    });
  }
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path.replace(/\/{1,100}$/, '')}`;
}

function isPort(text: string): boolean {
  const port = Number(text);
  return port >= 1 && port <= 65_535;
}

/** Names that belong to the connection, to the body or to whoever asks: a document must not set them (RFC 9110, 7.6.1). */
const NOT_OURS =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host|content-.*|accept|accept-encoding|authorization|cookie|anthropic-version|x-request-id|forwarded|x-forwarded-.*|traceparent|tracestate|baggage|mcp-.*|x-tenantry-.*)$/;
const SECRET_NAME = /key|token|secret|auth|passw|credential|session/;

/** Fixed headers, lower-case; a key has a place of its own, the header `keyHeader`. */
export function fixedHeaders(
  headers: { readonly [name: string]: string } | undefined,
  { pointer, owner, report }: Written,
  keyHeader?: string,
): { readonly [name: string]: string } {
  const fixed: { [name: string]: string } = {};
  for (const [written, value] of Object.entries(headers ?? {})) {
    const name = written.toLowerCase();
    const isPlain = HEADER_NAME.test(name) && !NOT_OURS.test(name) && !SECRET_NAME.test(name);
    if (!isPlain || name === keyHeader?.toLowerCase() || Object.hasOwn(fixed, name)) {
      report('POLICY_TARGET_HEADER', `${pointer}/${pointerStep(written)}`, {
        message: `${owner} sets a header that a document may not set.`,
        expected: 'each header once, none of the connection, of the body or of a key',
        found: HEADER_NAME.test(name) ? name : `a name of ${name.length} characters`,
        at: 'key',
      });
    }
    fixed[name] = value;
  }
  return fixed;
}
