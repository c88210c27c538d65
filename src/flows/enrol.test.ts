import { describe, expect, it } from 'vitest';
import { type OrgSlug, type OrgUid, orgSlug } from '../core/model/index.ts';
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
  readonly isPublished?: boolean;
}

/** What was kept of codes. */
const kept: unknown[] = [];

function planeOf({ isApplied = true, gateways = ['desk'], denied = [], isPublished = true }: World): Plane {
  kept.length = 0;
  const objects = gateways.map((name) => ({ id: { type: 'manifest', kind: 'Gateway', name }, document: {} }));
  const overrides = denied.map((name) => ({ kind: 'deny', of: 'gateway', name, expiresAt: NOW_MS + 1 }));
  return {
    fleet: 'example',
    orgs: {
      observe: async () => (isApplied ? { uid: UID, objects } : undefined),
      activeOverrides: async () => overrides,
    },
    runtime: { putEnrolmentCode: async (_org: unknown, code: unknown) => void kept.push(code) },
    publisher: { get: async () => (isPublished ? new TextEncoder().encode('{"signed":{}}') : undefined) },
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
    ['an org of which nothing is published', { isPublished: false }, 'NOT_PUBLISHED'],
  ])('is not made for %s', async (_, world, code) => {
    expect(await createEnrolmentCode(planeOf(world), ACME, 'desk')).toMatchObject({ ok: false, code });
    expect(kept).toEqual([]);
  });
});
