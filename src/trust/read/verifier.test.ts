import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renewTimestamp } from '../index.ts';
import { GATEWAY, open, Publishing, pull, Source, scratch } from '../trust.testkit.ts';

describe('polling', () => {
  it('gives what was published, once, with what was signed about it', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      expect(verifier.lastKnownGood()).toBeNull();
      expect(verifier.times()).toBeNull();
      const result = await verifier.poll();
      if (result.kind !== 'candidate') throw new Error(JSON.stringify(result));
      expect(verifier.lastKnownGood()).toBeNull();
      expect(result.target.custom).toMatchObject({
        org: publishing.org,
        gateway: GATEWAY,
        generation: 1,
        previous: null,
      });
      expect(result.target.content.policyText).toBe('one');
      expect(new TextDecoder().decode(result.target.provenance ?? undefined)).toBe('{"gateway":"desk","generation":1}');
      await result.commit();
      expect(verifier.lastKnownGood()).toEqual(result.target);
      expect(verifier.times()?.signedAtMs).toBe(publishing.nowMs);
      expect(source.requests).toHaveLength(6);
      expect(await readdir(dir)).toEqual(['a', 'floors.json']);
    }));

  it('asks one question and reads no body when nothing changed', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      source.statuses.length = 0;
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(source.statuses).toEqual([304]);
    }));
});
