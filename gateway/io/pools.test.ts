import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OrgUid } from '../../src/core/model/index.ts';
import { openAnswer, type UpstreamAnswer } from './answer.ts';
import type { PoolOptions, PoolOwner } from './pools.ts';
import { until } from './upstream.testkit.ts';
import { createUpstreams, type Upstreams } from './upstream.ts';

// One server that answers nothing until a test does, and counts what it was sent.

let server: Server;
let port = 0;
let open: ServerResponse[] = [];
let connections = 0;
let upstreams: Upstreams;
let ends: unknown[] = [];

beforeEach(async () => {
  [open, ends, connections] = [[], [], 0];
  server = createServer((request, response) => request.resume().on('end', () => void open.push(response)));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await upstreams.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const start = (options: PoolOptions): void => {
  upstreams = createUpstreams(Date.now, options);
};
const MAIN: PoolOwner = { org: null, target: 'main' };
const ask = (owner = MAIN, idleTimeoutMs: number | null = null, host = '127.0.0.1'): UpstreamAnswer =>
  openAnswer(
    upstreams,
    {
      ...{ owner, origin: `http://${host}:${port}`, path: '/v1/x', headers: {}, body: Buffer.from('{}') },
      ...{ maxBytes: 100, isStream: false, idleTimeoutMs },
    },
    (how) => ends.push(how),
  );
const outcome = async (answer: UpstreamAnswer): Promise<unknown> => {
  const begun = await answer.started;
  return begun.kind === 'started' ? begun.status : begun.kind;
};

describe('where every connection of a target is taken', () => {
  test('a request is not sent after the time that its target has, and never later', async () => {
    start({ connections: 2 });
    const held = [ask(), ask()];
    await until(() => open.length === 2);
    expect(await outcome(ask(MAIN, 20))).toBe('not-sent');
    expect(ends).toEqual([{ kind: 'not-sent' }]);
    // Who waits longer gets the next place, and what was given up takes none.
    const patient = ask();
    for (const response of open) response.end('{}');
    await until(() => open.length === 3);
    open[2]?.end('{}');
    expect(await Promise.all([...held, patient].map(outcome))).toEqual([200, 200, 200]);
    await Promise.all([...held, patient].map((answer) => answer.collect()));
    ask();
    ask();
    await until(() => open.length >= 5);
    expect(open).toHaveLength(5);
    // It has left the line: nothing was begun for it that would have had to be broken off.
    expect(connections).toBe(2);
  });

  test('nor does it wait longer than for a connection', async () => {
    start({ connections: 1, connectTimeoutMs: 20 });
    ask();
    await until(() => open.length === 1);
    expect(await outcome(ask())).toBe('not-sent');
  });

  test('one whose client leaves is out of the line', async () => {
    start({ connections: 1 });
    const first = ask();
    await until(() => open.length === 1);
    ask().abort();
    const next = ask();
    open[0]?.end('{}');
    await until(() => open.length === 2);
    open[1]?.end('{}');
    expect([await outcome(first), await outcome(next), open.length]).toEqual([200, 200, 2]);
  });

  test('other targets and other orgs go on, at the same origin and under the same name', async () => {
    start({ connections: 1 });
    const [acme, birch] = ['aaaabbbbccccddddeeee', 'ffffgggghhhhiiiijjjj'] as const;
    const owners = [
      { org: acme as OrgUid, target: 'main' },
      { org: birch as OrgUid, target: 'main' },
      { org: acme as OrgUid, target: 'other' },
      MAIN,
    ];
    const answers: UpstreamAnswer[] = [];
    for (const [index, owner] of owners.entries()) {
      answers.push(ask(owner));
      await until(() => open.length === index + 1);
    }
    expect(await Promise.all(owners.map((owner) => outcome(ask(owner, 20))))).toEqual(Array(4).fill('not-sent'));
    for (const response of open) response.end('{}');
    expect(await Promise.all(answers.map(outcome))).toEqual([200, 200, 200, 200]);
  });
});

test('many that wait for a pool that ends fail one after the other', async () => {
  start({ connections: 1 });
  ask();
  await until(() => open.length === 1);
  const waiting = Array.from({ length: 5000 }, () => ask());
  await upstreams.close();
  expect(new Set(await Promise.all(waiting.map(outcome)))).toEqual(new Set(['not-sent']));
  expect(open).toHaveLength(1);
});

describe('where no connection comes about', () => {
  /** Answers when it is told to. */
  const slowly = (): LookupFunction & { answer(): void } => {
    let answer = (): void => {};
    const lookup = (_name: string, _options: object, callback: (error: null, found: object[]) => void): void => {
      answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    return Object.assign(lookup as unknown as LookupFunction, { answer: () => answer() });
  };

  test('nothing is sent, however long its name takes, and nothing when it is found after all', async () => {
    const lookup = slowly();
    start({ lookup, connections: 1 });
    expect(await outcome(ask(MAIN, 20, 'localhost'))).toBe('not-sent');
    // It has its place until the connection is there, so that those who gave up do not pile up behind it.
    expect(await outcome(ask(MAIN, 20, 'localhost'))).toBe('not-sent');
    lookup.answer();
    const next = ask(MAIN, null, 'localhost');
    await until(() => {
      lookup.answer();
      return open.length > 0;
    });
    open[0]?.end('{}');
    expect([await outcome(next), open.length]).toEqual([200, 1]);
  });
});
