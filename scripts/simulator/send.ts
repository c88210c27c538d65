// Puts an answer on the wire, with the faults that a script asks for.

import type { ServerResponse } from 'node:http';
import type { Streamed } from './answer.ts';
import type { Script } from './script.ts';

const MULTI_BYTE = 0x80;
const MALFORMED = '{"choices": [{"delta": {"content": "simulated malformed';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const headersOf = (script: Script, contentType: string): Record<string, string> => ({
  'content-type': contentType,
  'x-simulated': 'true',
  ...(script.retryAfter === undefined ? {} : { 'retry-after': String(script.retryAfter) }),
});

/** Write text; a byte of a multi-byte character goes out alone, so that a reader must join characters itself. */
const writeText = async (response: ServerResponse, text: string, split: boolean): Promise<void> => {
  if (text === '') return;
  const bytes = Buffer.from(text);
  if (!split) {
    response.write(bytes);
    return;
  }
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if ((bytes[at] ?? 0) < MULTI_BYTE) continue;
    if (at > start) response.write(bytes.subarray(start, at));
    response.write(bytes.subarray(at, at + 1));
    start = at + 1;
    await turn();
  }
  if (start < bytes.length) response.write(bytes.subarray(start));
};

/** Send a whole JSON body. Resolves when it was handed over, or at once when the script says to fall silent. */
export const sendJson = async (response: ServerResponse, body: unknown, script: Script): Promise<void> => {
  if (script.latencyMs !== undefined) await pause(script.latencyMs);
  const text = script.malformedChunk === undefined ? JSON.stringify(body) : MALFORMED;
  const bytes = Buffer.from(text);
  response.writeHead(script.status ?? 200, {
    ...headersOf(script, 'application/json'),
    'content-length': bytes.length,
  });
  if (script.cutAfterChunks === undefined && script.stallAfterChunks === undefined) {
    if (script.splitUtf8 !== true) {
      response.end(bytes);
      return;
    }
    await writeText(response, text, true);
    response.end();
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (script.cutAfterChunks !== undefined) response.destroy();
  });
};

/** One event; where events are named, by their own type. */
const frameOf = (data: string, isNamed: boolean): string => {
  const { type } = isNamed && data !== MALFORMED ? (JSON.parse(data) as { type: string }) : { type: 'malformed' };
  return `${isNamed ? `event: ${type}\n` : ''}data: ${data}\n\n`;
};

interface Sent extends Streamed {
  readonly isNamed: boolean;
}

/** Send a stream of events. */
export const sendStream = async (response: ServerResponse, stream: Sent, script: Script): Promise<void> => {
  if (script.latencyMs !== undefined) await pause(script.latencyMs);
  response.writeHead(script.status ?? 200, headersOf(script, 'text/event-stream'));
  response.flushHeaders();
  const isSplit = script.splitUtf8 === true;
  await writeText(response, stream.opening.map((data) => frameOf(data, stream.isNamed)).join(''), isSplit);
  for (const [index, piece] of [...stream.pieces, undefined].entries()) {
    if (index === script.cutAfterChunks) {
      // What was written so far leaves first; the reader then sees the connection end inside the answer.
      await new Promise((resolve) => response.write(':\n\n', resolve));
      response.destroy();
      return;
    }
    if (index === script.stallAfterChunks || response.destroyed) return;
    if (piece === undefined) break;
    if (index > 0 && script.chunkDelayMs !== undefined) await pause(script.chunkDelayMs);
    const data = index === script.malformedChunk ? MALFORMED : piece;
    await writeText(response, frameOf(data, stream.isNamed), isSplit);
  }
  response.end(stream.ending.map((data) => frameOf(data, stream.isNamed)).join(''));
};
