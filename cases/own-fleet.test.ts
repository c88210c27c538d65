import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type JsonObject,
  type Manifest,
  objectKey,
  ofKind,
  type PlaceOf,
  type RenderedOrg,
  type RepoPath,
  type Result,
} from '../src/core/model/index.ts';
import { parseManifest, readYaml } from '../src/core/parse/index.ts';
import { checkDocument } from '../src/core/policy/index.ts';
import { type CompiledTemplate, compileTemplate, renderOrg } from '../src/core/render/index.ts';
import { applyWaivers, fleetSettings, validateOrg, waiverFacts } from '../src/core/validate/index.ts';
import { nodeZoneOffset } from '../src/host/index.ts';

// The repository's own fleet is what every demonstration shows, so what is said of it is tested.

const ROOT = new URL('../', import.meta.url);
const NOW_MS = Date.UTC(2026, 11, 1);

const list = (folder: string): readonly string[] => readdirSync(new URL(folder, ROOT));
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.findings, null, 1));
  return result.value;
};
const manifest = (path: string): Manifest => must(parseManifest(textOf(path), path as RepoPath));

function template(pin: string): CompiledTemplate {
  const [name = '', version = ''] = pin.split('@');
  const folder = `templates/${name}/${version}`;
  const files = list(folder).filter((file) => file !== 'template.yaml');
  const bodies = files.map((file) => {
    const path = `${folder}/${file}` as RepoPath;
    const { value, placeOf } = must(readYaml(textOf(path), path));
    return { file: path, value, placeOf };
  });
  return must(compileTemplate({ name, version, manifest: manifest(`${folder}/template.yaml`), bodies }));
}

const manifestsIn = (folder: string): readonly Manifest[] => {
  try {
    return list(folder).map((file) => manifest(`${folder}/${file}`));
  } catch {
    return [];
  }
};

function render(org: string): RenderedOrg {
  const organization = manifest(`orgs/${org}/org.yaml`);
  const input = {
    organization,
    template: template(String(organization.spec['template'])),
    overlays: manifestsIn(`orgs/${org}/overlays`),
    custom: manifestsIn(`orgs/${org}/custom`),
    credentials: null,
    waivers: manifestsIn(`orgs/${org}/waivers`),
    pins: manifestsIn(`orgs/${org}/pins`),
  };
  return must(renderOrg(input));
}

const desired = new Map(list('orgs').map((org) => [org, render(org)]));
const objectsOf = (org: string): RenderedOrg['objects'] => desired.get(org)?.objects ?? [];
const spec = (org: string, key: string): JsonObject =>
  (objectsOf(org).find((object) => objectKey(object.id) === key)?.document['spec'] ?? {}) as JsonObject;

test('every template version compiles, also those that no org pins', () => {
  const pins = list('templates').flatMap((name) => list(`templates/${name}`).map((version) => `${name}@${version}`));
  expect(pins.map((pin) => template(pin).version)).toEqual(pins.map((pin) => pin.split('@')[1]));
});

