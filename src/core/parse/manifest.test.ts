import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emit } from '../kinds/index.ts';
import type { RepoPath } from '../model/index.ts';
import { type ManifestOptions, parseManifest } from './index.ts';

const TEAM = `apiVersion: tenantry/v1
kind: Team
metadata:
  org: acme
  name: support
spec:
  displayName: Support
  leads: [ana@acme.example]
  members: [ben@acme.example]
`;

const POLICY = `apiVersion: tenantry/v1
kind: Policy
metadata: {org: acme, environment: production, name: baseline}
spec:
  document: {}
`;

const FLEET_PATH = 'fleet.yaml';
const TEAM_PATH = 'orgs/acme/teams/support.yaml';

function parse(text: string, path = TEAM_PATH, options: ManifestOptions = {}) {
  return parseManifest(new TextEncoder().encode(text), path as RepoPath, options);
}

/** The findings as `CODE line:column object`. */
function refusals(text: string, path = TEAM_PATH): readonly string[] {
  return parse(text, path).findings.map(({ code, place, object }) => `${code} ${place.line}:${place.column} ${object}`);
}

test.each(['strict', 'fast'] as const)('a manifest is read with its id, org and places, %s', (mode) => {
  const result = parse(TEAM, TEAM_PATH, { mode });
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  const { value } = result;
  expect(value).toMatchObject({
    id: { kind: 'Team', environment: null, name: 'support' },
    org: 'acme',
    file: TEAM_PATH,
    metadata: { org: 'acme', name: 'support' },
    spec: { displayName: 'Support' },
    document: { kind: 'Team' },
  });
  expect(value.placeOf('/spec/members/0')).toEqual({ file: TEAM_PATH, line: 9, column: 13 });
});

/** A change of the team's text → the findings with line, column and object. */
test.each<readonly [string, string, string, string]>([
  ['an unknown version', 'tenantry/v1', 'tenantry/v2', 'MANIFEST_VERSION 1:13 Team/support'],
  ['an unknown kind', 'kind: Team', 'kind: Taem', 'MANIFEST_KIND 2:7 Team/support'],
  ['no kind', 'kind: Team\n', '', 'MANIFEST_KIND 1:1 Team/support'],
  ['an unknown field', 'displayName:', 'displyName:', 'FIELD_UNKNOWN 7:3 Team/support'],
  ['a missing field', '  members: [ben@acme.example]\n', '', 'FIELD_MISSING 6:1 Team/support'],
  ['a wrong value', 'ben@acme.example', 'ben', 'FIELD_VALUE 9:13 Team/support'],
  ['the same twice', '[ben@acme.example]', '[ben@acme.example, ben@acme.example]', 'ITEM_DUPLICATE 9:31 Team/support'],
  ['another org', 'org: acme', 'org: bravo', 'PATH_DISAGREES 4:8 Team/support'],
  ['another name', 'name: support', 'name: finance', 'PATH_DISAGREES 5:9 Team/support'],
  ['a YAML fault', 'displayName: Support', 'displayName: *x', 'YAML_ALIAS 7:16 Team/support'],
])('%s is one finding with its place', (_what, from, to, expected) => {
  expect(TEAM).toContain(from);
  expect(refusals(TEAM.replace(from, to))[0]).toBe(expected);
});

test('findings name the org of the path, what was expected, what was found and what to do', () => {
  expect(parse(TEAM.replace('org: acme', 'org: bravo')).findings).toMatchObject([
    { org: 'acme', message: 'metadata.org is not what the path says', expected: 'acme', found: '"bravo"' },
  ]);
  expect(parse(TEAM.replace('kind: Team', 'kind: Taem')).findings[0]?.fix).toBe('Did you mean "Team"?');
});

test('every fault of a file is a finding, not only the first', () => {
  const text = TEAM.replace('displayName: Support', 'displyName: 1').replace('org: acme', 'org: bravo');
  expect(refusals(text)).toEqual(['FIELD_UNKNOWN 7:3 Team/support', 'PATH_DISAGREES 4:8 Team/support']);
});

