import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { GatewayEvent, Hash, Sha256Hex } from '../../src/core/model/index.ts';
import type { WrittenLine } from '../core/index.ts';
import { openJournal } from './journal.ts';

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
