import { execFileSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleSink, DecisionEvent, GatewayEvent, Sha256Hex } from '../../src/core/model/index.ts';
import type { CompiledPolicy, Webhook } from '../../src/core/policy/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { type Journal, openJournal } from './journal.ts';
import { renderFamilies } from './metrics.ts';
import { createPosts } from './posts.ts';
import { createRecent } from './recent.ts';
import { createSecrets } from './secrets.ts';
import { createFileSink } from './sink-file.ts';
import { createSinks, type SinkFlags, type SinkSet, type SinkSetOptions } from './sinks.ts';
import { type Received, sendJson, startUpstream, type TestUpstream } from './upstream.testkit.ts';

// Receivers over real sockets and files, fed by a real journal.

let folder: string;
let receiver: TestUpstream;
let host: TestHost;
let journal: Journal;
const running: SinkSet[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-sinks-'));
  receiver = await startUpstream();
  receiver.script = (_, response) => sendJson(response, 200, {});
  host = makeTestHost();
  host.variables.set('HOOK_SECRET', 'whsec-planted');
  journal = openJournal({ folder: join(folder, 'journal'), hash: nodeHash });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((sinks) => sinks.stop()));
  await journal.close();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

function decision(number: number, more: Partial<DecisionEvent> = {}): DecisionEvent {
  return {
    type: 'decision',
    id: `evt_${number}`,
    at: 1000 + number,
    requestId: `req_${number}`,
    token: 'bot',
    team: 'support',
    route: '/v1/chat/completions',
    model: 'gpt-4o-mini',
    target: 'main',
    provider: 'openai',
    attempts: 1,
    status: 200,
    verdict: 'allow',
    reasonCode: null,
    stream: false,
    simulated: false,
    configVersion: '1.0.0+abc',
    contentDigest: '0'.repeat(64) as Sha256Hex,
    generation: 1,
    commit: null,
    steps: [],
    wallets: [],
    inputTokens: 3,
    outputTokens: 4,
    durationMs: 7,
    ...more,
  };
}

const blocked = (number: number): DecisionEvent =>
  decision(number, {
    verdict: 'block',
    status: 409,
    reasonCode: 'dlp_filter.match',
    steps: [{ policy: 'dlp-filter', phase: 'input', verdict: 'block', durationMicros: 1 }],
  });

const hook = (more: Partial<Webhook> = {}): Webhook => ({
  url: `${receiver.url}/hook`,
  secret: { kind: 'env', name: 'HOOK_SECRET' },
  headers: {},
  types: null,
  ...more,
});

function open(flags: SinkFlags = {}, more: Partial<SinkSetOptions> = {}): SinkSet {
  const secrets = createSecrets({ environment: host.environment, nowMs: host.nowMs, log: host.log });
  const sinks = createSinks({
    flags: { stopMs: 200, ...flags },
    source: journal,
    folder,
    from: { org: 'org1', gateway: 'desk', fleet: 'example' },
    posts: {},
    secrets,
    nowMs: host.nowMs,
    log: host.log,
    ...more,
  });
  running.push(sinks);
  return sinks;
}

const following = (sinks: SinkSet, ...webhooks: Webhook[]): SinkSet => {
  sinks.follow({ webhooks } as unknown as CompiledPolicy, []);
  return sinks;
};
const declaring = (sinks: SinkSet, ...declared: BundleSink[]): SinkSet => {
  sinks.follow({ webhooks: [] } as unknown as CompiledPolicy, declared);
  return sinks;
};

const escalation: GatewayEvent = { type: 'escalation-end', id: 'esc_1', at: 1, requestId: 'req_1', outcome: 'expired' };

async function write(...events: readonly GatewayEvent[]): Promise<void> {
  await journal.append({ type: 'intent', id: 'i', at: 1, requestId: 'r', target: 'main', wallets: [] });
  for (const event of events) await journal.append(event);
}

const idsIn = ({ body }: Received): readonly string[] =>
  (body['events'] as { readonly event: { readonly id: string } }[]).map(({ event }) => event.id);
