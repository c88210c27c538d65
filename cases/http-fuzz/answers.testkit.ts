// Reads what a server sent on one connection, as strictly as HTTP says it must be.

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Answers {
  readonly whole: readonly Answer[];
  /** What is no HTTP answer, or null. An answer that breaks off is none of these. */
  readonly fault: string | null;
  /** The last answer broke off. */
  readonly isCut: boolean;
}

interface Framed {
  readonly body: Buffer;
  readonly end: number;
}

const SHOWN = 60;

/** The answers to requests of these methods, in order. */
export function readAnswers(bytes: Buffer, methods: readonly string[]): Answers {
  const whole: Answer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) return { whole, fault: headFault(bytes.subarray(at)), isCut: true };
    const [first = '', ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) return { whole, fault: `no status line: ${first.slice(0, SHOWN)}`, isCut: false };
    const headers = new Map(
      lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: ?/, '')]),
    );
    const isBare =
      status < 200 || status === 204 || status === 304 || (methods[whole.length] === 'HEAD' && !isUnread(headers));
    const framed = isBare ? { body: Buffer.alloc(0), end: end + 4 } : bodyAt(bytes, end + 4, headers);
    if (typeof framed === 'string') return { whole, fault: framed, isCut: false };
    if (framed === null) return { whole, fault: null, isCut: true };
    if (status >= 200) whole.push({ status, headers, body: framed.body });
    at = framed.end;
  }
  return { whole, fault: null, isCut: false };
}

/** A request that was not understood is answered without its method. */
function isUnread(headers: Answer['headers']): boolean {
  return headers.get('x-request-id') === 'unread';
}

function headFault(rest: Buffer): string | null {
  const text = rest.toString('latin1');
  return 'HTTP/1.1 '.startsWith(text.slice(0, 9)) ? null : `no answer: ${text.slice(0, SHOWN)}`;
}

/** The body, what is wrong with its framing, or null when there is more to come. */
function bodyAt(bytes: Buffer, from: number, headers: Answer['headers']): Framed | string | null {
  if (headers.get('transfer-encoding') === 'chunked') return chunksAt(bytes, from);
  const length = headers.get('content-length');
  if (length === undefined) return { body: bytes.subarray(from), end: bytes.length };
  if (!/^\d+$/.test(length)) return `content-length ${length}`;
  const end = from + Number(length);
  return end > bytes.length ? null : { body: bytes.subarray(from, end), end };
}

function chunksAt(bytes: Buffer, from: number): Framed | string | null {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return null;
    const said = bytes.subarray(at, line).toString('latin1');
    if (!/^[0-9a-f]+$/i.test(said)) return `a chunk of ${said.slice(0, SHOWN)}`;
    const end = line + 2 + Number.parseInt(said, 16);
    if (bytes.length < end + 2) return null;
    if (bytes.subarray(end, end + 2).toString('latin1') !== '\r\n') return 'a chunk longer than it says';
    if (end === line + 2) return { body: Buffer.concat(parts), end: end + 2 };
    parts.push(bytes.subarray(line + 2, end));
    at = end + 2;
  }
}

/** What is wrong with what an answer says, or null: errors have a code; events that a policy has read are JSON. */
export function faultOfAnswer({ status, headers, body }: Answer, isRead: boolean): string | null {
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) return faultOfEvents(body.toString('utf8'), isRead);
  const isOurs = headers.has('x-request-id') && body.length > 0;
  if (status < 300 || !isOurs) return null;
  try {
    const said = JSON.parse(body.toString('utf8')) as { readonly error?: { readonly code?: unknown } };
    return typeof said.error?.code === 'string'
      ? null
      : `an error without code: ${body.toString('utf8').slice(0, SHOWN)}`;
  } catch {
    return `an error that is no JSON: ${body.toString('utf8').slice(0, SHOWN)}`;
  }
}

function faultOfEvents(text: string, isRead: boolean): string | null {
  if (text !== '' && !text.endsWith('\n\n')) return 'a stream that does not end with an event';
  const datas = text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^event: .*\n/, ''));
  const odd = datas.find((data) => !isEvent(data, isRead));
  if (odd !== undefined) return `an event that is none: ${odd.slice(0, SHOWN)}`;
  const isEnded = isRead && datas.includes('data: [DONE]') && datas.at(-1) !== 'data: [DONE]';
  return isEnded ? 'events after the last one' : null;
}

/** Every line of it is data; what a policy has read is the last word of OpenAI's streams, or JSON. */
function isEvent(event: string, isRead: boolean): boolean {
  if (!event.split('\n').every((line) => line.startsWith('data: '))) return false;
  return !isRead || event === 'data: [DONE]' || isJson(event.replaceAll(/^data: /gm, ''));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
