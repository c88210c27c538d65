import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Denial } from '../../core/model/index.ts';
import {
  FLEET_ORG,
  FLEET_UID,
  type JsonObject,
  type Kind,
  type OrgSlug,
  type OrgUid,
  orgSlug,
  orgUid,
} from '../../core/model/index.ts';
import type { EnrolledGateway, OrgHead } from '../../ports/index.ts';
import { formatToken, generateGatewayKey, requestSigner, tokenDigest } from '../../trust/index.ts';
import {
  authenticateGateway,
  authenticateReader,
  authenticateReconciler,
  authenticateStaff,
  authenticateTenant,
  claimedGateway,
  claimedTenant,
  type IncomingRequest,
} from './authenticate.ts';
import type { Answer, ControlPlane } from './context.ts';

// Every way in, over a plane that holds two orgs and the fleet: who is let in as whom, and that all others read alike.

const NOW_MS = Date.parse('2027-01-15T00:00:00Z');
const ACME = orgSlug('acme') as OrgSlug;
const BRAVO = orgSlug('bravo') as OrgSlug;
const UIDS = {
  [ACME]: orgUid('aaaabbbbccccddddeeee') as OrgUid,
  [BRAVO]: orgUid('zzzzbbbbccccddddeeee') as OrgUid,
  [FLEET_ORG]: FLEET_UID,
};
const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const bearer = (id: string, byte: number): string => `Bearer ${formatToken(id, secret(byte))}`;

const object = (kind: Kind, name: string, spec: JsonObject) => ({
  id: { kind, environment: null, name },
  document: { spec },
});

/** A secret of a token: of January 2027 unless the case says otherwise. */
const credential = (org: OrgSlug, token: string, id: string, more: JsonObject = {}): JsonObject => ({
  token,
  id,
  digest: tokenDigest(UIDS[org] as OrgUid, id, secret(1)),
  notBefore: '2027-01-01T00:00:00Z',
  notAfter: '2027-02-01T00:00:00Z',
  ...more,
});

const objectsOf = (org: OrgSlug) => [
  object('Token', 'console', { scopes: ['chat', 'console'], expires: '2027-06-01T00:00:00Z' }),
  object('Token', 'app', { scopes: ['chat'], expires: '2027-06-01T00:00:00Z' }),
  object('Token', 'short', { scopes: ['console'], expires: '2027-01-10T00:00:00Z' }),
  object('Credentials', 'credentials', {
    tokens: [
      credential(org, 'console', 'good'),
      credential(org, 'console', 'early', { notBefore: '2027-01-15T00:00:01Z' }),
      credential(org, 'console', 'late', { notAfter: '2027-01-15T00:00:00Z' }),
      credential(org, 'short', 'short'),
      credential(org, 'app', 'apps'),
      credential(org, 'removed', 'orphan'),
    ],
  }),
];

const fleetObjects = [
  ...objectsOf(FLEET_ORG),
  object('Fleet', 'fleet', {
    staffTokens: [
      { id: 'staff', digest: tokenDigest(FLEET_UID, 'staff', secret(2)), notAfter: '2027-02-01T00:00:00Z' },
      { id: 'former', digest: tokenDigest(FLEET_UID, 'former', secret(2)), notAfter: '2027-01-15T00:00:00Z' },
    ],
  }),
];

const head = (org: OrgSlug): OrgHead => ({ org, uid: UIDS[org] }) as OrgHead;
const heads = [ACME, BRAVO, FLEET_ORG].map(head);
const key = generateGatewayKey();
const row = (gateway: string, revokedAt: number | null): EnrolledGateway => ({
  org: ACME,
  gateway,
  publicKey: key.publicKey,
  enrolledAt: 0,
  revokedAt,
  sequence: 0,
});
const rows = [row('desk', null), row('revoked', 1)];

