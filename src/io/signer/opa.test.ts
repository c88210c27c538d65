import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { opaSigningKey } from './index.ts';

const pem = (curve: string) =>
  generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type: 'pkcs8', format: 'pem' });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'opa-key-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the key for OPA', () => {
  it('signs with r and s, under an id of its public half', async () => {
    const text = pem('prime256v1');
    await writeFile(join(dir, 'opa.pem'), text, { mode: 0o600 });
    const key = opaSigningKey(join(dir, 'opa.pem'));
    const bytes = new TextEncoder().encode('signed');
    const signature = await key.sign(bytes);
    expect(signature).toHaveLength(64);
    expect(verify('sha256', bytes, { key: createPublicKey(text), dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    expect(await key.keyId()).toMatch(/^[0-9a-f]{16}$/);
    expect(await opaSigningKey(join(dir, 'opa.pem')).keyId()).toBe(await key.keyId());
  });

  it('that is missing, open to others, a link, of another curve or no key is refused, and not repeated', async () => {
    const path = (name: string): string => join(dir, name);
    await writeFile(path('open'), pem('prime256v1'), { mode: 0o600 });
    await symlink(path('open'), path('link'));
    await chmod(path('open'), 0o640);
    await writeFile(path('curve'), pem('secp384r1'), { mode: 0o600 });
    await writeFile(path('text'), 'hunter2', { mode: 0o600 });
    await expect(opaSigningKey(path('none')).keyId()).rejects.toMatchObject({ code: 'SIGNER_SEED_MISSING' });
    await expect(opaSigningKey(path('link')).keyId()).rejects.toMatchObject({ code: 'SIGNER_SEED_MISSING' });
    for (const name of ['open', 'curve', 'text']) {
      const refused = opaSigningKey(path(name)).sign(new Uint8Array(0));
      await expect(refused, name).rejects.toMatchObject({ code: 'SIGNER_SEED_UNUSABLE' });
      await expect(refused).rejects.not.toThrow('hunter2');
    }
  });
});
