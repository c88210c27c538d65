// What a request may ask of the simulator, and where it may say so. Anything unknown is refused: a test with a typing
// mistake in it would otherwise pass for the wrong reason.

/** Token counts of an answer; `null` as a whole: the answer states none. */
export interface ScriptedUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** How to answer one request. Everything is optional; `{}` is the plain answer. */
export interface Script {
  /** Wait before the first byte of the answer, in ms. */
  readonly latencyMs?: number;
  /** Pieces into which the text of a streamed answer is cut; default: one per word. */
  readonly chunks?: number;
  /** Wait between two pieces, in ms. */
  readonly chunkDelayMs?: number;
  /** Answer with this HTTP status; from 400 on the body is an error. */
  readonly status?: number;
  /** `retry-after` header, in seconds. */
  readonly retryAfter?: number;
  /** Close the connection after so many pieces (an unstreamed answer: in the middle of its body). */
  readonly cutAfterChunks?: number;
  /** Send this piece (from 0) as text that is no JSON; an unstreamed answer is then no JSON at all. */
  readonly malformedChunk?: number;
  /** Send every byte that is part of a multi-byte character in a write of its own. */
  readonly splitUtf8?: boolean;
  /** Say nothing more after so many pieces, and leave the connection open. */
  readonly stallAfterChunks?: number;
  readonly usage?: ScriptedUsage | null;
  /** Answer with the text of the last user message, and nothing else. */
  readonly echo?: boolean;
  /** Answer with this text, and nothing else. */
  readonly reply?: string;
  /** Answer with a call of this tool; `arguments` is a JSON object as text. */
  readonly toolCall?: { readonly name: string; readonly arguments: string };
}

/** The request asks for something that the simulator does not know. */
export class ScriptError extends Error {}

const SECOND = 1_000;
const NUMBERS: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  latencyMs: { least: 0, most: 600 * SECOND },
  chunks: { least: 1, most: 100_000 },
  chunkDelayMs: { least: 0, most: 60 * SECOND },
  status: { least: 200, most: 599 },
  retryAfter: { least: 0, most: 86_400 },
  cutAfterChunks: { least: 0, most: 100_000 },
  malformedChunk: { least: 0, most: 100_000 },
  stallAfterChunks: { least: 0, most: 100_000 },
};
const BOOLEANS = ['splitUtf8', 'echo'];
const KNOWN = [...Object.keys(NUMBERS), ...BOOLEANS, 'usage', 'reply', 'toolCall'];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** What is wrong with one member, or undefined. */
const faultOf = (name: string, value: unknown): string | undefined => {
  const range = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  if (range !== undefined) {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= range.least && value <= range.most;
    return fits ? undefined : `an integer from ${range.least} to ${range.most}`;
  }
  if (BOOLEANS.includes(name)) return typeof value === 'boolean' ? undefined : 'true or false';
  if (name === 'reply') return typeof value === 'string' ? undefined : 'a text';
  if (name === 'toolCall') {
    const isCall = isRecord(value) && typeof value['name'] === 'string' && typeof value['arguments'] === 'string';
    return isCall ? undefined : '{"name", "arguments"} as texts';
  }
  if (name === 'usage') {
    if (value === null) return undefined;
    const counts = isRecord(value) ? Object.entries(value) : [];
    const named = counts.every(([key, count]) => /^(prompt|completion)Tokens$/.test(key) && isCount(count));
    return counts.length === 2 && named ? undefined : '{"promptTokens", "completionTokens"} or null';
  }
  return `one of ${KNOWN.join(', ')}`;
};

/** Accept a parsed script, or throw ScriptError with what was expected and found. */
export const readScript = (value: unknown): Script => {
  if (!isRecord(value)) throw new ScriptError(`Expected a JSON object, found ${JSON.stringify(value)}.`);
  for (const [name, member] of Object.entries(value)) {
    const expected = faultOf(name, member);
    if (expected !== undefined) {
      throw new ScriptError(`Expected ${expected}, found ${JSON.stringify(name)}: ${JSON.stringify(member)}.`);
    }
  }
  return value;
};

const parseScript = (text: string): Script => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScriptError(`Expected JSON, found ${JSON.stringify(text.slice(0, 80))}.`);
  }
  return readScript(value);
};

const MARKER = /^simulate:[ \t]*([^\n]*)(?:\n|$)/;

/** A prompt, and the script that stood in its first line (`simulate: {…}`), if one did. */
export const splitPrompt = (prompt: string): { readonly script: Script | undefined; readonly text: string } => {
  const found = MARKER.exec(prompt);
  if (found === null) return { script: undefined, text: prompt };
  return { script: parseScript(found[1] ?? ''), text: prompt.slice(found[0].length) };
};

/** The script in the `x-simulate` header, if there is one. */
export const scriptOfHeader = (header: string | undefined): Script | undefined =>
  header === undefined ? undefined : parseScript(header);
