import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IntentEvent } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { EMPTY_CHAIN, lineBefore } from '../core/index.ts';
import type { Answered } from './control.ts';
import { makeTestHost } from './host.testkit.ts';
import { type Journal, openJournal } from './journal.ts';
import { createShipping, type Shipping } from './shipping.ts';
import { openShippedCursor, type ShippedCursor } from './state.ts';
import { until } from './upstream.testkit.ts';
import { createSliceBook, type WalletDesk } from './wallets.ts';

const intent = (id: string): IntentEvent => ({ type: 'intent', id, at: 1, requestId: id, target: 'main', wallets: [] });

let folder = '';
let journal: Journal;
let cursor: ShippedCursor;
let shipping: Shipping;
/** What was asked of the control plane and of the wallets, in order. */
let seen: string[];
/** How the control plane answers lines of these numbers. */
let answerTo: (first: number, last: number) => Answered;
/** Happens while it is asked. */
let onPost: () => Promise<void>;
let host: ReturnType<typeof makeTestHost>;
/** The slices that are spent. */
let spent: readonly string[];

const stored = (_first: number, last: number): Answered => ({ kind: 'ok', body: { through: last } });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-shipping-'));
  seen = [];
  answerTo = stored;
  onPost = async () => undefined;
  host = makeTestHost();
  spent = ['s1'];
  start();
});
afterEach(async () => {
  shipping.stop();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** While slice s2 is kept. Segments are of one flush each. By default only what a test asks for is delivered. */
function start(gatherMs = 1 << 30): void {
  journal = openJournal({ folder: join(folder, 'journal'), hash: nodeHash, segmentBytes: 1 });
  cursor = openShippedCursor(folder);
  shipping = createShipping({
    ...{ journal, cursor, log: host.log },
    questions: { oldestOpen: () => null },
    control: {
      post: async (path, body) => {
        if (!path.endsWith('/events')) {
          seen.push(`settle ${body}`);
          return { kind: 'ok', body: {} };
        }
        const numbers = body.match(/(?<=^\{"sequence":)[0-9]+/gm)?.map(Number) ?? [];
        const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
        seen.push(`events ${first}-${last}`);
        await onPost();
        return answerTo(first, last);
      },
    },
    desk: {
      spentSlices: () => spent,
      keptSlices: () => ['s2'],
      forget: (ids: readonly string[]) => seen.push(`forget ${ids}`),
    } as unknown as WalletDesk,
    book: createSliceBook({ through: 0, slices: [] }),
    checkpoint: async () => undefined,
    gatherMs,
  });
}

async function write(lines: number): Promise<void> {
  for (let line = 0; line < lines; line += 1) await journal.append(intent(`i${journal.head().sequence + 1}`));
}

const GIVEN_BACK = ['settle {"settlements":[],"closed":["s1"],"keeps":["s2"]}', 'forget s1'];
const warnings = (): readonly string[] => host.logged.filter((line) => line.includes(' warn '));
/** Changes one byte of the line on disk, of which memory has nothing more. */
function damage(sequence: number): void {
  journal.forgetThrough(journal.head().sequence);
  const path = join(folder, 'journal', `${String(sequence).padStart(16, '0')}.ndjson`);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('sequence":') - 1;
  bytes[at] = Number(bytes[at]) ^ 1;
  writeFileSync(path, bytes);
}

describe('a slice is given back', () => {
  test('after the lines that used it, which may still have to settle of it', async () => {
    await write(1);
    expect(await shipping.drain()).toBe(true);
    expect(seen).toEqual(['events 1-1', ...GIVEN_BACK]);
  });

  test('never while its lines are not delivered', async () => {
    await write(1);
    answerTo = () => ({ kind: 'away', detail: 'no answer' });
    expect(await shipping.drain()).toBe(false);
    expect(seen).toEqual(['events 1-1']);
  });

  test('only where the cursor is the very line that was the head: neither above it nor another one', async () => {
    await write(2);
    for (const line of [
      { ...journal.head(), sequence: 9 },
      { ...journal.head(), hash: nodeHash.sha256('another') },
    ]) {
      cursor.write(line);
      expect(await shipping.drain()).toBe(false);
      expect(shipping.trouble()).toBe('GATEWAY_JOURNAL_BROKEN');
    }
    expect(seen).toEqual([]);
  });
});

describe('an answer', () => {
  test.each([
    ['of another line', { through: 1 }],
    ['of none', {}],
    ['of a line as a text', { through: '2' }],
    ['that is a list', []],
    ['of nothing', null],
  ])('%s is not believed: nothing counts as stored', async (_, body) => {
    await write(2);
    answerTo = () => ({ kind: 'ok', body });
    expect(await shipping.drain()).toBe(false);
    expect(cursor.read()).toEqual(EMPTY_CHAIN);
    expect(seen).toEqual(['events 1-2']);
    answerTo = stored;
    expect(await shipping.drain()).toBe(true);
    expect(cursor.read()).toEqual({ sequence: 2, hash: journal.head().hash });
    expect(seen.slice(1)).toEqual(['events 1-2', ...GIVEN_BACK]);
  });
});

describe('a line of the backlog that cannot be read', () => {
  test('ends delivery before it, said once; what it may have settled is not given back, and new lines are written', async () => {
    await write(4);
    damage(3);
    for (let turn = 0; turn < 3; turn += 1) expect(await shipping.drain()).toBe(false);
    expect(seen).toEqual(['events 1-1', 'events 2-2']);
    expect([shipping.trouble(), journal.damagedAt(), shipping.unshipped()]).toEqual(['GATEWAY_JOURNAL_BROKEN', 3, 2]);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatch(/GATEWAY_JOURNAL_BROKEN.*line 3.*--state/);
    await write(1);
    expect(journal.head().sequence).toBe(5);
  });

  test('is no trouble any more when it can be read again', async () => {
    await write(4);
    damage(3);
    await shipping.drain();
    damage(3);
    expect(await shipping.drain()).toBe(true);
    expect([shipping.trouble(), journal.damagedAt()]).toEqual([null, null]);
    expect(seen.slice(-2)).toEqual(GIVEN_BACK);
  });

  test('is the same for a file that is gone', async () => {
    await write(4);
    journal.forgetThrough(4);
    rmSync(join(folder, 'journal'), { recursive: true });
    expect(await shipping.drain()).toBe(false);
    expect([seen, journal.damagedAt()]).toEqual([[], 1]);
  });
});

describe('a control plane whose journal of this gateway ends earlier', () => {
  /** The hash of the last of them. */
  let delivered: string;
  /** Delivers six lines, after which the control plane says that it has them through `through` only. */
  async function putBack(through: number, change: object = {}): Promise<void> {
    await write(6);
    await shipping.drain();
    seen.length = 0;
    const [next] = journal.after(through, 1);
    delivered = cursor.read().hash;
    const end = { chain: 1, through, hash: next && lineBefore(next).hash, ...change };
    const refused: Answered = { kind: 'refused', status: 409, code: 'EVENT_CHAIN_BROKEN', details: end };
    let has = through;
    answerTo = (first, last) => {
      if (first !== has + 1) return refused;
      has = last;
      return stored(first, last);
    };
    await write(1);
  }

  test.each([4, 0])('at line %i gets the rest again, and slices go back after it', async (through) => {
    await putBack(through);
    expect(await shipping.drain()).toBe(true);
    const again = Array.from(
      { length: 7 - through },
      (_, index) => `events ${through + 1 + index}-${through + 1 + index}`,
    );
    expect(seen.slice(0, -2)).toEqual(['events 7-7', ...again]);
    expect(seen.slice(-2)).toEqual(GIVEN_BACK);
    expect(cursor.read()).toEqual({ sequence: 7, hash: journal.head().hash });
    expect([shipping.counters.rewinds, shipping.trouble()]).toEqual([1, null]);
  });

  test.each([
    ['with another hash there', { hash: nodeHash.sha256('another') }],
    ['after what was delivered', { through: 6, hash: nodeHash.sha256('another') }],
    ['nowhere that it says', { hash: undefined }],
    ['at no number', { through: -1 }],
  ])('%s is an alarm, said once', async (_, change) => {
    await putBack(4, change);
    for (let turn = 0; turn < 3; turn += 1) expect(await shipping.drain()).toBe(false);
    expect(cursor.read().sequence).toBe(6);
    expect([shipping.trouble(), shipping.counters.rewinds]).toEqual(['GATEWAY_EVIDENCE_REFUSED', 0]);
    expect(warnings()).toHaveLength(1);
    expect(seen).toEqual(['events 7-7', 'events 7-7', 'events 7-7']);
    answerTo = stored;
    expect(await shipping.drain()).toBe(true);
    expect(shipping.trouble()).toBe(null);
  });

  test('at what it said, and takes nothing behind it, is an alarm', async () => {
    await putBack(4);
    answerTo = () => ({
      ...{ kind: 'refused', status: 409, code: 'EVENT_CHAIN_BROKEN' },
      details: { chain: 1, through: 6, hash: delivered },
    });
    expect(await shipping.drain()).toBe(false);
    expect([shipping.trouble(), shipping.counters.rewinds]).toEqual(['GATEWAY_EVIDENCE_REFUSED', 0]);
  });

  test('and then earlier still is gone back to once in a delivery', async () => {
    await putBack(4);
    const ends = [0, 1, 2, 3, 4, 5].flatMap((sequence) => journal.after(sequence, 1).map(lineBefore));
    answerTo = (first) => ({
      ...{ kind: 'refused', status: 409, code: 'EVENT_CHAIN_BROKEN' },
      details: { chain: 1, through: first - 2, hash: ends[first - 2]?.hash },
    });
    expect(await shipping.drain()).toBe(false);
    expect(seen).toEqual(['events 7-7', 'events 6-6']);
    answerTo = stored;
    expect(await shipping.drain()).toBe(true);
  });

  test('gets what was durable when it was asked, though more is written meanwhile', async () => {
    await putBack(4);
    onPost = async () => {
      if (journal.head().sequence === 7) await write(1);
    };
    expect(await shipping.drain()).toBe(true);
    expect([cursor.read().sequence, journal.head().sequence, seen.slice(-2)]).toEqual([7, 8, GIVEN_BACK]);
  });

  test('before what is still kept is an alarm', async () => {
    await putBack(2);
    journal.discardThrough(4);
    expect(readdirSync(join(folder, 'journal'))).toHaveLength(3);
    journal.forgetThrough(7);
    expect(await shipping.drain()).toBe(false);
    expect(shipping.trouble()).toBe('GATEWAY_EVIDENCE_REFUSED');
  });
});

test('what comes up while a delivery is under way is looked at after it', async () => {
  shipping.stop();
  await journal.close();
  spent = [];
  start(1);
  await write(1);
  onPost = async () => {
    await new Promise(setImmediate);
    // A configuration that came just now has retired a slice; no line follows.
    spent = ['s9'];
    shipping.nudge();
  };
  expect(await shipping.drain()).toBe(true);
  await until(() => seen.includes('forget s9'), 'the slice to be given back');
  expect(seen[0]).toBe('events 1-1');
});
