import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isName, type ObjectId, type OrgSlug, orgSlug } from '../model/index.ts';
import { descriptors, idOfPath, pathOf } from './index.ts';
import { ACME } from './samples.testkit.ts';

const LETTER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).filter(isName);
const org = name.map(orgSlug).filter((slug): slug is OrgSlug => slug !== undefined);
const number = fc.nat({ max: 999 });
const version = fc.tuple(number, number, number).map((parts) => parts.join('.'));
const digest = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });

/** Any object of the repository: the org is null for kinds of the repository. */
const anyObject: fc.Arbitrary<{ readonly org: OrgSlug | null; readonly id: ObjectId }> = fc
  .record({ descriptor: fc.constantFrom(...descriptors), org, name, environment: name, version, digest })
  .map(({ descriptor, org, name, environment, version, digest }) => {
    const { kind, layout } = descriptor;
    const names = {
      single: layout.type === 'single' ? (layout.name ?? org) : '',
      named: layout.type === 'named' && layout.names === 'digest' ? digest : name,
      versioned: `${name}@${version}`,
    };
    const id = {
      kind,
      environment: descriptor.environments === 'required' ? environment : null,
      name: names[layout.type],
    };
    return { org: descriptor.scope === 'org' ? org : null, id };
  });

test('every object has one path and the path leads back to it', () => {
  fc.assert(
    fc.property(anyObject, ({ org, id }) => {
      expect(idOfPath(pathOf(org, id))).toEqual({ type: 'manifest', org, id });
    }),
  );
});

test('different objects have different paths', () => {
  fc.assert(
    fc.property(anyObject, anyObject, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(pathOf(a.org, a.id) === pathOf(b.org, b.id)).toBe(same);
    }),
  );
});

test('a path that means an object is the path of that object, whatever the path', () => {
  const step = fc.oneof(
    fc.constantFrom('orgs', 'acme', 'teams', 'policies', 'custom', 'org.yaml', 'a.yaml', 'templates', 'template.yaml'),
    fc.constantFrom('1.2.0', '..', '.', '', 'A.yaml', 'a.yml', '_fleet', 'production', 'prices', 'approvals'),
    fc.string({ unit: fc.constantFrom(...`${LETTER}./-@`), maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const path = steps.join('/');
      const meaning = idOfPath(path);
      if (meaning?.type === 'manifest') expect(pathOf(meaning.org, meaning.id)).toBe(path);
    }),
  );
});

test.each([
  ['fleet.yaml', 'Fleet/fleet'],
  ['prices/list.yaml', 'PriceBook/list'],
  ['templates/baseline/1.2.0/template.yaml', 'Template/baseline@1.2.0'],
  ['orgs/acme/org.yaml', 'Organization/acme'],
  ['orgs/acme/credentials.yaml', 'Credentials/credentials'],
  ['orgs/acme/policies/production/baseline.yaml', 'Policy/baseline'],
])('%s is %s', (path, expected) => {
  const meaning = idOfPath(path);
  expect(meaning?.type === 'manifest' && `${meaning.id.kind}/${meaning.id.name}`).toBe(expected);
});

test('custom manifests and template bodies are told apart', () => {
  expect(idOfPath('orgs/acme/custom/extra/a.yaml')).toEqual({ type: 'custom', org: 'acme' });
  expect(idOfPath('templates/baseline/1.2.0/wallets.yaml')).toEqual({
    type: 'template-body',
    template: 'baseline@1.2.0',
    file: 'wallets.yaml',
  });
});

test.each([
  'README.md',
  'orgs/acme',
  'orgs/ACME/org.yaml',
  'orgs/shared/org.yaml',
  'orgs/_fleet/org.yaml',
  'orgs/acme/teams/a.yml',
  'orgs/acme/teams/x/a.yaml',
  'orgs/acme/gateways/a.yaml',
  'orgs/acme/custom/../teams/a.yaml',
  'orgs/acme/../bravo/org.yaml',
  'templates/baseline/latest/template.yaml',
  'approvals/abc.yaml',
])('%s means nothing', (path) => {
  expect(idOfPath(path)).toBeUndefined();
});

test('an id that cannot have a path is refused', () => {
  const team: ObjectId = { kind: 'Team', environment: null, name: 'a' };
  expect(() => pathOf(null, team)).toThrow(RangeError);
  expect(() => pathOf(ACME, { ...team, environment: 'production' })).toThrow(RangeError);
  expect(() => pathOf(ACME, { ...team, name: '../a' })).toThrow(RangeError);
  expect(() => pathOf(ACME, { kind: 'Policy', environment: null, name: 'a' })).toThrow(RangeError);
  expect(() => pathOf(null, { kind: 'Template', environment: null, name: 'a@b' })).toThrow(RangeError);
});
