import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayEvent } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { type Journal, openJournal } from './journal.ts';

// What a crash leaves is cut and nothing else: a flush is there as a whole or not at all, and a byte that changed in what was
// durable is never taken for the end.

const NAME = '0000000000000001.ndjson';
const SECTOR = 512;
const intent = (id: string): GatewayEvent => ({ type: 'intent', id, at: 1, requestId: id, target: 't', wallets: [] });

let folder = '';
let journal: Journal;
/** The file after each flush, without its room. */
let files: Buffer[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-flushes-'));
  journal = openJournal({ folder, hash: nodeHash });
  files = [Buffer.alloc(0)];
  await flush(['a']);
  await flush(['b', 'c', 'd']);
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lines that go out in one write. */
async function flush(ids: readonly string[]): Promise<void> {
  const { syncs } = journal.counters;
  await Promise.all(ids.map((id) => journal.append(intent(id))));
  expect(journal.counters.syncs).toBe(syncs + 1);
  const bytes = readFileSync(join(folder, NAME));
  files.push(bytes.subarray(0, bytes.lastIndexOf(10) + 1));
}

/** The ids in a journal of one segment with these bytes, and what was kept aside; or that it does not open. */
function opened(bytes: Buffer): string {
  const other = mkdtempSync(join(tmpdir(), 'tenantry-flushes-'));
  try {
    writeFileSync(join(other, NAME), bytes);
    const ids: string[] = [];
    openJournal({ folder: other, hash: nodeHash, visit: ({ event }) => ids.push(event.id) });
    return [ids.join(''), ...readdirSync(other).filter((name) => name.startsWith('torn'))].join(' ');
  } catch (error) {
    return String((error as { readonly code?: unknown }).code);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}

const newest = (): Buffer => files.at(-1) ?? Buffer.alloc(0);
/** Where the last flush begins. */
const begin = (): number => files.at(-2)?.length ?? 0;

describe('a crash', () => {
  test.each(['', 'in its room'])('at any byte of a write leaves the flushes before it, whole %s', (room) => {
    const whole = newest();
    for (let end = 0; end < whole.length; end += 1) {
      const written = Buffer.from(whole.subarray(0, end));
      const left = room === '' ? written : Buffer.concat([written, Buffer.alloc(2000)]);
      const kept = files.findLastIndex((file) => file.length <= end);
      const torn = files[kept]?.length === end ? '' : ` torn-${NAME}`;
      expect([end, opened(left)]).toEqual([end, `${['', 'a'][kept]}${torn}`]);
    }
    expect(opened(whole)).toBe('abcd');
  });

  test('of the power may leave out any sectors of the last write', async () => {
    await flush(Array.from({ length: 40 }, (_, index) => `e${index}`));
    const whole = newest();
    for (let at = Math.ceil(begin() / SECTOR) * SECTOR; at < whole.length; at += SECTOR)
      for (const until of [at + SECTOR, at + 3 * SECTOR, whole.length]) {
        const bytes = Buffer.concat([whole, Buffer.alloc(3 * SECTOR)]).fill(0, at, until);
        expect([at, until, opened(bytes)]).toEqual([at, until, `abcd torn-${NAME}`]);
      }
  });
});

describe('a journal does not open', () => {
  test('after any one bit of it changed', () => {
    const whole = newest();
    for (let at = 0; at < whole.length; at += 1)
      for (const bit of [1, 4, 32, 128]) {
        const bytes = Buffer.from(whole);
        bytes[at] = Number(bytes[at]) ^ bit;
        expect([at, bit, opened(bytes)]).toEqual([at, bit, 'GATEWAY_JOURNAL_BROKEN']);
      }
  });

  test('without sectors of a write that another one follows', async () => {
    await flush(Array.from({ length: 40 }, (_, index) => `e${index}`));
    const [start, end] = [begin(), newest().length];
    await flush(['z']);
    for (let at = Math.ceil(start / SECTOR) * SECTOR; at + SECTOR < end; at += SECTOR)
      expect([at, opened(Buffer.from(newest()).fill(0, at, at + SECTOR))]).toEqual([at, 'GATEWAY_JOURNAL_BROKEN']);
  });

  test('without the bytes at which one write ends and the last one begins', async () => {
    const end = newest().length;
    await flush(['z']);
    const bytes = Buffer.from(newest()).fill(0, end - 20, end + 20);
    expect(opened(bytes)).toBe('GATEWAY_JOURNAL_BROKEN');
  });

  test.each([
    ['a line', (bytes: Buffer) => bytes.indexOf('{"sequence":3')],
    ['the beginning of a flush', () => begin()],
  ])('where %s was cut out', (_, placeOf) => {
    const at = placeOf(newest());
    const end = newest().indexOf(10, at) + 1;
    const bytes = Buffer.concat([newest().subarray(0, at), newest().subarray(end)]);
    // Without what says that they are one flush lines stand for themselves, as in a journal of before.
    expect(opened(bytes)).toBe(at === begin() ? 'abcd' : 'GATEWAY_JOURNAL_BROKEN');
  });

  test('where flushes changed places or stand twice', () => {
    const [first, second] = [newest().subarray(0, begin()), newest().subarray(begin())];
    expect(opened(Buffer.concat([second, first]))).toBe('GATEWAY_JOURNAL_BROKEN');
    expect(opened(Buffer.concat([first, second, second]))).toBe('GATEWAY_JOURNAL_BROKEN');
    expect(opened(Buffer.concat([first, second, first]))).toBe('GATEWAY_JOURNAL_BROKEN');
  });
});