describe.each([...desired.keys()])('%s', (org) => {
  test('the committed manifests are what the inputs render to', () => {
    const generated = objectsOf(org).filter((object) => object.origin === 'generated');
    expect(generated.length).toBeGreaterThan(8);
    expect(generated.filter((object) => textOf(object.path) !== object.text)).toEqual([]);
  });

  test('its policies are what the engine enforces', () => {
    const findings = ofKind(objectsOf(org), 'Policy').flatMap(({ id, document }) =>
      checkDocument(document.spec.document as JsonObject, {
        placeOf: (() => ({ file: 'x', line: 1, column: 1 })) as unknown as PlaceOf,
        pointer: '',
        org: org as never,
        object: objectKey(id),
      }),
    );
    expect(findings).toEqual([]);
  });

  test('no rule has anything to say that is not waived', () => {
    const own = desired.get(org);
    if (own === undefined) return;
    const otherOrgs = { slugs: new Set<string>(), uids: new Set<string>() };
    const [prices] = ofKind([manifest('prices/default.yaml')], 'PriceBook');
    const fleet = fleetSettings(
      ofKind([manifest('fleet.yaml')], 'Fleet')[0]?.document ?? null,
      prices?.document.spec ?? 'none',
    );
    const { uid, objects } = own;
    const findings = validateOrg({
      org: own.org,
      uid,
      objects,
      otherOrgs,
      fleet,
      nowMs: NOW_MS,
      zoneOffset: nodeZoneOffset,
    });
    const judged = applyWaivers(findings, waiverFacts(own.org, objects, fleet), NOW_MS);
    expect(judged.filter((finding) => finding.waived === undefined)).toEqual([]);
    expect(judged.map((finding) => finding.code)).toEqual(org === 'cedar' ? ['TOKEN_EXPIRES_FAR'] : []);
  });

  test('every gateway has an application token with a wallet below the org, and the probe', () => {
    const tokens = ofKind(objectsOf(org), 'Token').map(({ id, document }) => ({ ...document.spec, name: id.name }));
    const parent = new Map(ofKind(objectsOf(org), 'Wallet').map(({ id, document }) => [id.name, document.spec.parent]));
    for (const { id } of ofKind(objectsOf(org), 'Gateway')) {
      const here = tokens.filter((token) => token.gateways.includes(id.name));
      expect(here.some((token) => token.scopes.includes('chat') && parent.get(token.wallet ?? '') === 'org')).toBe(
        true,
      );
      expect(here.some((token) => token.name === 'probe' && token.wallet === 'probe')).toBe(true);
    }
    expect(tokens.filter((token) => token.scopes.includes('console')).map((token) => token.name)).toEqual(['console']);
    expect(spec(org, 'Wallet/probe')).toMatchObject({ limit: '0.01', whenExhausted: 'block' });
    expect(parent.get('probe')).toBeUndefined();
  });
});

test.each([
  ['acme', 'Gateway/production/support-production', '127.0.0.1:41002'],
  ['acme', 'Gateway/staging/support-staging', '127.0.0.1:41003'],
  ['bravo', 'Gateway/production/finance-production', '127.0.0.1:41012'],
  ['cedar', 'Gateway/production/dispatch-production', '127.0.0.1:41022'],
  ['cedar', 'Gateway/production/returns-production', '127.0.0.1:41023'],
])('%s has %s at %s', (org, key, listen) => {
  expect(spec(org, key)).toMatchObject({ listen });
});

test('acme spends what its inputs say; cedar what its overlay says, under a policy of its own', () => {
  expect(spec('acme', 'Wallet/support')).toMatchObject({ limit: '400.00' });
  expect(spec('cedar', 'Wallet/dispatch')).toMatchObject({ limit: '600.00', thresholds: [40, 80, 100] });
  expect(spec('cedar', 'Gateway/production/returns-production')).toMatchObject({ policy: 'returns-desk' });
});

test('bravo is regulated: only providers that keep nothing, and a person for review', () => {
  expect(spec('bravo', 'Policy/production/regulated')).toMatchObject({
    document: {
      policy: { 'data-routing-policy': { require_zero_data_retention: true, max_retention_days: 0 } },
      providers: {
        targets: [{ data_policy: { zero_data_retention: true, training_opt_out: true, retention_days: 0 } }],
      },
    },
  });
  expect(spec('bravo', 'Review/escalations')).toMatchObject({ onTimeout: 'deny', slaMinutes: 45 });
});

test('what 1.1.0 of the standard template says it changes, it changes', () => {
  const older = spec('cedar', 'Policy/production/standard');
  const newer = spec('acme', 'Policy/production/standard');
  expect(JSON.stringify(newer)).toContain('PRIVATE KEY');
  expect(JSON.stringify(older)).not.toContain('PRIVATE KEY');
  expect(spec('acme', 'Wallet/org')['thresholds']).toEqual([50, 80, 90, 100]);
  expect(spec('cedar', 'Wallet/org')['thresholds']).toEqual([80, 100]);
  expect(newer['document']).toHaveProperty('user_rate_limit');
});
