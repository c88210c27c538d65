import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import {
  type CommitId,
  contentDigestOf,
  type DesiredObject,
  type DesiredOrg,
  type ObservedOrg,
  type OrgSlug,
  type OrgUid,
  type Sha256Hex,
} from '../model/index.ts';
import { changeDigest, changeMap, diffOrg, mapDigest, planDigest, planFleet, planOrg } from './index.ts';
import { orgObjects, wholeOrg } from './objects.testkit.ts';

const acme = 'acme' as OrgSlug;
const uid = 'acme0000000000000000' as OrgUid;
const commit = '1'.repeat(40) as CommitId;

const desiredOf = (objects: readonly DesiredObject[]): DesiredOrg => ({
  org: acme,
  uid,
  objects,
  contentDigest: contentDigestOf(objects, nodeHash),
});

const observedOf = (objects: readonly DesiredObject[], generation: number): ObservedOrg => ({
  org: acme,
  uid,
  complete: true,
  generation,
  contentDigest: contentDigestOf(objects, nodeHash),
  commit,
  objects: objects.map(({ id, path, document, digest }) => ({ id, path, document, digest, generation })),
});

const changed = wholeOrg('acme').map((side) =>
  side.id.kind === 'Wallet' ? orgObjects('acme').wallet('main', { limit: '800' }) : side,
);

describe('digests', () => {
  test('stand for exactly this text', () => {
    const content = { org: acme, base: null, head: 'a'.repeat(64) as Sha256Hex };
    const change = changeDigest(content, nodeHash);
    expect(change).toBe(
      nodeHash.sha256(`{"base":null,"format":"tenantry/change/v1","head":"${'a'.repeat(64)}","org":"acme"}`),
    );
    expect(planDigest(change, 7, nodeHash)).toBe(
      nodeHash.sha256(`{"changeDigest":"${change}","format":"tenantry/plan/v1","generation":7}`),
    );
    const map = new Map([
      ['bravo' as OrgSlug, change],
      [acme, change],
    ]);
    expect(mapDigest(map, nodeHash)).toBe(nodeHash.sha256(`{"acme":"${change}","bravo":"${change}"}`));
  });
});

describe('a plan', () => {
  test('of the pull request and of apply have one change digest', () => {
    const diff = diffOrg({ org: acme, base: wholeOrg('acme'), head: changed, limits: null }, nodeHash);
    const plan = planOrg(
      { observed: observedOf(wholeOrg('acme'), 4), desired: desiredOf(changed), commit, limits: null },
      nodeHash,
    );
    expect(plan.changeDigest).toBe(diff.changeDigest);
    expect(plan.planDigest).toBe(planDigest(diff.changeDigest, 4, nodeHash));
    expect(plan.base.generation).toBe(4);
    expect(plan.changes.map(({ key }) => key)).toEqual(['Wallet/main']);
  });

  test('against a store that drifted has another change digest', () => {
    const drifted = observedOf(changed, 4);
    const plan = planOrg(
      {
        observed: { ...drifted, contentDigest: contentDigestOf(wholeOrg('acme'), nodeHash) },
        desired: desiredOf(wholeOrg('acme')),
        commit,
        limits: null,
      },
      nodeHash,
    );
    expect(plan.changes).toHaveLength(1);
    expect(plan.base.contentDigest).toBe(contentDigestOf(changed, nodeHash));
  });

  test('of what was applied is empty', () => {
    const plan = planOrg(
      { observed: observedOf(changed, 5), desired: desiredOf(changed), commit, limits: null },
      nodeHash,
    );
    expect(plan.changes).toEqual([]);
    expect(plan.hazards).toEqual([]);
  });

  test('on an empty store creates everything, without a hazard', () => {
    const limits = { changedOrgsPercent: 0, changedOrgsCount: 0, deletedObjectsPercent: 0, deletedObjectsCount: 0 };
    const plan = planOrg({ observed: null, desired: desiredOf(changed), commit, limits }, nodeHash);
    expect(new Set(plan.changes.map(({ kind }) => kind))).toEqual(new Set(['create']));
    expect(plan.base).toEqual({ generation: 0, contentDigest: null });
    expect(plan.hazards).toEqual([]);
  });

  test('needs at least one side, and both of one org', () => {
    expect(() => planOrg({ observed: null, desired: null, commit, limits: null }, nodeHash)).toThrow(RangeError);
    const other = { ...observedOf(changed, 1), org: 'bravo' as OrgSlug };
    expect(() => planOrg({ observed: other, desired: desiredOf(changed), commit, limits: null }, nodeHash)).toThrow(
      RangeError,
    );
  });

  test('of a fleet leaves unchanged orgs out of its digests', () => {
    const moved = planOrg(
      { observed: observedOf(wholeOrg('acme'), 4), desired: desiredOf(changed), commit, limits: null },
      nodeHash,
    );
    const still = {
      ...planOrg({ observed: observedOf(changed, 5), desired: desiredOf(changed), commit, limits: null }, nodeHash),
      org: 'bravo' as OrgSlug,
    };
    const fleet = planFleet(
      { commit, plans: [moved, still], carried: [], limits: null, orgs: 2, strayed: [] },
      nodeHash,
    );
    expect(fleet.changeDigest).toBe(mapDigest(new Map([[acme, moved.changeDigest]]), nodeHash));
    expect(fleet.planDigest).toBe(mapDigest(new Map([[acme, moved.planDigest]]), nodeHash));
    expect([...changeMap(fleet.plans).keys()]).toEqual(['acme']);
  });
});