const plane = {
  clock: { nowMs: () => NOW_MS },
  localStaff: { id: 'local', digest: tokenDigest(FLEET_UID, 'local', secret(3)), text: '', run: '', actor: '' },
  directory: {
    bySlug: async (slug: string) => heads.find(({ org }) => org === slug),
    byUid: async (uid: string) => heads.find((each) => each.uid === uid),
  },
  runtime: {
    gateway: async (org: OrgSlug, name: string) => rows.find((each) => each.org === org && each.gateway === name),
  },
  orgs: {
    observe: async (org: OrgSlug) => ({ objects: org === FLEET_ORG ? fleetObjects : objectsOf(org) }),
    activeOverrides: async () => [],
    overrides: async () => [],
  },
} as unknown as ControlPlane;

/** The same plane with a denial that holds, or one that is over and not ended yet. */
const denying = (of: Denial['of'], name: string, expiresAt = NOW_MS + 1): ControlPlane =>
  ({
    ...plane,
    orgs: { ...plane.orgs, activeOverrides: async () => [{ kind: 'deny', of, name, expiresAt }] },
  }) as unknown as ControlPlane;

const shown = (given: Answer<unknown>): string => (given.ok ? 'in' : `${given.status} ${given.code}`);

/** From what a request says to what the store says of it. */
async function gatewayAt(at: ControlPlane, request: IncomingRequest, as: typeof authenticateGateway) {
  const claimed = await claimedGateway(at, request.header);
  return claimed.ok ? as(at, { ...claimed.body, request }) : claimed;
}

async function tenantAt(at: ControlPlane, slug: string, authorization: string | undefined) {
  const claimed = await claimedTenant(at, slug, authorization);
  return claimed.ok ? authenticateTenant(at, claimed.body) : claimed;
}

describe('a gateway', () => {
  const ask = (
    claimed: { readonly org?: OrgSlug; readonly uid?: OrgUid; readonly gateway?: string } = {},
    by = key,
    at: { readonly plane: ControlPlane; readonly as: typeof authenticateGateway } = { plane, as: authenticateGateway },
  ) => {
    const facts = { method: 'GET', path: '/x', body: new Uint8Array(0), timeMs: NOW_MS, sequence: 1 };
    const uid = claimed.uid ?? (UIDS[claimed.org ?? ACME] as OrgUid);
    const headers: { readonly [name: string]: string } = requestSigner(by.privateKey, {
      org: uid,
      gateway: claimed.gateway ?? 'desk',
    })(facts);
    return gatewayAt(at.plane, { ...facts, header: (name) => headers[name] }, at.as);
  };

  it('is the one that its signature shows', async () => {
    expect(await ask()).toMatchObject({ ok: true, body: { head: { org: ACME }, row: { gateway: 'desk' } } });
  });

  it.each([
    ['of an org that is not there', { uid: orgUid('qqqqbbbbccccddddeeee') as OrgUid }],
    ['that another org enrolled', { org: BRAVO }],
    ['that nobody enrolled', { gateway: 'other' }],
    ['that was revoked', { gateway: 'revoked' }],
  ])('%s is unknown', async (_, claimed) => {
    expect(shown(await ask(claimed))).toBe('401 GATEWAY_UNAUTHENTICATED');
  });

  it('that a denial cut off may read that it is listed no more, and nothing else', async () => {
    const at = (as: typeof authenticateGateway) => ({ plane: denying('gateway', 'revoked'), as });
    expect(await ask({ gateway: 'revoked' }, key, at(authenticateReader))).toMatchObject({
      ok: true,
      body: { isDenied: true },
    });
    expect(shown(await ask({ gateway: 'revoked' }, key, at(authenticateGateway)))).toBe('401 GATEWAY_UNAUTHENTICATED');
    expect(await ask({}, key, at(authenticateReader))).toMatchObject({ ok: true, body: { isDenied: false } });
    const over = { plane: denying('gateway', 'revoked', NOW_MS), as: authenticateReader };
    expect(shown(await ask({ gateway: 'revoked' }, key, over))).toBe('401 GATEWAY_UNAUTHENTICATED');
    const other = { plane: denying('gateway', 'other'), as: authenticateReader };
    expect(shown(await ask({ gateway: 'revoked' }, key, other))).toBe('401 GATEWAY_UNAUTHENTICATED');
    expect(shown(await ask({ gateway: 'revoked' }, generateGatewayKey(), at(authenticateReader)))).toBe(
      '401 GATEWAY_UNAUTHENTICATED',
    );
  });

  it('that is denied is cut off by that alone, whether its identity has ended yet or not', async () => {
    const at = (as: typeof authenticateGateway, until?: number) => ({ plane: denying('gateway', 'desk', until), as });
    expect(shown(await ask({}, key, at(authenticateGateway)))).toBe('401 GATEWAY_UNAUTHENTICATED');
    expect(await ask({}, key, at(authenticateReader))).toMatchObject({ ok: true, body: { isDenied: true } });
    expect(shown(await ask({}, key, at(authenticateGateway, NOW_MS)))).toBe('in');
  });

  it('with another key, or without a signature, is unknown', async () => {
    expect(shown(await ask({}, generateGatewayKey()))).toBe('401 GATEWAY_UNAUTHENTICATED');
    const bare = { method: 'GET', path: '/x', body: new Uint8Array(0), header: () => undefined };
    expect(shown(await gatewayAt(plane, bare, authenticateGateway))).toBe('401 GATEWAY_UNAUTHENTICATED');
  });
});

