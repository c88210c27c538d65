import type { ServerResponse } from 'node:http';
import { type Json, type JsonObject, writeJson } from '../../src/core/model/index.ts';
import { readServerMessage } from '../core/index.ts';
import type { Reply } from './reply.ts';

/** The rest of the answer comes as events. */
export function beginEvents(response: Reply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
}

/** Writes a message as an event and waits for a slow reader. */
export async function sendEvent(response: Reply, message: JsonObject): Promise<void> {
  if (response.destroyed) return;
  if (response.write(`event: message\ndata: ${writeJson(message)}\n\n`)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** What a server says of itself: notifications that pass, until it or the caller ends. */
export async function streamOf(response: ServerResponse, messages: AsyncIterable<Json | undefined>): Promise<void> {
  beginEvents(response);
  response.flushHeaders();
  try {
    for await (const said of messages) {
      const read = readServerMessage(said, null);
      if (read.kind === 'notification') await sendEvent(response, read.message);
      if (response.destroyed) return;
    }
  } catch {
    // A stream that breaks off ends; the caller opens another.
  }
}

/** The last message of an answer, as an event where the answer is a stream already. */
export async function sendMessage(response: Reply, message: JsonObject, status: number): Promise<void> {
  if (response.headersSent) {
    await sendEvent(response, message);
    response.end('');
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(writeJson(message));
}
