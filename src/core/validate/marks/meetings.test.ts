import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingCode, ObjectKey, OrgSlug, RepoPath } from '../../model/index.ts';
import { type FleetFact, leakValues, type MarkedOrg, marksOf, meetingsOf, rules, validateFleet } from '../index.ts';
import { wordsOf } from '../leaks/readings.ts';
import type { FleetRule } from '../rule.ts';
import { decodedMarks, LIST } from './codec.ts';
import { markOf } from './mark.ts';

const fleetRules = rules.filter((rule): rule is FleetRule => rule.needs === 'fleet');
const HOSTS = ['example', 'a.example', 'b.example', 'x.a.example', '*.a.example', 'y.x.a.example', '*.example'];
const DETAILS = [
  ...HOSTS,
  'dedicated',
  'shared',
  '127.0.0.1',
  '0.0.0.0',
  '',
  '/a',
  '/a/b',
  'Dune Clinics',
  'acct-dune',
];
const SLUGS = ['acme', 'bravo', 'cedar', 'delta', 'ember'];

/** A fact of a rule; values are few, so that they meet. */
const factArbitrary = (org: string): fc.Arbitrary<FleetFact> =>
  fc
    .record({
      code: fc.constantFrom(...fleetRules.map(({ code }) => code)),
      value: fc.constantFrom('a.example', 'b.example', 'store a/b', 'store c', 'host 1', 'acct dune'),
      detail: fc.constantFrom(undefined, ...DETAILS),
      place: fc.nat({ max: 3 }),
    })
    .map(({ code, value, detail, place }) => ({
      ...{ org: org as OrgSlug, code: code as FindingCode, value, pointer: `/spec/${place}` },
      object: `Team/${org}-${place}` as ObjectKey,
      path: `orgs/${org}/teams/${place}.yaml` as RepoPath,
      ...(detail === undefined ? {} : { detail }),
    }));

const factsArbitrary = fc.tuple(...SLUGS.map((org) => fc.array(factArbitrary(org), { maxLength: 4 })));
const NOTHING: ReadonlySet<string> = new Set();
const marked = (facts: readonly FleetFact[], org: string, words: readonly string[] = []): MarkedOrg => ({
  ...{ org: org as OrgSlug, common: NOTHING },
  marks: marksOf(facts, words),
});

