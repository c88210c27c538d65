import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import { emit, fromKeyed, references, toKeyed } from '../kinds/index.ts';
import { contentDigestOf, type DesiredObject, type OrgSlug, objectKey } from '../model/index.ts';
import { applyKeyed, diffOrg, keyedPatch } from './index.ts';
import { orgObjects } from './objects.testkit.ts';

/** Keys that no reader lets in cannot be in a document: parse refuses __proto__. */
const isReadable = (value: unknown): boolean => !JSON.stringify(value).includes('"__proto__"');

const make = orgObjects('acme');
const name = fc.constantFrom('a', 'b', 'c', 'd');
const names = fc.uniqueArray(name, { maxLength: 4 });
const chain = fc.uniqueArray(fc.constantFrom('pii-detector', 'dlp-filter', 'audit-logger', 'prompt-injection'));

const upstream = fc.record({
  id: name,
  account: fc.constantFrom('acct-1', 'acct-2'),
  region: fc.constantFrom('eu', 'us'),
  secret: fc.oneof(fc.record({ env: fc.constantFrom('A', 'B') }), fc.record({ store: fc.constantFrom('a/b', 'a/c') })),
});

const object: fc.Arbitrary<DesiredObject> = fc.oneof(
  fc
    .record({ name, members: names })
    .map((v) => make.team(v.name, { members: v.members.map((m) => `${m}@acme.example`) })),
  fc
    .record({
      name,
      limit: fc.integer({ min: 0, max: 999 }),
      thresholds: fc.uniqueArray(fc.integer({ min: 1, max: 100 })),
    })
    .map((v) => make.wallet(v.name, { limit: String(v.limit), thresholds: v.thresholds })),
  fc.record({ name, gateways: names }).map((v) => make.token(v.name, { gateways: v.gateways })),
  fc
    .record({ name, chain, tree: fc.jsonValue({ maxDepth: 3 }).filter(isReadable) })
    .map((v) => make.policy(v.name, { policies: { chain: v.chain }, extra: JSON.parse(JSON.stringify(v.tree)) })),
  fc
    .record({ name, upstreams: fc.uniqueArray(upstream, { selector: ({ id }) => id }) })
    .map((v) => make.gateway(v.name, { upstreams: v.upstreams })),
  fc
    .record({
      name,
      paths: fc.uniqueArray(fc.constantFrom('/spec/limit', '/spec/period/kind', '/spec/currency'), { minLength: 1 }),
    })
    .map((v) =>
      make.overlay(v.name, {
        target: { kind: 'Wallet', name: 'main' },
        reason: 'because',
        patches: v.paths.map((path) => ({ path, op: 'replace', value: 'x', was: 'y' })),
      }),
    ),
);

const org: fc.Arbitrary<readonly DesiredObject[]> = fc.uniqueArray(object, {
  maxLength: 12,
  selector: (side) => objectKey(side.id),
});
const diff = (base: readonly DesiredObject[], head: readonly DesiredObject[]) =>
  diffOrg({ org: 'acme' as OrgSlug, base, head, limits: null }, nodeHash);

describe('laws', () => {
  test('a diff of equal sides is empty, whatever their order', () => {
    fc.assert(
      fc.property(org, (side) => {
        expect(diff(side, [...side].reverse()).changes).toEqual([]);
      }),
    );
  });

  test('the keyed patch from one document to another gives the other', () => {
    const pair = fc.tuple(object, object).filter(([a, b]) => a.id.kind === b.id.kind);
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const { kind } = before.id;
        const patch = keyedPatch(kind, before.document, after.document);
        const patched = applyKeyed(toKeyed(kind, before.document), patch);
        expect(patched).toEqual(toKeyed(kind, after.document));
        expect(emit(fromKeyed(kind, patched))).toBe(emit(after.document));
      }),
    );
  });

  test('a change tells every object that differs, once, and nothing else', () => {
    fc.assert(
      fc.property(org, org, (base, head) => {
        const before = new Map(base.map((side) => [objectKey(side.id), side.digest]));
        const after = new Map(head.map((side) => [objectKey(side.id), side.digest]));
        const expected = [...new Set([...before.keys(), ...after.keys()])].filter(
          (key) => before.get(key) !== after.get(key),
        );
        const told = diff(base, head).changes.flatMap((change) =>
          change.kind === 'rename' ? [change.key, objectKey(change.from)] : [change.key],
        );
        expect([...told].sort()).toEqual([...expected].sort());
      }),
    );
  });

  test('order respects references, of what comes and of what goes', () => {
    fc.assert(
      fc.property(org, (side) => {
        const created = diff([], side).changes.map(({ key }) => key);
        const deleted = diff(side, []).changes.map(({ key }) => key);
        for (const one of side) {
          for (const reference of references(one.id.kind, one.document)) {
            const target = side.find(({ id }) => id.kind === reference.kind && id.name === reference.name);
            if (target === undefined || target === one) continue;
            const [from, to] = [objectKey(one.id), objectKey(target.id)];
            expect(created.indexOf(to)).toBeLessThan(created.indexOf(from));
            expect(deleted.indexOf(to)).toBeGreaterThan(deleted.indexOf(from));
          }
        }
      }),
    );
  });

  test('digests are equal exactly when the content is', () => {
    fc.assert(
      fc.property(org, org, (a, b) => {
        const same = diff(a, b).changes.length === 0;
        expect(contentDigestOf(a, nodeHash) === contentDigestOf(b, nodeHash)).toBe(same);
        const digestOf = (head: readonly DesiredObject[]) => diff([], head).changeDigest;
        expect(digestOf(a) === digestOf(b)).toBe(same);
        expect(digestOf(a)).toBe(digestOf([...a].reverse()));
      }),
    );
  });
});
