import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../../core/model/index.ts';
import { nodeHash } from '../../../host/index.ts';
import type { Publisher } from '../../../ports/index.ts';
import { publisherContract } from '../contract.testkit.ts';
import { ociPublisher, registryCredentialsFrom } from '../index.ts';
import {
  passwordFile,
  REGISTRY_LOGIN,
  type RegistryProcess,
  startRegistry,
  WITHOUT_REGISTRY,
} from './registry.testkit.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (path: string, text: string): ReadonlyMap<string, Uint8Array> => new Map([[path, bytes(text)]]);

let registry: RegistryProcess;
let scratch: string;
/** A place of its own for each test. */
let prefix: string;
let place = 0;
beforeEach(() => {
  place += 1;
  prefix = `fleet/t${place}`;
});

const open = (change: Readonly<Record<string, string>> = {}): Publisher =>
  ociPublisher({
    place: { endpoint: registry.endpoint, prefix },
    credentials: registryCredentialsFrom({
      TENANTRY_REGISTRY_HOST: new URL(registry.endpoint).host,
      TENANTRY_REGISTRY_USERNAME: REGISTRY_LOGIN.username,
      TENANTRY_REGISTRY_PASSWORD: REGISTRY_LOGIN.password,
      ...change,
    }),
    pauseMs: 5,
  });

const begin = (how: { readonly deletes: boolean; readonly auth: (dir: string) => Promise<object> }) => async () => {
  scratch = mkdtempSync(join(tmpdir(), 'registry-test-'));
  registry = await startRegistry({ deletes: how.deletes, auth: await how.auth(scratch) });
};
const end = async (): Promise<void> => {
  await registry.stop();
  await rm(scratch, { recursive: true });
};
const htpasswd = async (dir: string): Promise<object> => ({
  htpasswd: { realm: 'Registry', path: await passwordFile(dir) },
});

const skipped = WITHOUT_REGISTRY === null ? '' : ` (skipped: ${WITHOUT_REGISTRY})`;

describe.skipIf(WITHOUT_REGISTRY !== null)(`a real docker-registry${skipped}`, () => {
  describe('with passwords', () => {
    beforeAll(begin({ deletes: true, auth: htpasswd }));
    afterAll(end);

    publisherContract('the OCI publisher', () => open());

    it('takes files of every size that is published, and what it removed again', async () => {
      const files = new Map([
        ['targets/desk/0.bundle.tar', new Uint8Array(4 * 1024 * 1024).fill(7)],
        ['targets/desk/1.bundle.tar', new Uint8Array(0)],
      ]);
      for (let round = 0; round < 2; round += 1) {
        await open().putImmutable(A, files);
        for (const [path, content] of files)
          expect(Buffer.compare((await open().get(A, path)) ?? bytes('none'), content)).toBe(0);
        await open().remove(A, [...files.keys()]);
        expect(await open().list(A)).toEqual([]);
      }
    });

    it('refuses a wrong password', async () => {
      const refused = open({ TENANTRY_REGISTRY_PASSWORD: 'wrong' }).get(A, 'timestamp.json');
      await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_REFUSED' });
    });
  });

  describe('that deletes nothing', () => {
    beforeAll(begin({ deletes: false, auth: htpasswd }));
    afterAll(end);

    it('is published to, and says that it cannot prune', async () => {
      await open().putImmutable(A, file('1.root.json', 'one'));
      await open().putMutable(A, 'timestamp.json', bytes('one'), null);
      await open().putMutable(A, 'timestamp.json', bytes('two'), nodeHash.sha256('one'));
      await expect(open().remove(A, ['1.root.json'])).rejects.toMatchObject({ code: 'PUBLISH_UNDELETABLE' });
      expect(await open().list(A)).toHaveLength(2);
    });
  });

  describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('with a token server (needs openssl)', () => {
    let tokens: Server;
    const scopes: (string | null)[] = [];
    const server = async (dir: string): Promise<object> => {
      const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
      const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
      execFileSync('openssl', ['req', ...how, '-subj', '/CN=tokens', '-keyout', key, '-out', certificate], {
        stdio: 'ignore',
      });
      tokens = createServer((request, response) => {
        const url = new URL(request.url ?? '/', 'http://tokens');
        scopes.push(url.searchParams.get('scope'));
        const token = signedToken(readFileSync(key, 'utf8'), url);
        response.end(JSON.stringify({ token, expires_in: 60 }));
      });
      await new Promise<void>((resolve) => {
        tokens.listen(0, '127.0.0.1', resolve);
      });
      return {
        token: { realm: `${tokenOrigin()}/token`, service: 'bundles', issuer: 'tokens', rootcertbundle: certificate },
      };
    };
    const tokenOrigin = () => `http://127.0.0.1:${(tokens.address() as AddressInfo).port}`;
    beforeAll(begin({ deletes: true, auth: server }));
    afterAll(async () => {
      await end();
      tokens.closeAllConnections();
      tokens.close();
    });

    it('is asked with a token for the one repository', async () => {
      const named = { TENANTRY_REGISTRY_TOKEN_HOST: new URL(tokenOrigin()).host };
      const publisher = open(named);
      await publisher.putImmutable(A, file('1.root.json', 'one'));
      await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
      expect(await publisher.get(A, '1.root.json')).toEqual(bytes('one'));
      await publisher.remove(A, ['1.root.json']);
      expect(await publisher.list(A)).toEqual([{ path: 'timestamp.json', bytes: 3 }]);
      expect(scopes).toEqual([`repository:${prefix}/${A}:pull,push,delete`]);
      await expect(open().get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_ELSEWHERE' });
      expect(scopes).toHaveLength(1);
    });
  });
});

/** A token as the registry's token specification has it: who asks gets what it asks for. */
function signedToken(key: string, url: URL): string {
  const [type, name, actions = ''] = (url.searchParams.get('scope') ?? '').split(':');
  const nowS = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: 'tokens', sub: 'publisher', aud: url.searchParams.get('service'), jti: randomUUID() },
    ...{ iat: nowS, nbf: nowS - 10, exp: nowS + 60 },
    access: [{ type, name, actions: actions.split(',') }],
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ typ: 'JWT', alg: 'ES256', kid: keyIdOf(key) })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** The id by which the registry finds a key: SHA-256 of its DER, 30 bytes of it in base32, in groups of four. */
function keyIdOf(key: string): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const letters = [...bits.matchAll(/.{5}/g)].map(
    ([five]) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)],
  );
  return [...letters.join('').matchAll(/.{4}/g)].map(([group]) => group).join(':');
}
