import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { GatewayEvent, Hash, Sha256Hex } from '../../src/core/model/index.ts';
import type { WrittenLine } from '../core/index.ts';
import { type JournalOptions, openJournal } from './journal.ts';
import { cutDurably, writeAll } from './segments.ts';

const hash: Hash = {
  sha256: (data) => createHash('sha256').update(data).digest('hex') as Sha256Hex,
  gitBlobId: () => {
    throw new Error('not asked');
  },
};
const intent = (id: string): GatewayEvent => ({ type: 'intent', id, at: 1, requestId: id, target: 't', wallets: [] });

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tenantry-journal-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function reopened(path: string): { readonly journal: ReturnType<typeof openJournal>; readonly lines: WrittenLine[] } {
  const lines: WrittenLine[] = [];
  return { journal: openJournal({ folder: path, hash, visit: (line) => lines.push(line) }), lines };
}

/** The folder as a kill at this moment leaves it. */
function copyOf(path: string): string {
  const copy = folder();
  cpSync(path, copy, { recursive: true });
  return copy;
}

/** The bytes of the first segment that are lines. */
function sizeOf(path: string): number {
  return readFileSync(join(path, '0000000000000001.ndjson')).lastIndexOf(10) + 1;
}

describe('journal', () => {
  test('concurrent appends share syncs, and every line is numbered and chained', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    const written = await Promise.all(Array.from({ length: 200 }, (_, index) => journal.append(intent(`i${index}`))));
    expect(written.map((line) => line.sequence)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(journal.counters).toMatchObject({ lines: 200, failures: 0 });
    expect(journal.counters.syncs).toBeLessThanOrEqual(3);
    await journal.close();
    const { lines, journal: again } = reopened(path);
    expect(lines.map((line) => line.text)).toEqual(written.map((line) => line.text));
    expect(again.head()).toMatchObject({ sequence: 200, hash: written.at(-1)?.hash });
    const next = await again.append(intent('next'));
    expect(JSON.parse(next.text)).toMatchObject({ sequence: 201, previous: written.at(-1)?.hash });
    await again.close();
  });

  test('requests under way share syncs: a flush carries the lines of at least half of them', async () => {
    const path = folder();
    let underWay = 16;
    const journal = openJournal({ folder: path, hash, crowd: () => underWay, gatherMs: 60_000 });
    const request = async (name: string): Promise<void> => {
      for (let line = 0; line < 20; line += 1) await journal.append(intent(`${name}.${line}`));
      underWay -= 1;
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => request(`r${index}`)));
    expect(journal.counters.lines).toBe(320);
    expect(journal.counters.syncs).toBeLessThanOrEqual(320 / 8 + 16);
    await journal.close();
    expect(reopened(path).lines).toHaveLength(320);
  });

  test('a lone request waits for nobody, and nobody waits longer than the bound for a crowd that does not come', async () => {
    const alone = openJournal({ folder: folder(), hash, crowd: () => 1, gatherMs: 3_600_000 });
    for (const id of ['a', 'b', 'c']) await alone.append(intent(id));
    expect(alone.counters).toMatchObject({ lines: 3, syncs: 3 });
    const crowded = openJournal({ folder: folder(), hash, crowd: () => 1000, gatherMs: 5 });
    for (const id of ['a', 'b', 'c']) await crowded.append(intent(id));
    expect(crowded.head().sequence).toBe(3);
    await Promise.all([alone.close(), crowded.close()]);
  });

  test('lines that were refused are not in it after a kill, however much of them the disk took', async () => {
    const whole = folder();
    const calm = openJournal({ folder: whole, hash });
    await calm.append(intent('before'));
    const before = sizeOf(whole);
    await Promise.all(['x', 'y', 'z'].map((id) => calm.append(intent(id))));
    const flushBytes = sizeOf(whole) - before;
    await calm.close();
    // With the room behind the lines the disk takes more than the lines.
    for (const taken of [1, 50, 150, 300, flushBytes - 1, flushBytes, flushBytes + 100]) {
      const path = folder();
      let isFull = false;
      const write: JournalOptions['write'] = async (descriptor, bytes, at) => {
        if (!isFull) return writeAll(descriptor, bytes, at);
        await writeAll(descriptor, Buffer.concat([bytes, Buffer.alloc(200)]).subarray(0, taken), at);
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      };
      const journal = openJournal({ folder: path, hash, write });
      await journal.append(intent('before'));
      isFull = true;
      const refused = await Promise.allSettled(['x', 'y', 'z'].map((id) => journal.append(intent(id))));
      expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      const killed = copyOf(path);
      expect(reopened(killed).lines.map(({ event }) => event.id)).toEqual(['before']);
      expect(readdirSync(killed)).toEqual(['0000000000000001.ndjson']);
      isFull = false;
      await journal.append(intent('after'));
      await journal.close();
      expect(reopened(path).lines.map(({ event }) => event.id)).toEqual(['before', 'after']);
    }
  });

  test('a disk that lets nothing be taken back takes nothing more until it does, also not in another segment', async () => {
    const path = folder();
    let [isFull, isStuck, writes] = [false, false, 0];
    const journal = openJournal({
      ...{ folder: path, hash, segmentBytes: 1 },
      write: async (descriptor, bytes, at) => {
        writes += 1;
        await writeAll(descriptor, bytes, at);
        if (isFull) throw new Error('no space left');
      },
      cut: async (descriptor, length) => {
        if (isStuck) throw new Error('broken');
        await cutDurably(descriptor, length);
      },
    });
    await journal.append(intent('a'));
    [isFull, isStuck] = [true, true];
    await expect(journal.append(intent('b'))).rejects.toThrow('no space left');
    isFull = false;
    for (const id of ['c', 'd']) await expect(journal.append(intent(id))).rejects.toThrow('broken');
    expect([writes, journal.counters.failures, journal.head().sequence]).toEqual([2, 3, 1]);
    isStuck = false;
    await journal.append(intent('e'));
    await journal.close();
    expect(reopened(path).lines.map(({ event }) => event.id)).toEqual(['a', 'e']);
  });

  test('does not open without a line that was known to be in it, nor with another in its place', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 1 });
    const lines: WrittenLine[] = [];
    for (const id of ['a', 'b', 'c']) lines.push(await journal.append(intent(id)));
    journal.discardThrough(2);
    await journal.close();
    expect(readdirSync(path)).toHaveLength(1);
    const open = (sequence: number, of: string | null) => {
      const known = { sequence, hash: of === null ? null : (of as Sha256Hex), why: 'was delivered' };
      return openJournal({ folder: path, hash, known: [known] }).head().sequence;
    };
    const hashOf = (index: number): string => lines[index]?.hash ?? '';
    // The first is deleted: nothing is known of it any more. The second is the one that the third names.
    for (const [sequence, of] of [
      [0, '0'.repeat(64)],
      [1, hashOf(0)],
      [2, hashOf(1)],
      [3, hashOf(2)],
      [3, null],
    ] as const)
      expect([sequence, open(sequence, of)]).toEqual([sequence, 3]);
    for (const [sequence, of] of [
      [2, hashOf(0)],
      [3, hashOf(1)],
      [4, hashOf(2)],
      [4, null],
    ] as const)
      expect(() => open(sequence, of)).toThrow(/which was delivered/);
    rmSync(join(path, '0000000000000003.ndjson'));
    expect(() => open(3, hashOf(2))).toThrow(/line 3, which was delivered, in the journal, found the last one to be 0/);
    expect(open(0, '0'.repeat(64))).toBe(0);
  });

  test('never deletes its last line, though the next segment is begun: after a kill it would be as if there had been none', async () => {
    const path = folder();
    let killed = '';
    const journal = openJournal({
      ...{ folder: path, hash, segmentBytes: 1 },
      write: async (descriptor, bytes, at) => {
        journal.discardThrough(journal.head().sequence);
        killed = copyOf(path);
        await writeAll(descriptor, bytes, at);
      },
    });
    for (const id of ['a', 'b', 'c']) await journal.append(intent(id));
    expect(reopened(killed).lines.map(({ event }) => event.id)).toEqual(['b']);
    await journal.close();
  });

  test('says which line it cannot read until it can, or until it is deleted, whoever reads others meanwhile', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 1 });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await journal.append(intent(id));
    journal.forgetThrough(5);
    const away = folder();
    const names = [2, 4].map((first) => `${String(first).padStart(16, '0')}.ndjson`);
    const moveAll = (from: string, to: string): void => {
      for (const name of names) renameSync(join(from, name), join(to, name));
    };
    moveAll(path, away);
    const read = (sequence: number): string => {
      try {
        return journal.after(sequence - 1, 1)[0]?.sequence === sequence ? 'read' : 'another';
      } catch (error) {
        return String((error as { readonly code?: unknown }).code);
      }
    };
    const seen = [4, 2, 4, 3].map((sequence) => `${read(sequence)} ${journal.damagedAt()}`);
    expect(seen).toEqual([
      'GATEWAY_JOURNAL_BROKEN 4',
      'GATEWAY_JOURNAL_BROKEN 2',
      'GATEWAY_JOURNAL_BROKEN 2',
      'read 2',
    ]);
    moveAll(away, path);
    expect([read(4), journal.damagedAt(), read(2), journal.damagedAt()]).toEqual(['read', 2, 'read', null]);
    moveAll(path, away);
    read(2);
    journal.discardThrough(3);
    expect([journal.damagedAt(), read(4)]).toEqual([null, 'GATEWAY_JOURNAL_BROKEN']);
    await journal.close();
  });

  test('of before, without flushes, goes on', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    const lines = await Promise.all(['a', 'b', 'c'].map((id) => journal.append(intent(id))));
    await journal.close();
    writeFileSync(join(path, '0000000000000001.ndjson'), lines.map(({ text }) => `${text}\n`).join(''));
    const { journal: again } = reopened(path);
    await again.append(intent('d'));
    expect(again.after(0, 10).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    await again.close();
    expect(reopened(path).lines.map(({ event }) => event.id)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a torn end is cut and kept aside; the lines before it stay', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    await journal.append(intent('a'));
    await journal.append(intent('b'));
    await journal.close();
    const segment = join(path, '0000000000000001.ndjson');
    const whole = readFileSync(segment, 'utf8');
    for (const torn of [whole.slice(0, -1), `${whole}{"sequence":3,"prev`, `${whole}\0\0\0\n`]) {
      writeFileSync(segment, torn);
      const { lines, journal: again } = reopened(path);
      const kept = torn.startsWith(whole) ? ['a', 'b'] : ['a'];
      expect(lines.map((line) => line.event.id)).toEqual(kept);
      await again.append(intent('c'));
      await again.close();
      expect(reopened(path).lines.map((line) => line.event.id)).toEqual([...kept, 'c']);
      expect(readdirSync(path)).toContain('torn-0000000000000001.ndjson');
      for (const name of readdirSync(path)) rmSync(join(path, name));
    }
  });

  test('most writes find room in the file, and what a kill leaves of it is no line', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    for (let index = 0; index < 50; index += 1) await journal.append(intent(`i${index}`));
    expect(journal.counters).toMatchObject({ syncs: 50, extensions: 1 });
    const name = '0000000000000001.ndjson';
    const killed = folder();
    const asItIs = readFileSync(join(path, name));
    writeFileSync(join(killed, name), asItIs);
    await journal.close();
    const lines = readFileSync(join(path, name));
    expect(lines.at(-1)).toBe(10);
    expect(asItIs.length).toBeGreaterThan(lines.length);
    const { journal: again, lines: kept } = reopened(killed);
    expect(kept).toHaveLength(50);
    expect(readdirSync(killed)).toEqual([name]);
    expect(readFileSync(join(killed, name)).equals(lines)).toBe(true);
    await again.append(intent('next'));
    await again.close();
    expect(reopened(killed).lines).toHaveLength(51);
  });

  test('a line torn inside of the room is cut and kept aside', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    for (const id of ['a', 'b']) await journal.append(intent(id));
    const name = '0000000000000001.ndjson';
    const bytes = readFileSync(join(path, name));
    await journal.close();
    const end = bytes.lastIndexOf(10);
    for (const [from, to] of [
      [end - 20, end + 1],
      [end - 60, end - 40],
    ] as const) {
      const torn = Buffer.from(bytes);
      torn.fill(0, from, to);
      writeFileSync(join(path, name), torn);
      expect(reopened(path).lines.map((line) => line.event.id)).toEqual(['a']);
      expect(readdirSync(path)).toContain(`torn-${name}`);
    }
  });

  test('lines that are forgotten are out of memory and still on disk', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash });
    for (const id of ['a', 'b', 'c']) await journal.append(intent(id));
    journal.forgetThrough(2);
    expect(journal.after(2, 10).map((line) => line.sequence)).toEqual([3]);
    journal.forgetThrough(3);
    expect(journal.after(3, 10)).toEqual([]);
    expect(journal.after(0, 10).map((line) => line.sequence)).toEqual([1, 2, 3]);
    await journal.append(intent('d'));
    expect(journal.after(3, 10).map((line) => line.sequence)).toEqual([4]);
    expect(journal.after(1, 10).map((line) => line.sequence)).toEqual([2, 3, 4]);
    await journal.close();
  });

  test('a changed or missing line in the middle refuses to open', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 1 });
    for (const id of ['a', 'b', 'c']) await journal.append(intent(id));
    await journal.close();
    const first = join(path, '0000000000000001.ndjson');
    const whole = readFileSync(first);
    writeFileSync(first, `${whole}{"sequence":2,"prev`);
    expect(() => reopened(path)).toThrow(/unbroken chain/);
    writeFileSync(first, whole);
    const second = join(path, '0000000000000002.ndjson');
    writeFileSync(second, readFileSync(second, 'utf8').replace('"id":"b"', '"id":"x"'));
    expect(() => reopened(path)).toThrow(/unbroken chain/);
    rmSync(second);
    expect(() => reopened(path)).toThrow(/unbroken chain/);
  });

  test('segments that are shipped are deleted, the rest is read from disk where memory has forgotten it', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 300, tailLines: 2 });
    for (let index = 1; index <= 20; index += 1) await journal.append(intent(`i${index}`));
    const seen: number[] = [];
    for (let at = 0; at < 20; ) {
      const lines = journal.after(at, 3);
      expect(lines.length).toBeGreaterThan(0);
      seen.push(...lines.map((line) => line.sequence));
      at = seen.at(-1) ?? 20;
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const before = readdirSync(path).length;
    journal.discardThrough(10);
    expect(readdirSync(path).length).toBeLessThan(before);
    expect(journal.after(10, 1)[0]?.sequence).toBe(11);
    await journal.close();
    expect(reopened(path).lines.at(-1)?.sequence).toBe(20);
  });

  test('a journal without room refuses and says so; what was refused is not in it, and later appends go on', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 10, maxBytes: 600 });
    const outcomes: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      await journal.append(intent(`i${index}`)).then(
        () => outcomes.push('in'),
        () => outcomes.push('out'),
      );
    }
    expect(outcomes.slice(0, 2)).toEqual(['in', 'in']);
    expect(outcomes.at(-1)).toBe('out');
    expect(journal.counters.failures).toBeGreaterThan(0);
    journal.discardThrough(journal.head().sequence);
    await journal.append(intent('later'));
    await journal.close();
    expect(reopened(path).lines.at(-1)?.event.id).toBe('later');
  });

  test('a failing disk loses nothing that was acknowledged', async () => {
    const path = folder();
    const journal = openJournal({ folder: path, hash, segmentBytes: 1 });
    await journal.append(intent('a'));
    rmSync(path, { recursive: true });
    await expect(journal.append(intent('lost'))).rejects.toThrow();
    expect(journal.head().sequence).toBe(1);
    await journal.close();
  });
});
