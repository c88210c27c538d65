import { isJsonObject, type Json } from '../../src/core/model/index.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** True when JSON text nests deeper than `limit`; asked before a parser sees it. Strings are skipped; no other check is made. */
export function nestsDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

/**
 * True when a key or a text of `value` has `secret` in it, as who reads the JSON would see it, however its text escapes it. Each
 * key and text is looked at once and for itself: a secret in pieces, or in another encoding, is not found.
 */
export function holdsSecret(value: Json, secret: string): boolean {
  if (secret === '') return false;
  // A list and no calls of itself: what parses may nest deeper than the stack.
  const left: Json[] = [value];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (typeof item === 'string' && item.includes(secret)) return true;
    // Of numbers there may be millions: they are not put on it.
    if (Array.isArray(item)) {
      for (const one of item as readonly Json[]) if (typeof one !== 'number') left.push(one);
    } else if (isJsonObject(item)) {
      for (const [key, one] of Object.entries(item)) left.push(key, one);
    }
  }
  return false;
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return bytes.length;
}

/** True for the content type of server-sent events, in any capitals and with any parameters. */
export function isEventStream(contentType: string): boolean {
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(contentType);
}

/** Text cut from a body byte by byte; UTF-8 characters may be cut anywhere. */
export interface SseParser {
  /** The data of every event that is complete now, in order; "lines" without data give nothing. Undefined: an event is too large. */
  push(chunk: Uint8Array): readonly string[] | undefined;
  /** What a stream that ends without its last blank line leaves behind. */
  end(): readonly string[];
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Server-sent events to their data texts (WHATWG HTML, event stream). Lines are cut at bytes and decoded whole, so a
 * character that arrives in two chunks is no trouble. `maxEventBytes` bounds what is kept of an unfinished event.
 */
export function createSseParser(maxEventBytes: number): SseParser {
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  /** The last line ended by a carriage return, of which a line feed may still be a part. */
  let isHalfEnd = false;
  let data: string[] = [];
  let dataLength = 0;
  const line = (bytes: Uint8Array, out: string[]): void => {
    if (bytes.length === 0) {
      if (data.length > 0) out.push(data.join('\n'));
      data = [];
      dataLength = 0;
      return;
    }
    const text = decoder.decode(bytes);
    if (!text.startsWith('data:')) return;
    data.push(text.startsWith('data: ') ? text.slice(6) : text.slice(5));
    dataLength += text.length;
  };
  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : joined(rest, chunk);
      const out: string[] = [];
      if (bytes.length === 0) return out;
      let from = isHalfEnd && bytes[0] === LINE_FEED ? 1 : 0;
      isHalfEnd = false;
      const ends = endsOfLines(bytes);
      for (let at = ends(from); at !== -1; at = ends(from)) {
        line(bytes.subarray(from, at), out);
        const isReturn = bytes[at] === CARRIAGE_RETURN;
        isHalfEnd = isReturn && at + 1 === bytes.length;
        from = at + (isReturn && bytes[at + 1] === LINE_FEED ? 2 : 1);
      }
      rest = bytes.slice(from);
      return rest.length + dataLength > maxEventBytes ? undefined : out;
    },
    end() {
      const out: string[] = [];
      if (rest.length > 0) line(rest, out);
      line(new Uint8Array(0), out);
      rest = new Uint8Array(0);
      return out;
    },
  };
}

/** Where the next line from an offset on ends, which only grows: by a line feed, a carriage return, or both; -1: nowhere. */
function endsOfLines(bytes: Uint8Array): (from: number) => number {
  let feed = bytes.indexOf(LINE_FEED);
  let back = bytes.indexOf(CARRIAGE_RETURN);
  return (from) => {
    if (feed !== -1 && feed < from) feed = bytes.indexOf(LINE_FEED, from);
    if (back !== -1 && back < from) back = bytes.indexOf(CARRIAGE_RETURN, from);
    return feed === -1 || back === -1 ? Math.max(feed, back) : Math.min(feed, back);
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