describe('orgs that do not meet', () => {
  test('collide with nobody: what is found is what is found of all', () => {
    fc.assert(
      fc.property(factsArbitrary, (all) => {
        const meeting = meetingsOf(
          all.map((facts, index) => marked(facts, SLUGS[index] ?? '')),
          [],
        );
        const facts = all.flat();
        const some = facts.filter(({ org }) => meeting?.orgs.has(org));
        expect(validateFleet(some)).toEqual(validateFleet(facts));
      }),
      { numRuns: 2_000 },
    );
  });

  test('hold nothing of each other: who could hold a value is whose text has its words', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'x', 'y', 'dune', 'clinics', 'acct', 'example', 'spare'));
    fc.assert(
      fc.property(factsArbitrary, fc.tuple(...SLUGS.map(() => words)), words, (all, texts, file) => {
        const path = 'templates/t/1.0.0/teams.yaml' as RepoPath;
        const meeting = meetingsOf(
          all.map((facts, index) => marked(facts, SLUGS[index] ?? '', texts[index])),
          [{ path, text: file.join(' ') }],
        );
        const some = leakValues(all.flat().filter(({ org }) => meeting?.orgs.has(org)));
        const held = meeting?.suspects(some);
        const couldHold = (text: readonly string[], holder: string | null) =>
          leakValues(all.flat())
            .filter((value) => value.org !== holder && wordsOf(value.text).every((word) => text.includes(word)))
            .map(({ text: value }) => value);
        const textsOf = (values: readonly { readonly text: string }[] = []) => values.map(({ text }) => text);
        for (const [index, org] of SLUGS.entries())
          expect(textsOf(held?.inOrgs.get(org as OrgSlug)).sort()).toEqual(couldHold(texts[index] ?? [], org).sort());
        expect(textsOf(held?.inFiles.get(path)).sort()).toEqual(couldHold(file, null).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  const name = (org: string, detail: string): FleetFact => ({
    ...{ org: org as OrgSlug, code: 'ISO_I46_NAME_COLLISION', value: `${org} ${detail}`, detail, pointer: '' },
    ...{ object: `Organization/${org}` as ObjectKey, path: `orgs/${org}/org.yaml` as RepoPath },
  });

  test('a value of which the template brings a word is held by who brings the others', () => {
    const facts = name('acme', 'Support Nordwind');
    const common = new Set(['support', 'desk']);
    const held = (words: readonly string[]) => {
      const holder = { org: 'bravo' as OrgSlug, marks: marksOf([], words), common };
      const meeting = meetingsOf([{ ...marked([facts], 'acme'), common }, holder], []);
      return [...(meeting?.suspects(leakValues([facts])).inOrgs.keys() ?? [])];
    };
    expect(held(['nordwind'])).toEqual(['bravo']);
    expect(held(['desk'])).toEqual([]);
  });

  test('a value is found also where many values have each of its words', () => {
    const facts = Array.from({ length: 100 }, (_, index) =>
      name(`org-${index}`, `dune${'-'.repeat(index + 1)}clinics`),
    );
    const orgs = facts.map((fact) => marked([fact], fact.org));
    const meeting = meetingsOf([...orgs, marked([], 'bravo', ['dune', 'clinics'])], []);
    expect(meeting?.suspects(leakValues(facts)).inOrgs.get('bravo' as OrgSlug)).toHaveLength(100);
  });

  test('who has the same value as a holder is there too: then it is not its own', () => {
    const facts = [name('acme', 'Nordwind'), name('bravo', 'Dune Clinics'), name('cedar', 'Dune Clinics')];
    const words = [[], ['nordwind'], []];
    const orgs = facts.map((fact, index) => marked([fact], fact.org, words[index]));
    expect([...(meetingsOf(orgs, [])?.orgs ?? [])].sort()).toEqual(['acme', 'bravo', 'cedar']);
    expect([...(meetingsOf(orgs.slice(1), [])?.orgs ?? [])]).toEqual([]);
  });
});

test('a bucket without a decisive fact collides with nothing, and so does a single fact', () => {
  fc.assert(
    fc.property(factsArbitrary, (all) => {
      for (const rule of fleetRules) {
        const facts = all.flat().filter(({ code }) => code === rule.code || code === rule.joins);
        for (const fact of facts) expect(rule.collisions([fact])).toEqual([]);
        const { decisive } = rule;
        if (decisive !== undefined) expect(rule.collisions(facts.filter((fact) => !decisive(fact)))).toEqual([]);
      }
    }),
  );
});

describe('marks as text', () => {
  test('come back, and damaged ones do not pass', () => {
    const facts = fc.sample(factsArbitrary, 1)[0]?.flat() ?? [];
    const text = marksOf(facts, ['one', 'two']);
    const read = decodedMarks([text, marksOf([], ['three'])]);
    expect([...(read?.list(0, LIST.words) ?? [])]).toEqual([markOf('one'), markOf('two')]);
    expect([...(read?.list(1, LIST.words) ?? [])]).toEqual([markOf('three')]);
    expect([...(read?.list(1, LIST.keys) ?? [])]).toEqual([]);
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.constantFrom('A', 'z', '-', '~', ''), (at, other) => {
        const damaged = text.slice(0, at) + other + text.slice(at + 1);
        fc.pre(damaged !== text);
        expect(decodedMarks([damaged])).toBeUndefined();
      }),
    );
    expect(decodedMarks([''])).toBeUndefined();
  });

  test('a mark is below 2 ** 30', () => {
    fc.assert(fc.property(fc.string(), (text) => markOf(text) >= 0 && markOf(text) < 2 ** 30));
  });
});