describe('a customer', () => {
  it('is let into the org of the token', async () => {
    const given = await tenantAt(plane, ACME, bearer('good', 1));
    expect(given).toMatchObject({ ok: true, body: { head: { org: ACME }, token: 'console' } });
  });

  it.each([
    ['no token', '401 TOKEN_REQUIRED', ACME, undefined],
    ['no bearer', '401 TOKEN_REQUIRED', ACME, formatToken('good', secret(1))],
    ['a text that is no token', '401 TOKEN_REQUIRED', ACME, 'Bearer tnt_good'],
    ['an unknown id', '404 NOT_FOUND', ACME, bearer('other', 1)],
    ['another secret', '404 NOT_FOUND', ACME, bearer('good', 2)],
    ['a token without scope console', '404 NOT_FOUND', ACME, bearer('apps', 1)],
    ['a secret of a token that was removed', '404 NOT_FOUND', ACME, bearer('orphan', 1)],
    ['an org that is not there', '404 NOT_FOUND', 'delta', bearer('good', 1)],
    ['the fleet itself', '404 NOT_FOUND', FLEET_ORG, bearer('good', 1)],
    ['a secret before its time', '401 TOKEN_EXPIRED', ACME, bearer('early', 1)],
    ['a secret after its time', '401 TOKEN_EXPIRED', ACME, bearer('late', 1)],
    ['a token after its time', '401 TOKEN_EXPIRED', ACME, bearer('short', 1)],
  ])('with %s is refused: %s', async (_, refused, slug, authorization) => {
    expect(shown(await tenantAt(plane, slug, authorization))).toBe(refused);
  });

  it('is let in no more once the token is denied', async () => {
    expect(shown(await tenantAt(denying('token', 'console'), ACME, bearer('good', 1)))).toBe('404 NOT_FOUND');
    expect(shown(await tenantAt(denying('token', 'console', NOW_MS), ACME, bearer('good', 1)))).toBe('in');
    expect(shown(await tenantAt(denying('token', 'other'), ACME, bearer('good', 1)))).toBe('in');
    expect(shown(await tenantAt(denying('gateway', 'console'), ACME, bearer('good', 1)))).toBe('in');
  });

  it('is not let in by a secret that is back and was denied until later, also before its denial is published anew', async () => {
    const left = {
      kind: 'deny',
      of: 'token',
      name: 'console',
      createdAt: NOW_MS,
      endedAt: NOW_MS,
      expiresAt: NOW_MS + 1,
    };
    const lapsed = (change: object): ControlPlane =>
      ({
        ...plane,
        orgs: { ...plane.orgs, overrides: async () => [{ ...left, ...change }] },
      }) as unknown as ControlPlane;
    const login = async (change: object) => shown(await tenantAt(lapsed(change), ACME, bearer('good', 1)));
    expect(await login({})).toBe('404 NOT_FOUND');
    expect(await login({ expiresAt: NOW_MS })).toBe('in');
    expect(await login({ createdAt: 0 })).toBe('in');
    expect(await login({ name: 'other' })).toBe('in');
  });

  it('is not let in by a digest that was copied from another org', async () => {
    const copied = {
      ...plane,
      orgs: { ...plane.orgs, observe: async () => ({ objects: objectsOf(BRAVO) }) },
    } as unknown as ControlPlane;
    expect(shown(await tenantAt(copied, ACME, bearer('good', 1)))).toBe('404 NOT_FOUND');
    expect(shown(await tenantAt(copied, BRAVO, bearer('good', 1)))).toBe('in');
  });
});

