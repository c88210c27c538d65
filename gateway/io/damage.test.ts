import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { knownLines, openSinkCursor } from './state.ts';
import { startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// A disk that changes or loses what the gateway wrote, and a control plane that comes back from a backup: nobody is answered
// without evidence, no money that was spent is given back, and it is said.

let upstream: TestUpstream;
let plane: TestPlane;
let host: TestHost;
let running: Running | undefined;
let folder = '';

beforeEach(async () => {
  upstream = await startUpstream();
  host = makeTestHost();
  host.variables.set('KEY', 'sk-one');
  plane = await startPlane(host.nowMs);
  const target = { id: 'main', provider: 'openai', model: 'gpt-4o-mini', base_url: upstream.url };
  const document = {
    pack: { name: 'test', version: '1.0.0', enabled: true },
    policies: { chain: ['audit-logger'] },
    policy: { 'audit-logger': {} },
    providers: { targets: [{ ...target, secret_key_ref: { env: 'KEY' } }] },
  };
  await plane.publish(JSON.stringify(document));
  folder = plane.enrolledState();
  await start();
});
afterEach(async () => {
  await stop();
  await plane.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  running = await runManaged({ stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 }, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
}

async function stop(): Promise<void> {
  await running?.stop(500);
  running = undefined;
}

async function ask(times: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const response = await fetch(`${running?.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
    });
    await response.text();
    statuses.push(response.status);
  }
  return [...new Set(statuses)];
}

const deliver = (): Promise<boolean> | undefined => running?.shipping?.drain();
const journal = (): string => join(folder, 'journal');
const segments = (): readonly string[] => readdirSync(journal()).sort();

function change(name: string, edit: (bytes: Buffer) => Buffer): void {
  const path = join(journal(), name);
  writeFileSync(path, edit(readFileSync(path)));
}
const flipped = (text: string) => (bytes: Buffer) => {
  const at = bytes.indexOf(text);
  bytes[at] = Number(bytes[at]) ^ 1;
  return bytes;
};
const gauge = async (name: string): Promise<string | undefined> =>
  new RegExp(`^tenantry_gateway_${name} (\\S+)$`, 'm').exec(await (await fetch(`${running?.url}/metrics`)).text())?.[1];
async function page(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${running?.url}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a gateway does not start', () => {
  test.each([
    ['a byte changed amid the newest segment', () => change(segments().at(-1) ?? '', flipped('"sequence":5,'))],
    ['a byte changed in its last line', () => change(segments().at(-1) ?? '', flipped('"sequence":12,'))],
    [
      'the last lines are cut off',
      () => change(segments().at(-1) ?? '', (bytes) => bytes.subarray(0, bytes.indexOf('{"through":12'))),
    ],
    [
      'the journal is emptied',
      () =>
        segments().forEach((name) => {
          rmSync(join(journal(), name));
        }),
    ],
    ['the folder of the journal is gone', () => rmSync(journal(), { recursive: true })],
  ])('where %s', async (_, damage) => {
    expect(await ask(6)).toEqual([200]);
    expect(await deliver()).toBe(true);
    await stop();
    expect(plane.lines).toHaveLength(12);
    damage();
    for (let time = 0; time < 2; time += 1)
      await expect(start()).rejects.toMatchObject({ code: 'GATEWAY_JOURNAL_BROKEN' });
    // Enrolled again in an empty folder it does, and so does one whose folder is whole.
    rmSync(folder, { recursive: true });
    folder = plane.enrolledState();
    await start();
  });

  test('with the journal of a former day beside newer state', async () => {
    const former = `${folder}-former`;
    await ask(2);
    await deliver();
    await stop();
    cpSync(journal(), former, { recursive: true });
    await start();
    await ask(2);
    await deliver();
    await stop();
    rmSync(journal(), { recursive: true });
    cpSync(former, journal(), { recursive: true });
    rmSync(former, { recursive: true });
    await expect(start()).rejects.toThrow(/line 8, which was delivered/);
  });
});

test('what the state folder tells of its journal: the delivered line, what the wallets count, and what receivers took', () => {
  const other = plane.enrolledState();
  const nothing = { sequence: 0, hash: '0'.repeat(64), why: 'was delivered' };
  expect(knownLines(other).map(({ sequence }) => sequence)).toEqual([0, 0]);
  writeFileSync(join(other, 'wallets.json'), '{"through":7,"slices":[]}');
  openSinkCursor(other, 'file', 9);
  openSinkCursor(other, 'otlp', 8);
  expect(knownLines(other)).toEqual([
    nothing,
    { sequence: 7, hash: null, why: 'is booked in the wallets' },
    { sequence: 9, hash: null, why: 'a receiver has' },
    { sequence: 8, hash: null, why: 'a receiver has' },
  ]);
  // What names no hash, as files of before, is read as the beginning.
  writeFileSync(join(other, 'cursors.json'), '{"shipped":5}');
  expect(knownLines(other)[0]).toEqual(nothing);
  rmSync(other, { recursive: true });
});

test('a line that cannot be read while the gateway runs: what follows is kept here, nothing goes back, and it says so', async () => {
  await ask(2);
  await deliver();
  plane.away = true;
  await ask(4);
  // Out of memory, as a backlog is that is longer than what memory keeps.
  running?.journal?.forgetThrough(12);
  change(segments().at(-1) ?? '', flipped('"sequence":7,'));
  plane.away = false;
  expect(await page('/readyz')).toMatchObject({ status: 200 });
  for (let time = 0; time < 3; time += 1) expect(await deliver()).toBe(false);
  expect(plane.lines).toHaveLength(6);
  expect(await page('/readyz')).toMatchObject({ status: 503, body: { error: { code: 'journal_damaged' } } });
  expect(await page('/healthz')).toMatchObject({ body: { status: 'degraded', evidence: 'GATEWAY_JOURNAL_BROKEN' } });
  expect([await gauge('journal_damaged'), await gauge('journal_unshipped')]).toEqual(['1', '6']);
  expect(host.logged.filter((line) => line.includes('GATEWAY_JOURNAL_BROKEN'))).toHaveLength(1);
  expect([...plane.slices.values()].every(({ open }) => open)).toBe(true);
  // As while nobody is there: on the slices that it has, with its evidence on disk.
  expect(await ask(1)).toEqual([200]);
  expect(running?.journal?.head().sequence).toBe(14);
});

test('a control plane that is put back from a backup gets what it lost, and its settlements, while the gateway runs and after a restart', async () => {
  await ask(3);
  await deliver();
  const settled = (): number => [...plane.settlements.values()].reduce((sum, item) => sum + item.settledMicros, 0);
  for (const isRestarted of [false, true]) {
    const lines = plane.lines.length;
    await ask(4);
    await deliver();
    const all = { lines: [...plane.lines], settled: settled() };
    plane.restore(lines);
    expect(settled()).toBeLessThan(all.settled);
    if (isRestarted) await stop();
    if (isRestarted) await start();
    await ask(1);
    expect(await deliver()).toBe(true);
    expect(plane.lines.slice(0, all.lines.length)).toEqual(all.lines);
    expect(plane.lines).toHaveLength(all.lines.length + 2);
    expect(settled()).toBe(all.settled + 18);
  }
  expect(await page('/healthz')).toMatchObject({ body: { status: 'healthy', evidence: 'kept' } });
});

test('a control plane that has another journal is told of, and the gateway goes on', async () => {
  await ask(2);
  await deliver();
  const twin = `${folder}-twin`;
  await stop();
  cpSync(folder, twin, { recursive: true });
  await start();
  await ask(2);
  await deliver();
  await stop();
  rmSync(folder, { recursive: true });
  cpSync(twin, folder, { recursive: true });
  rmSync(twin, { recursive: true });
  await start();
  // The number of its last request is the copy's too: the control plane has to hear a higher one.
  for (let time = 0; time < 3; time += 1) await ask(1);
  await until(async () => {
    await deliver();
    return running?.shipping?.trouble() === 'GATEWAY_EVIDENCE_REFUSED';
  }, 'the refusal');
  expect(await gauge('journal_refused')).toBe('1');
  expect(await page('/healthz')).toMatchObject({ body: { status: 'degraded', evidence: 'GATEWAY_EVIDENCE_REFUSED' } });
  expect(await page('/readyz')).toMatchObject({ status: 200 });
  expect(await ask(1)).toEqual([200]);
});
