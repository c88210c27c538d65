import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { opaFiles } from '../../core/bundle/index.ts';
import type { Json, JsonObject } from '../../core/model/index.ts';
import { GATEWAY, MemoryFiles, ORG, open, Publishing, pull, Source, scratch, signerOf } from '../trust.testkit.ts';

// The form for Open Policy Agent, read as OPA documents it; and by OPA itself, where it is installed.

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const opa = {
  keyId: async () => 'fleet-1',
  sign: async (bytes: Uint8Array) =>
    new Uint8Array(sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
};

const publishingForOpa = (): Publishing => new Publishing(ORG, new MemoryFiles(), { ...signerOf('seeds'), opa });

const archiveOf = (publishing: Publishing): Uint8Array => {
  const sha256 = publishing.publication?.targets[GATEWAY]?.opa?.sha256;
  return publishing.file(`targets/${GATEWAY}/${sha256}.opa.tar.gz`);
};

/** Members of a tar archive by name. */
function membersOf(archive: Uint8Array): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(archive);
  const members = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0; ) {
    const field = (from: number, to: number): string =>
      tar.toString('latin1', at + from, at + to).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 136), 8);
    members.set(field(0, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

/** How OPA hashes a structured file: keys by code point, no space, strings as Go's encoder writes them. */
function structured(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(structured).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${keys.map((key) => `${structured(key)}:${structured((value as JsonObject)[key] ?? null)}`).join(',')}}`;
  }
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

interface Claims {
  readonly scope: string;
  readonly files: readonly { readonly name: string; readonly hash: string; readonly algorithm: string }[];
}

/** What OPA asks of a bundle with `keyid` and `scope` set; gives manifest and data. */
function readAsOpa(
  archive: Uint8Array,
  key: KeyObject,
  scope: string,
): { readonly manifest: Json; readonly data: Json } {
  const members = membersOf(archive);
  const parsed = (name: string): Json => JSON.parse(members.get(name)?.toString('utf8') ?? 'null') as Json;
  const { signatures } = parsed('.signatures.json') as unknown as { readonly signatures: readonly string[] };
  expect(signatures).toHaveLength(1);
  const [head = '', payload = '', signature = ''] = (signatures[0] ?? '').split('.');
  const bytes = Buffer.from(`${head}.${payload}`);
  expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true);
  expect(JSON.parse(Buffer.from(head, 'base64url').toString('utf8'))).toEqual({
    alg: 'ES256',
    typ: 'JWT',
    kid: 'fleet-1',
  });
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  expect(claims.scope).toBe(scope);
  expect(claims.files.map(({ name }) => name).sort()).toEqual(
    [...members.keys()].filter((name) => name !== '.signatures.json'),
  );
  for (const { name, hash, algorithm } of claims.files) {
    expect([name, algorithm]).toEqual([name, 'SHA-256']);
    expect(
      createHash('sha256')
        .update(structured(parsed(name)))
        .digest('hex'),
      name,
    ).toBe(hash);
  }
  return { manifest: parsed('.manifest'), data: parsed('data.json') };
}

describe('a bundle for OPA', () => {
  it('is what OPA verifies: one signature over every file, for this org, with data under one root', async () => {
    const publishing = publishingForOpa();
    await publishing.publish({ [GATEWAY]: 'pack: {name: "Ünï \u2028 code"}\n', other: 'other' });
    const { manifest, data } = readAsOpa(archiveOf(publishing), publicKey, `org:${ORG}`);
    const { contentDigest } = publishing.bundle('pack: {name: "Ünï \u2028 code"}\n');
    expect(manifest).toEqual({
      revision: `1+${contentDigest.slice(0, 12)}`,
      roots: ['tenantry'],
      metadata: { fleet: 'example', org: ORG, gateway: GATEWAY },
    });
    expect(data).toMatchObject({
      tenantry: { bundle: { gateway: GATEWAY, orgUid: ORG }, policy_config: 'pack: {name: "Ünï \u2028 code"}\n' },
    });
  });

  it('lies beside the bundle: content digests, generations and gateways know nothing of it', () =>
    scratch(async (dir) => {
      const [withOpa, without] = [publishingForOpa(), new Publishing()];
      for (const publishing of [withOpa, without]) await publishing.publish({ [GATEWAY]: 'one' });
      const { opa: facts, ...target } = withOpa.publication?.targets[GATEWAY] ?? {};
      expect(facts).toBeDefined();
      expect(target).toEqual(without.publication?.targets[GATEWAY]);
      const source = new Source(withOpa.files);
      const verifier = await open(withOpa, dir, { fetcher: source });
      expect(await pull(verifier)).toBe('one');
      expect(source.requests.filter((path) => path.includes('opa'))).toEqual([]);
    }));

  it('is made once for a content, and goes when the fleet does not ask for it any more', async () => {
    const publishing = publishingForOpa();
    await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
    const first = publishing.publication?.targets[GATEWAY]?.opa;
    await publishing.publish({ [GATEWAY]: 'one', other: 'two' });
    expect(publishing.publication?.targets[GATEWAY]?.opa).toEqual(first);
    const later = new Publishing(ORG, publishing.files, signerOf('seeds'));
    Object.assign(later, { publication: publishing.publication, nowMs: publishing.nowMs, generation: 2 });
    await later.publish({ [GATEWAY]: 'one', other: 'three' });
    expect(later.publication?.targets[GATEWAY]).not.toHaveProperty('opa');
  });

  it('is refused for texts that builds of OPA hash differently', () => {
    const publishing = new Publishing();
    for (const text of ['a\bb', 'a\fb', 'a\u0001b'])
      expect(() => opaFiles(publishing.bundle(text), 1)).toThrow(RangeError);
    expect(() => opaFiles(publishing.bundle('tab\tline\nreturn\r'), 1)).not.toThrow();
  });

  it.skipIf(!hasOpa())('is taken by OPA itself, and not for another org (skipped where `opa` is not installed)', () =>
    scratch(async (dir) => {
      const publishing = publishingForOpa();
      await publishing.publish({ [GATEWAY]: 'pack: {name: desk}\n' });
      writeFileSync(join(dir, 'bundle.tar.gz'), archiveOf(publishing));
      writeFileSync(join(dir, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
      const bundle = join(dir, 'bundle.tar.gz');
      const build = (scope: string) => {
        const keys = ['--verification-key', join(dir, 'key.pem'), '--verification-key-id', 'fleet-1'];
        const flags = [...keys, '--signing-alg', 'ES256', '--scope', scope, '-o', join(dir, 'out.tar.gz')];
        const { status, stdout, stderr } = spawnSync('opa', ['build', '-b', bundle, ...flags], { encoding: 'utf8' });
        return { status, words: stdout + stderr };
      };
      expect(build(`org:${ORG}`)).toEqual({ status: 0, words: '' });
      expect(build('org:another')).toMatchObject({ status: 1, words: expect.stringContaining('scope mismatch') });
      const query = 'yaml.unmarshal(data.tenantry.policy_config).pack.name';
      const asked = spawnSync('opa', ['eval', '-b', bundle, '-f', 'raw', query], { encoding: 'utf8' });
      expect(asked).toMatchObject({ status: 0, stdout: 'desk\n' });
    }),
  );
});

function hasOpa(): boolean {
  try {
    execFileSync('opa', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