describe('the platform team', () => {
  it.each([
    ['in', bearer('staff', 2)],
    ['in', bearer('local', 3)],
    ['401 TOKEN_REQUIRED', undefined],
    ['401 TOKEN_REQUIRED', bearer('staff', 3)],
    ['401 TOKEN_REQUIRED', bearer('local', 2)],
    ['401 TOKEN_REQUIRED', bearer('other', 2)],
    ['401 TOKEN_REQUIRED', bearer('former', 2)],
  ])('%s with %s', async (expected, authorization) => {
    expect(shown(await authenticateStaff(plane, authorization))).toBe(expected);
  });
});

describe('whoever tells of a merge', () => {
  const pin = {
    issuer: 'https://token.example',
    audience: 'tenantry',
    repository: 'msp/fleet',
    ref: 'refs/heads/main',
    workflow: '.github/workflows/reconcile.yml',
  };
  const [ours, others] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const { n = '', e = '' } = ours?.publicKey.export({ format: 'jwk' }) ?? {};
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const identity = (key: KeyObject | undefined): string => {
    const claims = {
      ...{ iss: pin.issuer, aud: pin.audience, repository: pin.repository, ref: pin.ref },
      workflow_ref: `${pin.repository}/${pin.workflow}@${pin.ref}`,
      ...{ iat: NOW_MS / 1000 - 10, nbf: NOW_MS / 1000 - 10, exp: NOW_MS / 1000 + 300 },
    };
    const data = `${part({ alg: 'RS256', kid: 'one' })}.${part(claims)}`;
    return `Bearer ${data}.${key === undefined ? '' : sign('RSA-SHA256', Buffer.from(data), key).toString('base64url')}`;
  };
  const asked: string[] = [];
  const planeWith = (ci: JsonObject | undefined): ControlPlane =>
    ({
      ...plane,
      orgs: { observe: async () => ({ objects: [object('Fleet', 'fleet', ci === undefined ? {} : { ci })] }) },
      identityKeys: {
        keysOf: async (issuer: string) => {
          asked.push(issuer);
          return [{ kid: 'one', kty: 'RSA', n, e }];
        },
      },
    }) as unknown as ControlPlane;

  it('is the pinned workflow by its signed identity, and no staff', async () => {
    const told = await authenticateReconciler(planeWith(pin), identity(ours?.privateKey));
    expect(told).toMatchObject({ ok: true, body: { id: 'ci:msp/fleet' } });
  });

  it('is nobody with a key that the issuer does not have, and nobody where no workflow is pinned', async () => {
    expect(shown(await authenticateReconciler(planeWith(pin), identity(others?.privateKey)))).toBe(
      '401 TOKEN_REQUIRED',
    );
    asked.length = 0;
    expect(shown(await authenticateReconciler(planeWith(undefined), identity(ours?.privateKey)))).toBe(
      '401 TOKEN_REQUIRED',
    );
    expect(asked).toEqual([]);
  });

  it('may be staff', async () => {
    const told = await authenticateReconciler(plane, bearer('staff', 2));
    expect(told).toMatchObject({ ok: true, body: { id: 'staff' } });
  });
});
