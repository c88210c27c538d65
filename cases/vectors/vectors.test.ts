import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { orgUid } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { type BundleFetcher, openVerifier } from '../../src/trust/index.ts';
import { quickFiles, scratch } from '../../src/trust/trust.testkit.ts';
import { bytesOfFile, makeVectors, type Repository, type Vector, type VectorFiles } from './make.testkit.ts';

// The vectors that docs/bundles.md offers to authors of other pullers, run by our own verifier.

const FILES = ['keys', 'repository', 'vectors'] as const;
const pathOf = (name: (typeof FILES)[number]): URL => new URL(`./${name}.json`, import.meta.url);
const read = (name: (typeof FILES)[number]): string => readFileSync(pathOf(name), 'utf8');

it('are what their script makes, byte for byte (UPDATE_DOCS=1 writes them)', async () => {
  const made = await makeVectors();
  for (const name of FILES) {
    const text = `${JSON.stringify(made[name], null, 1)}\n`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(pathOf(name), text);
    expect(read(name) === text, `${name}.json is not what is made now: run \`npm run bless\``).toBe(true);
  }
});

const repository = JSON.parse(read('repository')) as Repository;
const vectors = JSON.parse(read('vectors')) as readonly Vector[];

const sourceOf = (files: VectorFiles): BundleFetcher => ({
  async get(path) {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    return file === undefined || file === null
      ? { status: 404 }
      : { status: 200, bytes: bytesOfFile(file), etag: null };
  },
});

it.each(vectors)('$threat $name', ({ given, now, replaced, expect: expected }) =>
  scratch(async (stateDir) => {
    const pinned = repository.files[repository.pinnedRoot];
    const uid = orgUid(repository.identity.orgUid);
    if (pinned === null || pinned === undefined || uid === undefined) throw new Error('expected a repository');
    const pollAt = async (instant: string, files: VectorFiles) => {
      const verifier = await openVerifier({
        stateDir,
        identity: { ...repository.identity, orgUid: uid },
        root: bytesOfFile(pinned),
        fetcher: sourceOf(files),
        nowMs: () => Date.parse(instant),
        hash: nodeHash,
        files: quickFiles,
      });
      return verifier.poll();
    };
    if (given === 'known') {
      const taken = await pollAt(repository.now, repository.files);
      if (taken.kind === 'candidate') await taken.commit();
    }
    const result = await pollAt(now, { ...repository.files, ...replaced });
    if (result.kind === 'candidate') {
      const { generation, contentDigest } = result.target.custom;
      expect({ verdict: 'accept', generation, contentDigest }).toEqual(expected);
    } else if (result.kind === 'refused') expect({ verdict: 'refuse', code: result.code }).toEqual(expected);
    else expect({ verdict: 'unchanged' }).toEqual(expected);
  }),
);
