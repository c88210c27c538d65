import { describe, expect, it } from 'vitest';
import { type OrgSlug, type OrgUid, orgSlug } from '../core/model/index.ts';
import { nodeHash } from '../host/index.ts';
import { decodeEnrolmentCode, enrolmentSecretHash } from '../trust/index.ts';
import { CODE_LIFE_MS, createEnrolmentCode } from './enrol.ts';

// For which gateways a one-time code is made. That it enrols one is shown over the real store in cases/control-plane.test.ts.

const ACME = orgSlug('acme') as OrgSlug;
const UID = 'aaaabbbbccccddddeeee' as OrgUid;
const NOW_MS = 1_800_000_000_000;
type Plane = Parameters<typeof createEnrolmentCode>[0];

interface World {
  readonly isApplied?: boolean;
  readonly gateways?: readonly string[];
  readonly denied?: readonly string[];
  /** What lies at the place of root 1; null where nothing does. */
  readonly published?: string | null;
  /** The text of the root 1 that the store saw published, null for none; undefined where it has no publication. */
  readonly known?: string | null | undefined;
}

const ROOT = '{"signed":{}}';

/** What was kept of codes. */
const kept: unknown[] = [];

function planeOf(world: World): Plane {
  const { isApplied = true, gateways = ['desk'], denied = [], published = ROOT } = world;
  const known = 'known' in world ? world.known : ROOT;
  const roots = known == null ? {} : { 1: { sha256: nodeHash.sha256(known) } };
  kept.length = 0;
  const objects = gateways.map((name) => ({ id: { type: 'manifest', kind: 'Gateway', name }, document: {} }));
  const overrides = denied.map((name) => ({ kind: 'deny', of: 'gateway', name, expiresAt: NOW_MS + 1 }));
  return {
    fleet: 'example',
    orgs: {
      observe: async () => (isApplied ? { org: ACME, uid: UID, objects } : undefined),
      publication: async () => (known === undefined ? undefined : { roots }),
      activeOverrides: async () => overrides,
    },
    runtime: { putEnrolmentCode: async (_org: unknown, code: unknown) => void kept.push(code) },
    publisher: { get: async () => (published === null ? undefined : new TextEncoder().encode(published)) },
    random: { bytes: (count: number) => new Uint8Array(count).fill(7) },
    clock: { nowMs: () => NOW_MS },
  } as unknown as Plane;
}

describe('a one-time code', () => {
  it('is made for a gateway that is applied and published; only its hash is kept', async () => {
    const made = await createEnrolmentCode(planeOf({}), ACME, 'desk');
    if (!made.ok) throw new Error(made.message);
    expect(made.value.expiresAt).toBe(NOW_MS + CODE_LIFE_MS);
    const read = decodeEnrolmentCode(made.value.code);
    expect(read).toMatchObject({ ok: true, value: { fleet: 'example', orgUid: UID, org: ACME, gateway: 'desk' } });
    const codeHash = enrolmentSecretHash(new Uint8Array(32).fill(7));
    expect(kept).toEqual([{ gateway: 'desk', codeHash, expiresAt: NOW_MS + CODE_LIFE_MS }]);
  });

  it.each<[string, World, string]>([
    ['an org that is not applied', { isApplied: false }, 'ORG_UNKNOWN'],
    ['a gateway that the org has not', { gateways: ['other'] }, 'GATEWAY_UNKNOWN'],
    ['a gateway that is denied', { denied: ['desk'] }, 'GATEWAY_DENIED'],
    ['an org of which nothing is published', { published: null }, 'NOT_PUBLISHED'],
    ['an org that the store has not published', { known: undefined }, 'NOT_PUBLISHED'],
    ['an org whose root the store does not know', { known: null }, 'NOT_PUBLISHED'],
    ['an org in whose place another root lies', { published: '{"signed":{"by":"others"}}' }, 'PUBLISH_ROOT_CHANGED'],
  ])('is not made for %s', async (_, world, code) => {
    expect(await createEnrolmentCode(planeOf(world), ACME, 'desk')).toMatchObject({ ok: false, code });
    expect(kept).toEqual([]);
  });
});
