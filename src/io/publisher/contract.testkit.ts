import { describe, expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import type { Publisher } from '../../ports/index.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const one = (path: string, text: string): ReadonlyMap<string, Uint8Array> => new Map([[path, bytes(text)]]);
const digest = (text: string) => nodeHash.sha256(text);

/** What every driver of the Publisher port keeps, whatever stands behind it. `open` gives another client of one empty place. */
export function publisherContract(name: string, open: () => Publisher): void {
  describe(`${name}, as every publisher`, () => {
    it('keeps what it is given, per org, and lists it', async () => {
      const publisher = open();
      const files = new Map(Array.from({ length: 12 }, (_, at) => [`targets/desk/${at}.bundle.tar`, bytes(`${at}`)]));
      await publisher.putImmutable(A, files);
      await publisher.putMutable(A, 'timestamp.json', bytes('two'), null);
      await publisher.putMutable(B, 'timestamp.json', bytes('other'), null);
      expect(await open().get(A, 'targets/desk/7.bundle.tar')).toEqual(bytes('7'));
      expect(await open().get(A, 'timestamp.json')).toEqual(bytes('two'));
      expect(await publisher.get(A, '1.root.json')).toBeUndefined();
      const listed = [...(await publisher.list(A))].sort((x, y) => (x.path < y.path ? -1 : 1));
      expect(listed.map(({ path }) => path)).toEqual([...files.keys(), 'timestamp.json'].sort());
      expect(listed.at(-1)).toEqual({ path: 'timestamp.json', bytes: 3 });
      expect(await publisher.list(B)).toHaveLength(1);
    });

    it('never changes an immutable file, and says so to the later of two', async () => {
      await open().putImmutable(A, one('1.root.json', 'one'));
      await open().putImmutable(A, one('1.root.json', 'one'));
      await expect(open().putImmutable(A, one('1.root.json', 'two'))).rejects.toMatchObject({
        code: 'PUBLISH_CONFLICT',
      });
      expect(await open().get(A, '1.root.json')).toEqual(bytes('one'));
    });

    it('replaces the mutable file only over the one that was read', async () => {
      const publisher = open();
      await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
      await publisher.putMutable(A, 'timestamp.json', bytes('two'), digest('one'));
      for (const over of [null, digest('one'), digest('three')]) {
        const late = open().putMutable(A, 'timestamp.json', bytes('late'), over);
        await expect(late).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
      }
      const other = open().putMutable(B, 'timestamp.json', bytes('late'), digest('one'));
      await expect(other).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
      expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('two'));
      expect(await publisher.get(B, 'timestamp.json')).toBeUndefined();
    });

    it('lets one of several that race win, whichever client each has, and shows what that one wrote', async () => {
      await open().putMutable(A, 'timestamp.json', bytes('zero'), null);
      const texts = ['one', 'two', 'three', 'four'];
      const clients = [open(), open()];
      const race = async (path: string, write: (publisher: Publisher, text: string) => Promise<void>) => {
        const writes = texts.map((text, at) => write(clients[at % 2] ?? open(), text));
        const ends = await Promise.allSettled(writes);
        const wins = ends.flatMap((end, at) => (end.status === 'fulfilled' ? [texts[at] ?? ''] : []));
        expect(wins).toHaveLength(1);
        for (const end of ends)
          if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'PUBLISH_CONFLICT' });
        expect(await open().get(A, path)).toEqual(bytes(wins[0] ?? ''));
      };
      const over = digest('zero');
      await race('timestamp.json', (publisher, text) => publisher.putMutable(A, 'timestamp.json', bytes(text), over));
      await race('2.targets.json', (publisher, text) => publisher.putImmutable(A, one('2.targets.json', text)));
    });

    it('removes what it is told to, of that org alone', async () => {
      const publisher = open();
      for (const org of [A, B]) await publisher.putImmutable(org, new Map([...one('1.x', 'x'), ...one('2.x', 'x')]));
      await publisher.remove(A, ['1.x', '3.x']);
      expect((await publisher.list(A)).map(({ path }) => path)).toEqual(['2.x']);
      expect(await publisher.list(B)).toHaveLength(2);
    });

    it.each(['', '../x', 'a/../x', '/x', 'a//x', '.x', 'a/.x', 'a\\x', 'a/b/c/d/e/f/g', 'x\n'])(
      'refuses the path %j',
      async (path) => {
        const publisher = open();
        for (const work of [
          publisher.putImmutable(A, one(path, 'x')),
          publisher.putMutable(A, path, bytes('x'), null),
          publisher.get(A, path),
          publisher.remove(A, [path]),
        ])
          await expect(work).rejects.toMatchObject({ code: 'PUBLISH_PATH' });
      },
    );

    it('refuses what is no org', async () => {
      const publisher = open();
      for (const work of [publisher.get('../acme' as OrgUid, 'x'), publisher.list('' as OrgUid)])
        await expect(work).rejects.toMatchObject({ code: 'PUBLISH_PATH' });
    });
  });
}