test('a kind at the path of another kind disagrees with it', () => {
  expect(refusals(TEAM, 'orgs/acme/wallets/support.yaml')).toContain('PATH_DISAGREES 2:7 Wallet/support');
});

test('the environment is part of the path', () => {
  expect(refusals(POLICY, 'orgs/acme/policies/production/baseline.yaml')).toEqual([]);
  expect(refusals(POLICY, 'orgs/acme/policies/staging/baseline.yaml')).toEqual([
    'PATH_DISAGREES 3:36 Policy/staging/baseline',
  ]);
  const [missing] = refusals(
    POLICY.replace('environment: production, ', ''),
    'orgs/acme/policies/production/baseline.yaml',
  );
  expect(missing).toBe('FIELD_MISSING 3:1 Policy/production/baseline');
  const [extra] = refusals(TEAM.replace('  org: acme', '  org: acme\n  environment: production'));
  expect(extra).toBe('FIELD_UNKNOWN 5:3 Team/support');
});

test('custom manifests take their id from the content, within their org and the kinds that templates generate', () => {
  const path = 'orgs/acme/custom/more/any.yaml';
  const result = parse(POLICY, path);
  expect(result.ok && result.value.id).toEqual({ kind: 'Policy', environment: 'production', name: 'baseline' });
  expect(refusals(POLICY.replace('org: acme', 'org: bravo'), path)).toEqual([
    'PATH_DISAGREES 3:17 Policy/production/baseline',
  ]);
  const pin = { generation: 1, reason: 'a reason', expires: '2027-01-31T00:00:00Z' };
  const text = emit({ apiVersion: 'tenantry/v1', kind: 'Pin', metadata: { org: 'acme', name: 'hold' }, spec: pin });
  expect(refusals(text, path)).toEqual(['PATH_DISAGREES 2:7 Pin/hold']);
});

test('the fleet has a name of its own; an org is named like its directory', () => {
  const fleet = parse('apiVersion: tenantry/v1\nkind: Fleet\nmetadata: {name: northwind}\nspec: {}\n', FLEET_PATH);
  expect(fleet.findings.map(({ code, org }) => [code, org]).filter(([code]) => code !== 'FIELD_MISSING')).toEqual([]);
  const org = 'apiVersion: tenantry/v1\nkind: Organization\nmetadata: {org: acme, name: other}\nspec: {}\n';
  expect(refusals(org, 'orgs/acme/org.yaml').filter((line) => line.startsWith('PATH'))).toEqual([
    'PATH_DISAGREES 3:29 Organization/acme',
  ]);
});

test.each(['README.yaml', 'orgs/ACME/org.yaml', 'orgs/acme/team/a.yaml', 'templates/baseline/1.2.0/teams.yaml'])(
  'no manifest belongs at %s',
  (path) => {
    expect(refusals(TEAM, path)).toEqual(['PATH_UNKNOWN 1:1 null']);
  },
);

test('a secret in the wrong place is in no finding', () => {
  const text = emit({
    apiVersion: 'tenantry/v1',
    kind: 'Gateway',
    metadata: { org: 'acme', environment: 'production', name: 'g' },
    spec: { upstreams: [{ id: 'x', account: 'a', region: 'eu', secret: 'sk-live-4711' }] },
  });
  const { findings } = parse(text, 'orgs/acme/gateways/production/g.yaml');
  expect(findings.length).toBeGreaterThan(1);
  expect(JSON.stringify(findings)).not.toContain('sk-live-4711');
});

test('no change of a manifest makes parsing throw', () => {
  const edit = fc.record({
    at: fc.nat({ max: TEAM.length }),
    length: fc.nat({ max: 12 }),
    text: fc.constantFrom('', ':', '\n', ' ', 'null', '- ', '{', '"', '1', 'spec:\n', '[]', '~', '{}'),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
      const text = edits.reduce(
        (before, { at, length, text }) => before.slice(0, at) + text + before.slice(at + length),
        TEAM,
      );
      const result = parse(text);
      expect(result.ok || result.findings.length > 0).toBe(true);
      for (const { place } of result.findings) expect(place.line >= 1 && place.column >= 1).toBe(true);
    }),
    { numRuns: 300 },
  );
});
