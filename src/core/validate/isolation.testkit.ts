import type { DesiredObject, JsonObject, OrgSlug, OrgUid, Place, RepoPath } from '../model/index.ts';
import { orgObjects, wholeOrg } from '../plan/objects.testkit.ts';
import type { FleetSettings, OrgContext } from './view.ts';

/** When the fixtures of the rules are judged. */
export const NOW = Date.parse('2026-06-01T00:00:00Z');

export const SETTINGS: FleetSettings = {
  staff: new Set(['group:msp-operations', 'ops@msp.example']),
  platform: new Set(['@ana', '@ben', '@msp/operators', '@msp/platform']),
  rings: new Set(['canary', 'general']),
  hosts: new Map([
    ['edge-eu', 'eu-central'],
    ['edge-us', 'us-east'],
  ]),
  runtimes: { tested: new Set(['1.0.0', '1.1.0']), refused: new Set(['0.9.0']) },
  priceOf: () => ({ currency: 'EUR', fromMs: 0 }),
};

export const contextOf = (
  org: string,
  objects: readonly DesiredObject[],
  more: Partial<OrgContext> = {},
): OrgContext => ({
  org: org as OrgSlug,
  uid: `${org}0`.padEnd(20, '0') as OrgUid,
  objects,
  otherOrgs: { slugs: new Set(['bravo', 'bravo-eu']), uids: new Set(['bravo000000000000000']) },
  fleet: SETTINGS,
  nowMs: NOW,
  zoneOffset: (zone) => (zone.startsWith('Europe/Atl') ? undefined : 0),
  // Places that say which field of which object is meant.
  sourceOf: (key, pointer): Place => ({ file: `${org} ${key}${pointer}` as RepoPath, line: 1, column: 1 }),
  ...more,
});

/** wholeOrg with objects replaced by kind and name, or added. */
export const withObjects = (org: string, ...sides: readonly DesiredObject[]): readonly DesiredObject[] => {
  const nameOf = ({ id }: DesiredObject) => `${id.kind}/${id.name}`;
  const given = new Set(sides.map(nameOf));
  return [...wholeOrg(org).filter((old) => !given.has(nameOf(old))), ...sides];
};

/** The policy of wholeOrg with other parts. */
export const policyWith = (org: string, parts: JsonObject): DesiredObject =>
  orgObjects(org).policy('support', {
    pack: { name: 'support', version: '1.0.0', enabled: true },
    policies: { chain: ['prompt-injection'] },
    policy: { 'prompt-injection': {} },
    providers: { targets: [target({})] },
    ...parts,
  });

/** Parts of a document whose policies ask a moderation service. */
export const moderation = (more: JsonObject): JsonObject => ({ policy: { 'external-moderation': more } });

export const target = (more: JsonObject): JsonObject => ({
  id: 'openai',
  provider: 'openai',
  model: 'gpt-4o-mini',
  secret_key_ref: { env: 'KEY' },
  ...more,
});
