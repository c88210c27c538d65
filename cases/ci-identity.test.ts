import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticateReconciler, authenticateStaff, type ControlPlane, localStaff } from '../src/flows/index.ts';
import { nodeRandom } from '../src/host/index.ts';
import { openIdentityKeys } from '../src/io/identity/index.ts';
import { createFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';

// The control plane in front of an issuer on loopback: what fleet.yaml pins opens the telling of a merge, and nothing else.

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: 'jwk' });

let server: Server;
let issuer = '';
let asked: string[] = [];
let isAway = false;
let fleet: TestFleet;
let open: OpenFleet;
let nowMs = START_MS;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = request.url?.endsWith('openid-configuration')
      ? { issuer, jwks_uri: `${issuer}/keys` }
      : { keys: [{ kid: 'one', kty: 'RSA', n, e }, { kid: 7 }, null] };
    response.writeHead(isAway ? 503 : 200);
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ci = {
    issuer,
    audience: 'tenantry',
    repository: 'msp/fleet',
    ref: 'refs/heads/main',
    workflow: '.github/workflows/reconcile.yml',
  };
  fleet = await createFleet({ spec: { ci } });
  open = await fleet.open();
  expect((await open.apply()).ok).toBe(true);
});
afterAll(async () => {
  open.close();
  fleet.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  isAway = false;
  nowMs = START_MS;
});

const clock = { nowMs: () => nowMs };

function bearer(more: object = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    ...{ iss: issuer, aud: 'tenantry', repository: 'msp/fleet', ref: 'refs/heads/main' },
    workflow_ref: 'msp/fleet/.github/workflows/reconcile.yml@refs/heads/main',
    ...{ iat: nowMs / 1000, exp: nowMs / 1000 + 300, ...more },
  };
  const data = `${part({ alg: 'RS256', kid: 'one' })}.${part(claims)}`;
  return `Bearer ${data}.${sign('RSA-SHA256', Buffer.from(data), privateKey).toString('base64url')}`;
}

const plane = (): ControlPlane =>
  ({
    orgs: open.state.store,
    clock,
    localStaff: localStaff(nodeRandom, 'ann'),
    identityKeys: openIdentityKeys(clock),
  }) as unknown as ControlPlane;

describe('an identity token of CI', () => {
  it('opens the telling of a merge when fleet.yaml pins who it is, and nothing of staff', async () => {
    const at = plane();
    expect(await authenticateReconciler(at, bearer())).toMatchObject({
      ok: true,
      body: { id: expect.stringMatching(/^ci:/) },
    });
    expect(await authenticateReconciler(at, bearer({ ref: 'refs/heads/topic' }))).toMatchObject({
      ok: false,
      status: 401,
    });
    expect(await authenticateStaff(at, bearer())).toMatchObject({ ok: false, status: 401 });
    expect(await authenticateReconciler(at, `Bearer ${at.localStaff.text}`)).toMatchObject({
      ok: true,
      body: { id: 'local' },
    });
  });

  it('costs one look at the keys in ten minutes, and is refused while the issuer is away', async () => {
    const at = plane();
    for (let run = 0; run < 5; run += 1) await authenticateReconciler(at, bearer());
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    nowMs += 601_000;
    isAway = true;
    expect(await authenticateReconciler(at, bearer())).toMatchObject({ ok: false });
    isAway = false;
    expect(await authenticateReconciler(at, bearer())).toMatchObject({ ok: false });
    nowMs += 11_000;
    expect(await authenticateReconciler(at, bearer())).toMatchObject({ ok: true });
  });

  it('is not looked at when it has not that form', async () => {
    expect(await authenticateReconciler(plane(), 'Bearer a.b.c.d')).toMatchObject({ ok: false });
    expect(await authenticateReconciler(plane(), undefined)).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });
});