const delivered = (): readonly string[] => receiver.received.flatMap(idsIn);
const metrics = (sinks: SinkSet): string => renderFamilies(sinks.families(), 'text');

describe('a sink of the Gateway manifest', () => {
  test('gets every decision, signed with the secret that it names, on this machine or in the store', async () => {
    writeFileSync(join(folder, 'siem.key'), 'whsec-stored');
    const secrets = createSecrets({ folder, environment: host.environment, nowMs: host.nowMs, log: host.log });
    const url = `${receiver.url}/ingest`;
    const sinks = declaring(
      open({}, { secrets }),
      { name: 'plain', url },
      { name: 'kept', url, secret: { store: 'siem.key' } },
      { name: 'own', url, secret: { env: 'HOOK_SECRET' } },
    );
    await write(decision(1), blocked(2));
    expect(await sinks.drain()).toBe(true);
    const signatures = receiver.received.map((got) => {
      expect(got.path).toBe('/ingest');
      expect(idsIn(got)).toEqual(['evt_1', 'evt_2']);
      const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = got.headers;
      const mac = (key: string) =>
        `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${got.raw}`).digest('base64')}`;
      return ['whsec-planted', 'whsec-stored'].find((key) => mac(key) === signature) ?? signature ?? 'none';
    });
    expect(signatures.sort()).toEqual(['none', 'whsec-planted', 'whsec-stored']);
  });

  test('keeps its place by its name when its address changes, and is told nothing more when it is gone', async () => {
    const sinks = declaring(open(), { name: 'siem', url: `${receiver.url}/one` });
    await write(decision(1));
    await sinks.drain();
    declaring(sinks, { name: 'siem', url: `${receiver.url}/two` });
    await write(decision(2));
    await sinks.drain();
    declaring(sinks);
    await write(decision(3));
    await sinks.drain();
    expect(receiver.received.map((got) => [got.path, idsIn(got)])).toEqual([
      ['/one', ['evt_1']],
      ['/two', ['evt_2']],
    ]);
  });
});

describe('a webhook', () => {
  test('gets decisions in order, signed over the instant and the body, and no intent', async () => {
    const sinks = following(open(), hook({ headers: { 'x-tenant': 'acme' } }));
    await write(decision(1), blocked(2));
    expect(await sinks.drain()).toBe(true);
    const [got] = receiver.received;
    expect(delivered()).toEqual(['evt_1', 'evt_2']);
    expect(got?.body).toMatchObject({ schema: 'tenantry/events/v1', org: 'org1', gateway: 'desk' });
    const published = new URL('../../src/core/report/schemas/events.schema.json', import.meta.url);
    const fits = new Ajv({ strict: true }).compile(JSON.parse(readFileSync(published, 'utf8')));
    expect([fits(got?.body), fits.errors]).toEqual([true, null]);
    expect(got?.headers['x-tenant']).toBe('acme');
    const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = got?.headers ?? {};
    const mac = createHmac('sha256', 'whsec-planted').update(`${id}.${seconds}.${got?.raw}`).digest('base64');
    expect(signature).toBe(`v1,${mac}`);
    expect(Math.abs(Number(seconds) * 1000 - Date.now())).toBeLessThan(60_000);
  });

  test.each([
    ['block', ['evt_2', 'evt_3']],
    ['policy_violation', ['evt_2']],
    ['escalation', ['evt_4', 'esc_1']],
    ['request', ['evt_1', 'evt_2', 'evt_3', 'evt_4']],
  ] as const)('gets the events of type %s alone', async (type, expected) => {
    const sinks = following(open(), hook({ types: [type], secret: null }));
    const refused = decision(3, { verdict: 'block', status: 402, reasonCode: 'gateway.budget_exceeded' });
    await write(decision(1), blocked(2), refused, decision(4, { verdict: 'escalate' }), escalation);
    await sinks.drain();
    expect(delivered()).toEqual(expected);
    expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined();
  });

  test('that fails gets the same again, and its words are not logged', async () => {
    const sinks = following(open({ retryMs: 100_000 }), hook());
    receiver.script = (_, response) => sendJson(response, 500, { why: 'whsec-planted is wrong' });
    await write(decision(1));
    expect(await sinks.drain()).toBe(false);
    await write(decision(2));
    receiver.script = (_, response) => sendJson(response, 200, {});
    expect(await sinks.drain()).toBe(true);
    expect(delivered()).toEqual(['evt_1', 'evt_1', 'evt_2']);
    expect(metrics(sinks)).toMatch(/sink_failures_total\{sink="webhook-[0-9a-f]{8}"\} 1\n/);
    expect(host.logged.join('')).toContain('status 500');
    expect(host.logged.join('')).not.toContain('planted');
  });

  test('that refuses a batch three times loses it, which is counted, and gets the next', async () => {
    const sinks = following(open({ retryMs: 100_000 }), hook());
    receiver.script = (request, response) => sendJson(response, idsIn(request).includes('evt_1') ? 400 : 200, {});
    await write(decision(1));
    expect([await sinks.drain(), await sinks.drain(), await sinks.drain()]).toEqual([false, false, true]);
    await write(decision(2));
    expect(await sinks.drain()).toBe(true);
    expect(delivered()).toEqual(['evt_1', 'evt_1', 'evt_1', 'evt_2']);
    expect(metrics(sinks)).toMatch(/sink_lost_lines_total\{[^}]*\} 2\n/);
  });

  test('is not followed to where it redirects', async () => {
    const sinks = following(open(), hook());
    receiver.script = (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end();
    await write(decision(1));
    expect(await sinks.drain()).toBe(false);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  test('gets nothing unsigned when its secret is missing', async () => {
    host.variables.delete('HOOK_SECRET');
    const sinks = following(open(), hook());
    await write(decision(1));
    expect(await sinks.drain()).toBe(false);
    expect(receiver.received).toHaveLength(0);
    expect(host.logged.join('')).toMatch(/a key is not there variable="HOOK_SECRET"/);
    expect(host.logged.join('')).toContain('the secret that signs is not there');
  });

  test('that leaves the document is told nothing more; one that comes is told of what follows', async () => {
    const sinks = following(open(), hook());
    await write(decision(1));
    await sinks.drain();
    following(sinks);
    await write(decision(2));
    await sinks.drain();
    following(sinks, hook());
    await write(decision(3));
    await sinks.drain();
    expect(delivered()).toEqual(['evt_1', 'evt_3']);
  });

  test('is told of what follows also where its cursor cannot be kept, and its end on a broken disk stops nothing', async () => {
    const name = `webhook-${createHash('sha256').update(`${receiver.url}/hook`).digest('hex').slice(0, 8)}`;
    writeFileSync(join(folder, 'sinks'), 'no folder');
    const sinks = following(open(), hook());
    await write(decision(1));
    expect(await sinks.drain()).toBe(true);
    expect(delivered()).toEqual(['evt_1']);
    following(sinks);
    rmSync(join(folder, 'sinks'));
    following(sinks, hook());
    // Where it would be written aside is something that is no file.
    mkdirSync(join(folder, 'sinks', `${name}.json.last`));
    await sinks.stop();
    expect(host.logged.join('')).toContain('the cursor of a sink cannot be kept');
  });

  test('gets an id that no other delivery has: not of a gateway of another org, nor of a later process', async () => {
    for (const org of ['org1', 'org2']) {
      const recent = createRecent(nodeHash, () => {});
      const sinks = following(
        open({}, { source: recent, folder: null, from: { org, gateway: 'desk', fleet: 'f' } }),
        hook(),
      );
      await recent.evidence.decision(decision(org === 'org1' ? 1 : 2), () => {});
      expect(await sinks.drain()).toBe(true);
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
  });

  test('that stays in the document goes on where it is, by what the document says of it now', async () => {
    const sinks = following(open(), hook());
    await write(decision(1));
    await sinks.drain();
    following(sinks, hook({ headers: { 'x-tenant': 'acme' } }));
    await write(decision(2));
    await sinks.drain();
    expect(receiver.received.map(({ headers }) => headers['x-tenant'])).toEqual([undefined, 'acme']);
    expect(metrics(sinks)).toMatch(/sink_delivered_lines_total\{[^}]*\} 4\n/);
  });

  test('at a private address is not connected to', async () => {
    const posts = createPosts();
    for (const url of ['https://10.0.0.1/x', 'https://169.254.169.254/x', 'https://[::ffff:127.0.0.1]/x']) {
      const answer = await posts.post({ owner: 'a', url, headers: {}, body: '{}', timeoutMs: 1000 });
      expect(answer).toEqual({ failed: 'ERR_ADDRESS_REFUSED' });
    }
    await posts.close();
  });

  test('that never answers is given up within its time', async () => {
    receiver.script = () => {};
    const posts = createPosts();
    const answer = await posts.post({ owner: 'a', url: receiver.url, headers: {}, body: '{}', timeoutMs: 50 });
    expect(answer).toEqual({ failed: 'timeout' });
    await posts.close();
  });
});

describe('a crash', () => {
  test('loses no line: who had none yet gets all, who had some gets the rest at least', async () => {
    const first = following(open({ eventsFile: join(folder, 'events.ndjson') }), hook());
    await write(decision(1));
    await first.drain();
    receiver.script = (_, response) => sendJson(response, 503, {});
    await write(decision(2));
    await first.drain();
    // The process is gone: no stop, no flush; a line of the file was cut.
    running.length = 0;
    appendFileSync(join(folder, 'events.ndjson'), '{"sequence":9,"prev');
    await journal.close();
    journal = openJournal({ folder: join(folder, 'journal'), hash: nodeHash });
    receiver.received.length = 0;
    receiver.script = (_, response) => sendJson(response, 200, {});
    const second = following(open({ eventsFile: join(folder, 'events.ndjson') }), hook());
    await write(decision(3));
    expect(await second.drain()).toBe(true);
    expect(delivered()).toEqual(['evt_1', 'evt_2', 'evt_3']);
    const lines = readFileSync(join(folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(journal.after(0, 100).map(({ text }) => text));
  });

  test('the journal keeps what a receiver has not got, up to its backlog', async () => {
    const sinks = following(open({ retryMs: 100_000 }), hook());
    receiver.script = (_, response) => sendJson(response, 503, {});
    await write(decision(1));
    await sinks.drain();
    expect(sinks.floor()).toBe(0);
    receiver.script = (_, response) => sendJson(response, 200, {});
    await sinks.drain();
    expect(sinks.floor()).toBe(2);
  });
});

test('memory is bounded by the lines that are remembered; what was lost of them is counted', async () => {
  const recent = createRecent(nodeHash, () => {}, 5);
  const sinks = following(open({}, { source: recent, folder: null }), hook());
  for (let number = 1; number <= 100; number += 1) await recent.evidence.decision(decision(number), () => {});
  expect(recent.after(0, 1000).length).toBeLessThanOrEqual(10);
  expect(await sinks.drain()).toBe(true);
  expect(delivered().at(-1)).toBe('evt_100');
  const lost = Number(/sink_lost_lines_total\{[^}]*\} (\d+)/.exec(metrics(sinks))?.[1]);
  expect(lost + delivered().length).toBe(100);
  expect(lost).toBeGreaterThan(0);
});

test('a receiver that is far behind and wants nothing of it holds up nobody: requests have a turn at each batch', async () => {
  const recent = createRecent(nodeHash, () => {});
  const sinks = following(open({}, { source: recent, folder: null }), hook({ types: ['block'] }));
  for (let number = 1; number <= 5000; number += 1) await recent.evidence.decision(decision(number), () => {});
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  expect(await sinks.drain()).toBe(true);
  isOver = true;
  expect([turns >= 10, receiver.received]).toEqual([true, []]);
});

describe('the file', () => {
  const path = (): string => join(folder, 'events.ndjson');

  test('is renamed when it has grown, and the oldest go', async () => {
    const sink = createFileSink({ path: path(), journal, maxBytes: 1, keep: 2 });
    for (let number = 1; number <= 5; number += 1) {
      await write(decision(number));
      expect(await sink.deliver(journal.after((number - 1) * 2, 10))).toEqual({ kind: 'done' });
    }
    await sink.close();
    const names = readdirSync(folder).filter((name) => name.startsWith('events'));
    expect(names.sort()).toEqual(['events.ndjson', 'events.ndjson.0000000000000006', 'events.ndjson.0000000000000008']);
    expect(readFileSync(path(), 'utf8')).toContain('evt_5');
    // Where it was renamed a moment ago, the name says where to go on.
    writeFileSync(path(), '');
    expect(createFileSink({ path: path(), journal }).through).toBe(8);
  });

  test('is not one of something else, nor of another journal, nor where no folder is', async () => {
    writeFileSync(path(), 'root:x:0:0\n');
    expect(() => open({ eventsFile: path() })).toThrow(/GATEWAY_EVENTS_FILE|something else/);
    expect(readFileSync(path(), 'utf8')).toBe('root:x:0:0\n');
    // Also where it ends within its first line, as what a crash left does.
    writeFileSync(path(), 'notes of somebody');
    expect(() => createFileSink({ path: path(), journal })).toThrow(/something else/);
    expect(readFileSync(path(), 'utf8')).toBe('notes of somebody');
    writeFileSync(path(), '{"sequence":7,"previous":"00"}\n');
    expect(() => open({ eventsFile: path() })).toThrow(/line 7 of another journal/);
    expect(() => open({ eventsFile: join(folder, 'none', 'x') })).toThrow(/found ENOENT/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('is no device, pipe or terminal', () => {
    const opened = (): unknown => createFileSink({ path: '/dev/null', journal });
    expect(opened).toThrow(/found no file of a disk at/);
  });

  test('is not one of another journal, whatever its number, and is one of this journal, whatever it has forgotten', async () => {
    await write(decision(1), decision(2), decision(3));
    const [first, second, third, last] = journal.after(0, 10);
    const openedAs = (text: string): number => {
      writeFileSync(path(), text);
      return createFileSink({ path: path(), journal }).through;
    };
    expect([first, second, third, last].map((line) => openedAs(`${line?.text}\n`))).toEqual([1, 2, 3, 4]);
    const foreign = second?.text.replace('evt_1', 'evt_9');
    // Nothing of it is cut: whoever writes it may be in the middle of a line.
    expect(() => openedAs(`${foreign}\n{"sequence":3`)).toThrow(/line 2 of another journal/);
    expect(readFileSync(path(), 'utf8')).toBe(`${foreign}\n{"sequence":3`);
    // Of the line itself nothing is kept any more; the one behind it names its hash.
    const source = { head: journal.head, after: () => journal.after(2, 1) };
    expect(() => createFileSink({ path: path(), journal: source })).toThrow(/line 2 of another journal/);
    writeFileSync(path(), `${second?.text}\n`);
    expect(createFileSink({ path: path(), journal: source }).through).toBe(2);
  });

  test.each([
    ['a part of a line', '{"sequence":1,"previous":"00'],
    ['the beginning of one', '{"seq'],
    ['a disk that had not written it', '\0'.repeat(9000)],
  ])('has nothing of what a crash left unfinished, of its first line and of any other: %s', async (_, rest) => {
    await write(decision(1));
    const lines = journal.after(0, 2);
    const texts = lines.map(({ text }) => `${text}\n`);
    for (const before of ['', texts[0] ?? '']) {
      writeFileSync(path(), before + rest);
      const sink = createFileSink({ path: path(), journal });
      expect(readFileSync(path(), 'utf8')).toBe(before);
      expect(await sink.deliver(lines)).toEqual({ kind: 'done' });
      await sink.close();
      expect(readFileSync(path(), 'utf8')).toBe(texts.join(''));
    }
  });

  test('of a gateway that keeps no journal goes on behind what an earlier process wrote, and begins anew at 1', () => {
    writeFileSync(path(), '{"sequence":7,"previous":"00"}\n');
    expect(createFileSink({ path: path(), journal: null }).through).toBe(0);
  });

  test('of a gateway that keeps no journal is renamed behind what earlier processes left, and theirs go first', async () => {
    for (let turn = 1; turn <= 3; turn += 1) {
      const sink = createFileSink({ path: path(), journal: null, maxBytes: 1, keep: 3 });
      for (const [index, word] of ['first', 'second'].entries()) {
        const sequence = index + 1;
        const text = `{"sequence":${sequence},"previous":"${turn} ${word}"}`;
        expect(await sink.deliver([{ sequence, hash: nodeHash.sha256(text), text }])).toEqual({ kind: 'done' });
      }
      await sink.close();
    }
    const texts = readdirSync(folder)
      .filter((name) => name.startsWith('events.ndjson.'))
      .sort()
      .map((name) => /"previous":"([^"]*)"/.exec(readFileSync(join(folder, name), 'utf8'))?.[1]);
    expect(texts).toEqual(['2 first', '2 second', '3 first']);
    expect(readFileSync(path(), 'utf8')).toContain('3 second');
  });

  test('takes a batch whole or not at all where the disk has room for a part of it', async () => {
    await write(decision(1), decision(2), decision(3), decision(4));
    writeFileSync(join(folder, 'lines.json'), JSON.stringify(journal.after(0, 10)));
    const script = `
      import { readFileSync } from 'node:fs';
      import { createFileSink } from ${JSON.stringify(new URL('sink-file.ts', import.meta.url).href)};
      const sink = createFileSink({ path: ${JSON.stringify(path())}, journal: null });
      const lines = JSON.parse(readFileSync(${JSON.stringify(join(folder, 'lines.json'))}, 'utf8'));
      console.log(JSON.stringify([await sink.deliver(lines), await sink.deliver(lines.slice(0, 1))]));`;
    // One KiB of a file at most: the system takes that much of a write, and refuses the rest.
    const limited = ['-c', 'ulimit -f 1; exec "$0" --input-type=module --eval "$1"', process.execPath, script];
    const said = JSON.parse(execFileSync('bash', limited, { encoding: 'utf8' })) as unknown;
    expect(said).toEqual([{ kind: 'again', why: 'EFBIG' }, { kind: 'done' }]);
    expect(readFileSync(path(), 'utf8')).toBe(`${journal.after(0, 1)[0]?.text}\n`);
  });

  test('goes on where it ends, also after a gateway ran without it', async () => {
    const again = async (flags: SinkFlags, event: DecisionEvent): Promise<SinkSet> => {
      await Promise.all(running.splice(0).map((sinks) => sinks.stop()));
      const sinks = following(open(flags));
      await write(event);
      expect(await sinks.drain()).toBe(true);
      return sinks;
    };
    await again({ eventsFile: path() }, decision(1));
    await again({}, decision(2));
    const sinks = await again({ eventsFile: path() }, decision(3));
    expect(readFileSync(path(), 'utf8')).toBe(
      journal
        .after(0, 10)
        .map(({ text }) => `${text}\n`)
        .join(''),
    );
    expect(metrics(sinks)).toContain('sink_lost_lines_total{sink="file"} 0\n');
  });

  test('that cannot be written is tried again', async () => {
    const sink = createFileSink({ path: path(), journal });
    rmSync(path());
    await write(decision(1));
    const lines = journal.after(0, 10);
    expect(await sink.deliver(lines)).toEqual({ kind: 'again', why: 'ENOENT' });
    writeFileSync(path(), '');
    expect(await sink.deliver(lines)).toEqual({ kind: 'done' });
    await sink.close();
  });
});
