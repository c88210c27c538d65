import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/model/index.ts';
import type { RuntimeStore, RuntimeTransaction } from '../../ports/index.ts';
import { ACME, chainOf, digest, enrol, lineOf, type OpenStore, termsOf, ZEROS, ZULU } from './worlds.testkit.ts';

/** One request of gateway `main` after another. */
export function requests(runtime: RuntimeStore, gateway = 'main') {
  let sequence = 0;
  return async <T>(work: (tx: RuntimeTransaction) => Promise<T>): Promise<T> => {
    sequence += 1;
    const out: T[] = [];
    const answer = async (tx: RuntimeTransaction): Promise<JsonObject> => {
      out.push(await work(tx));
      return {};
    };
    await runtime.once(ACME, { gateway, sequence, bodyDigest: digest(`${sequence}`) }, answer);
    const [value] = out;
    if (value === undefined) throw new Error(`expected request ${sequence} to be answered`);
    return value;
  };
}

export function evidenceContract(open: OpenStore): void {
  describe('events', () => {
    it('are stored in the order received and paged last received first', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      await enrol(runtime, ACME, 'side');
      const main = requests(runtime);
      const side = requests(runtime, 'side');
      const lines = chainOf(3);
      expect(await main((tx) => tx.appendEvents('main', lines.slice(0, 2)))).toBe(2);
      expect(await side((tx) => tx.appendEvents('side', lines.slice(0, 1)))).toBe(1);
      expect(await main((tx) => tx.appendEvents('main', lines.slice(2)))).toBe(3);
      const all = await runtime.events(ACME, { limit: 10 });
      expect(all.map((row) => [row.position, row.gateway, row.sequence])).toEqual([
        [4, 'main', 3],
        [3, 'side', 1],
        [2, 'main', 2],
        [1, 'main', 1],
      ]);
      const [, , third] = lines;
      const where = { position: 4, gateway: 'main', chain: 1, sequence: 3 };
      expect(all[0]).toEqual({ ...where, hash: third?.hash, text: third?.text });
      expect(await runtime.events(ACME, { limit: 2, after: '3' })).toEqual(all.slice(2));
      await expect(runtime.events(ACME, { limit: 2, after: 'main:3' })).rejects.toMatchObject({
        code: 'STORE_CURSOR_INVALID',
      });
    });

    it('come out as the lines they were, first received first, for who verifies or copies them', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      await enrol(runtime, ACME, 'side');
      const lines = chainOf(3);
      await requests(runtime)((tx) => tx.appendEvents('main', lines.slice(0, 2)));
      await requests(runtime, 'side')((tx) => tx.appendEvents('side', lines.slice(0, 1)));
      const all = await runtime.lines(ACME, { limit: 10 });
      const first = { position: 1, gateway: 'main', chain: 1, sequence: 1, hash: lines[0]?.hash, text: lines[0]?.text };
      expect(all[0]).toEqual(first);
      expect(all.map((row) => [row.position, row.gateway, row.sequence])).toEqual([
        [1, 'main', 1],
        [2, 'main', 2],
        [3, 'side', 1],
      ]);
      expect(await runtime.lines(ACME, { limit: 1, after: '1' })).toEqual(all.slice(1, 2));
      expect(await runtime.lines(ACME, { limit: 1, after: '3' })).toEqual([]);
    });

    it('come in pages that end with the line with which they come to what a page may hold', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const lines = chainOf(5);
      await requests(runtime)((tx) => tx.appendEvents('main', lines));
      const most = 2 * (lines[0]?.text.length ?? 0);
      const numbers = async (of: 'lines' | 'events', after?: string) =>
        (await runtime[of](ACME, { limit: 4, most, ...(after === undefined ? {} : { after }) })).map(
          ({ position }) => position,
        );
      expect([await numbers('lines'), await numbers('lines', '2'), await numbers('lines', '4')]).toEqual([
        ...[[1, 2], [3, 4], [5]],
      ]);
      expect([await numbers('events'), await numbers('events', '4'), await numbers('events', '2')]).toEqual([
        ...[[5, 4], [3, 2], [1]],
      ]);
      expect(await runtime.lines(ACME, { limit: 4, most: 1 })).toHaveLength(1);
    });

    it('end where the ledger ends too, of the own org alone', async () => {
      const { runtime } = await open();
      expect(await runtime.evidenceEnd(ACME)).toEqual({ position: 0, entry: 0 });
      await enrol(runtime, ACME, 'main');
      await enrol(runtime, ZULU, 'main');
      await requests(runtime)(async (tx) => {
        await tx.appendEvents('main', chainOf(2));
        return tx.lease(termsOf('s1'));
      });
      expect(await runtime.evidenceEnd(ACME)).toEqual({ position: 2, entry: 1 });
      expect(await runtime.evidenceEnd(ZULU)).toEqual({ position: 0, entry: 0 });
    });

    it('are idempotent: stored lines are skipped, also beside new ones', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const lines = chainOf(4);
      await main((tx) => tx.appendEvents('main', lines.slice(0, 3)));
      expect(await main((tx) => tx.appendEvents('main', lines.slice(1)))).toBe(4);
      expect(await main((tx) => tx.appendEvents('main', []))).toBe(4);
      expect(await runtime.events(ACME, { limit: 10 })).toHaveLength(4);
    });

    it('cost few statements, however many lines a batch has, and keep each line as the text it came as', async () => {
      const { runtime, counters, dump } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const lines = chainOf(200).map((line) => ({ ...line, text: ` ${line.text}` }));
      const before = counters.statements;
      await main((tx) => tx.appendEvents('main', lines));
      // Three inserts of 64 lines and one of 8; the rest finds the gateway, the ends of its chain and of the org, and keeps the answer.
      expect(counters.statements - before).toBeLessThanOrEqual(12);
      const stored = await runtime.events(ACME, { limit: 200 });
      expect(stored.map((row) => row.hash)).toEqual(lines.map((line) => line.hash).reverse());
      expect(await dump(ACME)).toContain(JSON.stringify(lines[0]?.text));
    });

    const [one, two, three] = chainOf(3);
    it.each([
      ['a gap', [three]],
      ['a wrong link', [lineOf(3, digest('elsewhere'))]],
      ['other content under a stored number', [lineOf(2, one?.hash ?? ZEROS, 'changed')]],
      ['a second beginning', [lineOf(1, ZEROS, 'again')]],
      ['a good line before a bad one', [three, lineOf(5, digest('elsewhere'))]],
      ['a number that is none', [lineOf(2.5, two?.hash ?? ZEROS)]],
    ])('are refused whole with %s', async (what, lines) => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const stored = what === 'a gap' ? chainOf(1) : chainOf(2);
      await main((tx) => tx.appendEvents('main', stored));
      const given = lines.filter((line) => line !== undefined);
      await main(async (tx) => {
        await expect(tx.appendEvents('main', given)).rejects.toMatchObject({ code: 'EVENT_CHAIN_BROKEN' });
        return 'the rest of the request goes on';
      });
      expect(await runtime.events(ACME, { limit: 10 })).toHaveLength(stored.length);
    });

    it('that do not follow are told where the stored ones end', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main', 'first');
      let main = requests(runtime);
      const refusedEnd = async (sequence: number): Promise<unknown> => {
        const refused = main((tx) => tx.appendEvents('main', [lineOf(sequence, digest('elsewhere'))]));
        return refused.then(
          () => expect.fail('expected a refusal'),
          (error: { readonly end?: unknown }) => error.end,
        );
      };
      expect(await refusedEnd(1)).toEqual({ chain: 1, through: 0, hash: ZEROS });
      const lines = chainOf(3);
      await main((tx) => tx.appendEvents('main', lines));
      for (const sequence of [2, 9])
        expect(await refusedEnd(sequence)).toEqual({ chain: 1, through: 3, hash: lines[2]?.hash });
      // Enrolled anew it may begin a journal, of which nothing is there.
      await enrol(runtime, ACME, 'main', 'second');
      main = requests(runtime);
      expect(await refusedEnd(9)).toEqual({ chain: 2, through: 0, hash: ZEROS });
    });

    it('of a gateway enrolled anew continue the old journal or begin a new one', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main', 'first');
      const lines = chainOf(3);
      await requests(runtime)((tx) => tx.appendEvents('main', lines.slice(0, 2)));
      await enrol(runtime, ACME, 'main', 'second');
      const second = requests(runtime);
      expect(await second((tx) => tx.appendEvents('main', lines))).toBe(3);
      const fresh = [lineOf(1, ZEROS, 'new disk')];
      expect(await second((tx) => tx.appendEvents('main', fresh))).toBe(1);
      expect(await second((tx) => tx.appendEvents('main', fresh))).toBe(1);
      const chains = (await runtime.events(ACME, { limit: 10 })).map((row) => [row.chain, row.sequence]);
      expect(chains).toEqual([
        [2, 1],
        [1, 3],
        [1, 2],
        [1, 1],
      ]);
      // What came of each journal last is kept beside them.
      expect(await runtime.chains(ACME)).toEqual([
        { gateway: 'main', chain: 1, sequence: 3, hash: lines[2]?.hash },
        { gateway: 'main', chain: 2, sequence: 1, hash: fresh[0]?.hash },
      ]);
      expect(await runtime.chains(ZULU)).toEqual([]);
    });

    it('grow the end of their journal with them, or not at all', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const lines = chainOf(3);
      const ends = async () => (await runtime.chains(ACME)).map(({ sequence, hash }) => [sequence, hash]);
      await main((tx) => tx.appendEvents('main', []));
      expect(await ends()).toEqual([]);
      await main((tx) => tx.appendEvents('main', lines.slice(0, 2)));
      await main((tx) => tx.appendEvents('main', lines.slice(0, 1)));
      await main(async (tx) => {
        await expect(tx.appendEvents('main', [...lines, lineOf(9, ZEROS)])).rejects.toThrow();
        return null;
      });
      expect(await ends()).toEqual([[2, lines[1]?.hash]]);
      await runtime
        .once(ACME, { gateway: 'main', sequence: 9, bodyDigest: digest('9') }, async (tx) => {
          await tx.appendEvents('main', lines);
          throw new Error('no commit');
        })
        .catch(() => {});
      expect(await ends()).toEqual([[2, lines[1]?.hash]]);
    });
  });

  describe('refusals', () => {
    const of = (code: 'SEQUENCE_USED' | 'EVENT_CHAIN_BROKEN', at: number, line?: number, hash = digest(`${line}`)) =>
      ({ code, at, sequence: at + 1, through: line === undefined ? null : { sequence: line, hash } }) as const;

    it('are kept as the newest of each gateway, with the first line that was refused and is not stored', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const lines = chainOf(3);
      const shown = async () =>
        (await runtime.refusals(ACME)).map(({ code, at, missing }) => [code, at, missing?.sequence ?? null]);
      await runtime.noteRefusal(ACME, 'nobody', of('SEQUENCE_USED', 1, 5));
      expect(await shown()).toEqual([]);
      await runtime.noteRefusal(ACME, 'main', of('SEQUENCE_USED', 5));
      expect(await runtime.refusals(ACME)).toEqual([
        { gateway: 'main', enrolment: 1, code: 'SEQUENCE_USED', at: 5, sequence: 6, missing: null },
      ]);
      await runtime.noteRefusal(ACME, 'main', of('SEQUENCE_USED', 6, 3, lines[2]?.hash));
      await runtime.noteRefusal(ACME, 'main', of('SEQUENCE_USED', 7, 2));
      await runtime.noteRefusal(ACME, 'main', of('EVENT_CHAIN_BROKEN', 8));
      expect(await shown()).toEqual([['EVENT_CHAIN_BROKEN', 8, 3]]);
      await requests(runtime)((tx) => tx.appendEvents('main', lines.slice(0, 2)));
      expect(await shown()).toEqual([['EVENT_CHAIN_BROKEN', 8, 3]]);
      await runtime.noteRefusal(ACME, 'main', of('SEQUENCE_USED', 9, 9));
      await runtime.once(ACME, { gateway: 'main', sequence: 9, bodyDigest: digest('9') }, async (tx) => ({
        through: await tx.appendEvents('main', lines),
      }));
      expect(await shown()).toEqual([['SEQUENCE_USED', 9, null]]);
      await runtime.noteRefusal(ACME, 'main', of('SEQUENCE_USED', 10, 2));
      expect(await shown()).toEqual([['SEQUENCE_USED', 10, 2]]);
      expect(await runtime.refusals(ZULU)).toEqual([]);
    });
  });

  describe('acknowledgements', () => {
    it('show the newest of each gateway', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const ack = {
        gateway: 'main',
        generation: 3,
        contentDigest: digest('c'),
        state: 'active',
        code: null,
        at: 5,
      } as const;
      const stale = { ...ack, generation: 4, contentDigest: null, state: 'rejected', code: 'TRUST', at: 6 } as const;
      await main(async (tx) => [await tx.putAck(ack, 1, 7)]);
      expect(await runtime.acks(ACME)).toEqual([{ ...ack, org: ACME, sequence: 1, receivedAt: 7, heardAt: 7 }]);
      await main(async (tx) => [await tx.putAck(stale, 2, 8)]);
      expect(await runtime.acks(ACME)).toEqual([{ ...stale, org: ACME, sequence: 2, receivedAt: 8, heardAt: 8 }]);
    });

    it('stand beside each identity, also where it was replaced', async () => {
      const { runtime } = await open();
      const ack = { gateway: 'main', generation: 3, contentDigest: null, state: 'active', code: null, at: 5 } as const;
      await enrol(runtime, ACME, 'main', 'old');
      await requests(runtime)(async (tx) => [await tx.putAck(ack, 1, 7)]);
      await enrol(runtime, ACME, 'main', 'new');
      // What was said by its former identity says nothing of what runs under this one.
      expect(await runtime.acks(ACME)).toEqual([]);
      expect(await runtime.enrolments(ACME)).toMatchObject([
        { gateway: 'main', enrolment: 1, publicKey: 'old', revokedAt: expect.any(Number), ack: { generation: 3 } },
        { gateway: 'main', enrolment: 2, publicKey: 'new', revokedAt: null, ack: null },
      ]);
      await requests(runtime)(async (tx) => [await tx.putAck({ ...ack, generation: 4 }, 1, 8)]);
      expect(await runtime.acks(ACME)).toMatchObject([{ generation: 4, sequence: 1 }]);
      expect((await runtime.enrolments(ACME)).map((one) => one.ack?.generation)).toEqual([3, 4]);
    });

    it('that are said again are heard later, and received when they were said first', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const main = requests(runtime);
      const ack = {
        gateway: 'main',
        generation: 3,
        contentDigest: null,
        state: 'rejected',
        code: 'TRUST',
        at: 5,
      } as const;
      await main(async (tx) => [await tx.putAck(ack, 1, 7)]);
      await main(async (tx) => [await tx.putAck(ack, 2, 9)]);
      expect(await runtime.acks(ACME)).toMatchObject([{ sequence: 2, receivedAt: 7, heardAt: 9 }]);
      const changes = [
        { at: 6 },
        { code: 'TRUST_X' },
        { code: null },
        { state: 'active' },
        { generation: 4 },
        { contentDigest: digest('c') },
      ] as const;
      for (const [index, change] of changes.entries()) {
        await main(async (tx) => [await tx.putAck(ack, 2 * index + 3, 10 + index)]);
        await main(async (tx) => [await tx.putAck({ ...ack, ...change }, 2 * index + 4, 20 + index)]);
        expect(await runtime.acks(ACME), JSON.stringify(change)).toMatchObject([{ receivedAt: 20 + index }]);
      }
    });
  });
}
