import { describe, expect, it } from 'vitest';
import type { Publication, Sha256Hex } from '../../core/model/index.ts';
import { GATEWAY, ORG, open, Publishing, pull, Source, scratch } from '../trust.testkit.ts';
import { prunable } from './prune.ts';

const OTHER = 'lab';

/** An org of two gateways, of which one changed twelve times. */
async function aged(): Promise<Publishing> {
  const publishing = new Publishing();
  for (let at = 1; at <= 12; at += 1) await publishing.publish({ [GATEWAY]: `text ${at}`, [OTHER]: 'always the same' });
  return publishing;
}

const pathsOf = (publishing: Publishing): readonly string[] =>
  [...publishing.files.files.keys()].map((path) => path.slice(ORG.length + 1));

async function prune(
  publishing: Publishing,
  change: { readonly versions?: number; readonly running?: readonly Sha256Hex[] } = {},
): Promise<readonly string[]> {
  const removed = await prunable({
    org: ORG,
    publisher: publishing.files,
    publication: publishing.publication as Publication,
    retention: { versions: change.versions ?? 3 },
    running: new Set(change.running ?? []),
    paths: pathsOf(publishing),
  });
  for (const path of removed) publishing.files.files.delete(`${ORG}/${path}`);
  return removed;
}

const versionsLeft = (publishing: Publishing, role: string): readonly number[] =>
  pathsOf(publishing)
    .filter((path) => path.endsWith(`.${role}.json`))
    .map((path) => Number.parseInt(path, 10))
    .sort((a, b) => a - b);

describe('pruning', () => {
  it('leaves the newest versions with all that they name, roots and the timestamp', async () => {
    const publishing = await aged();
    const before = pathsOf(publishing).length;
    const removed = await prune(publishing);
    expect(versionsLeft(publishing, 'targets')).toEqual([10, 11, 12]);
    expect(versionsLeft(publishing, 'snapshot')).toEqual([10, 11, 12]);
    expect(pathsOf(publishing)).toEqual(expect.arrayContaining(['1.root.json', 'timestamp.json']));
    // Nine versions of two files each, and nine bundles with their provenance.
    expect(removed).toHaveLength(36);
    expect(pathsOf(publishing)).toHaveLength(before - 36);
    await scratch(async (dir) => {
      for (const gateway of [GATEWAY, OTHER]) {
        const identity = { fleet: 'example', orgUid: ORG, gateway };
        const verifier = await open(publishing, `${dir}/${gateway}`, {
          fetcher: new Source(publishing.files),
          identity,
        });
        expect(await pull(verifier)).toBe(gateway === GATEWAY ? 'text 12' : 'always the same');
      }
    });
    expect(await prune(publishing)).toEqual([]);
  });

  it('never removes what a gateway runs, however old', async () => {
    const publishing = await aged();
    const running = publishing.bundle('text 2').contentDigest;
    const removed = await prune(publishing, { running: [running] });
    expect(removed).toHaveLength(33);
    const left = pathsOf(publishing).filter((path) => path.startsWith(`targets/${GATEWAY}/`));
    expect(left).toHaveLength(8);
    expect(versionsLeft(publishing, 'targets')).toEqual([2, 10, 11, 12]);
    expect(await prune(publishing, { running: [running] })).toEqual([]);
    expect(await prune(publishing)).toHaveLength(3);
  });

  it('removes what an interrupted publish left, and nothing of one that is under way', async () => {
    const publishing = await aged();
    const orphan = `targets/${GATEWAY}/${'0'.repeat(64)}.bundle.tar`;
    publishing.files.files.set(`${ORG}/${orphan}`, new Uint8Array(3));
    const ahead = ['13.targets.json', '13.snapshot.json'];
    for (const path of ahead) publishing.files.files.set(`${ORG}/${path}`, publishing.file(`12${path.slice(2)}`));
    const removed = await prune(publishing, { versions: 20 });
    expect(removed).toEqual([orphan]);
  });

  it('removes metadata before the files that it names', async () => {
    const removed = await prune(await aged());
    const first = removed.findIndex((path) => path.startsWith('targets/'));
    expect(removed.slice(0, first).every((path) => path.endsWith('.json'))).toBe(true);
    expect(removed.slice(first).every((path) => path.startsWith('targets/'))).toBe(true);
    // A snapshot may name targets of a lower version than its own.
    const roles = removed.slice(0, first).map((path) => path.split('.')[1]);
    expect(roles).toEqual([...roles].sort());
    expect(new Set(roles)).toEqual(new Set(['snapshot', 'targets']));
  });

  it.each(['gone', 'empty', 'changed'])('removes nothing when the current targets file is %s', async (how) => {
    const publishing = await aged();
    const path = `${ORG}/12.targets.json`;
    if (how === 'gone') publishing.files.files.delete(path);
    else if (how === 'empty') publishing.files.files.set(path, new TextEncoder().encode('{}'));
    else publishing.files.files.set(path, publishing.file('11.targets.json'));
    await expect(prune(publishing)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
  });
});
