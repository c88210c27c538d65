import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { request as undiciRequest } from 'undici';
import { describe, expect, test } from 'vitest';
import { forTest } from './enrolled.testkit.ts';
import { startScripted } from './mcp.testkit.ts';
import { messagesOf, type ServerAnswer } from './mcp-server.ts';
import { chainDocument, startStandalone } from './standalone.testkit.ts';

// What a gateway lets neither a caller nor a server of tools have: streams without end, sessions that are none, and no bound.

async function start(script: (response: ServerResponse) => void) {
  const server = forTest(await startScripted((response) => script(response)));
  const target = { id: 'main', provider: 'openai', model: 'gpt-4o', secret_key_ref: { env: 'KEY' } };
  const document = chainDocument({ 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } }, [target], {
    tool_servers: [{ id: 'docs', url: server.url, allowed_tools: ['search'], timeout_seconds: 1 }],
  });
  const { url, running } = forTest(await startStandalone({ document, variables: {} }));
  return {
    ...{ server, running },
    async asked(method: 'GET' | 'DELETE', headers: Record<string, string> = {}): Promise<readonly unknown[]> {
      const response = await fetch(`${url}/mcp/docs`, { method, headers });
      const { error } = (await response.json()) as { readonly error: { readonly code: string } };
      return [response.status, error.code];
    },
    /** A session as the gateway gave it to its caller. */
    sealed(): string {
      const [docs] = running.service.snapshot?.policy.toolServers ?? [];
      if (docs === undefined) throw new Error('expected a server');
      return running.service.tools.seal({ server: docs, token: null, what: 'session' }, 's1');
    },
  };
}

describe('a gateway', () => {
  test('opens a hundred streams of notifications and no more, whoever asks', async () => {
    const { server, running, asked } = await start((response) => void response.writeHead(405).end());
    const { streams } = running.service.tools;
    const others = Array.from({ length: 99 }, () => new AbortController());
    for (const other of others) streams.set(other, null);
    expect(await asked('GET')).toEqual([405, 'method_not_allowed']);
    streams.set(new AbortController(), null);
    expect(await asked('GET')).toEqual([429, 'concurrency_exceeded']);
    expect([server.received.length, streams.size]).toEqual([1, 100]);
  });

  test('ends no session where none is named, and says what the server says of one that is', async () => {
    const { server, asked, sealed } = await start((response) => void response.writeHead(405).end());
    expect(await asked('DELETE')).toEqual([404, 'session_unknown']);
    expect(server.received).toHaveLength(0);
    expect(await asked('DELETE', { 'mcp-session-id': sealed() })).toEqual([405, 'method_not_allowed']);
    expect(server.received[0]?.headers['mcp-session-id']).toBe('s1');
  });

  test('knows no session that has another form than those it gives', async () => {
    const { server, asked, sealed } = await start((response) => void response.writeHead(200).end());
    for (const other of ['s1', sealed().slice(1), `${sealed()} s2`, `${sealed().slice(0, 44)}`]) {
      expect(await asked('DELETE', { 'mcp-session-id': other })).toEqual([404, 'session_unknown']);
    }
    expect(server.received).toHaveLength(0);
  });
});

test('an answer in an encoding that nobody asked for holds no connection, also where no caller waits for it', async () => {
  const closed = Promise.withResolvers<void>();
  const server = forTest(
    await startScripted((response) => {
      response.on('close', closed.resolve);
      response.writeHead(200, { 'content-encoding': 'gzip' }).write('x'.repeat(100_000));
    }),
  );
  const answer = await undiciRequest(server.url);
  const messages = messagesOf({ ...answer, tellsKey: () => false });
  await expect(messages.next()).rejects.toMatchObject({ refusal: { code: 'upstream_error' } });
  await closed.promise;
});

describe('an answer of events', () => {
  const MEBIBYTE = 1 << 20;
  /** As many events of one mebibyte each. */
  const answerOf = (events: number): ServerAnswer => {
    const event = Buffer.from(`data: "${'x'.repeat(MEBIBYTE - 10)}"\n\n`);
    const body = Readable.from(Array.from({ length: events }, () => event));
    const headers = { 'content-type': 'text/event-stream' };
    return { headers, body, tellsKey: () => false } as unknown as ServerAnswer;
  };
  const readAll = async (answer: ServerAnswer, isEndless: boolean): Promise<number> => {
    let read = 0;
    for await (const _message of messagesOf(answer, isEndless)) read += 1;
    return read;
  };

  test('has 32 MiB at most, where it is not one of notifications', async () => {
    expect(await readAll(answerOf(32), false)).toBe(32);
    await expect(readAll(answerOf(33), false)).rejects.toMatchObject({ refusal: { code: 'upstream_too_large' } });
    expect(await readAll(answerOf(33), true)).toBe(33);
  });

  test('has no event of more than 4 MiB, however long it may be', async () => {
    const part = Buffer.alloc(MEBIBYTE, 'x');
    const body = Readable.from([
      Buffer.from('data: "'),
      ...Array.from({ length: 5 }, () => part),
      Buffer.from('"\n\n'),
    ]);
    const answer = { headers: { 'content-type': 'text/event-stream' }, body } as unknown as ServerAnswer;
    await expect(readAll(answer, true)).rejects.toMatchObject({ refusal: { code: 'upstream_too_large' } });
  });
});
