import { readFileSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid, TrustRole } from '../../core/model/index.ts';
import { commandCustody, environmentCustody, keyName, type SignerProgram } from './index.ts';

// A program that signs, as a real process: the reference of scripts/signer, and programs that behave badly.

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const MESSAGE = new TextEncoder().encode('what is signed');
const REFERENCE = join(import.meta.dirname, '../../../scripts/signer/reference.mjs');
const EPOCHS = { root: 1, targets: 1, snapshot: 1, timestamp: 1 };
const SECRET = 'hunter2hunter2';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'signers-'));
  await chmod(dir, 0o700);
});
afterEach(() => rm(dir, { recursive: true }));

const roots = environmentCustody({ TENANTRY_ROOT_SEED: '42'.repeat(32) });

function signerOf(name: string, more: Partial<SignerProgram> = {}, sealed = roots) {
  const environment = { ...process.env, REFERENCE_SIGNER_KEYS: join(dir, 'keys'), TENANTRY_ONLINE_SEED: SECRET };
  const program = { name, folder: dir, timeoutMs: 20_000, pooled: [], firstEpochs: EPOCHS, environment };
  return commandCustody({ ...program, ...more }, sealed);
}

async function reference(): Promise<string> {
  await copyFile(REFERENCE, join(dir, 'reference.mjs'));
  await chmod(join(dir, 'reference.mjs'), 0o700);
  return 'reference.mjs';
}

async function script(text: string): Promise<string> {
  await writeFile(join(dir, 'program'), `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  return 'program';
}

describe('the reference program', () => {
  it('signs with explicit keys: each role, org and epoch its own, the same on every call, files for their owner alone', async () => {
    const { signer } = signerOf(await reference());
    const signature = await signer.sign('targets', A, 1, MESSAGE);
    expect(signature).toHaveLength(64);
    expect(await signerOf('reference.mjs').signer.sign('targets', A, 1, MESSAGE)).toEqual(signature);
    const keys = await Promise.all([
      signer.publicKey('targets', A, 1),
      signer.publicKey('targets', A, 2),
      signer.publicKey('targets', B, 1),
      signer.publicKey('timestamp', A, 1),
    ]);
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(4);
    for (const name of await readdir(join(dir, 'keys')))
      expect((await stat(join(dir, 'keys', name))).mode & 0o777).toBe(0o600);
  });

  it('has no root key, so root seeds beside it sign roots', async () => {
    const custody = signerOf(await reference());
    const [sealed, ...more] = await custody.rootSigners();
    expect([await sealed?.publicKey('root', A, 1), more]).toEqual([await roots.signer.publicKey('root', A, 1), []]);
    const [program] = await signerOf('reference.mjs', {}, environmentCustody({})).rootSigners();
    await expect(program?.publicKey('root', A, 1)).rejects.toMatchObject({ code: 'SIGNER_SEED_MISSING' });
    expect((await custody.held()).map(({ holder, where }) => `${holder} ${where}`)).toEqual([
      'publish program reference.mjs',
      'online program reference.mjs',
      'root TENANTRY_ROOT_SEED',
    ]);
  });

  it('is told the name of a key, with one for all orgs where they are pooled, and never so for root', async () => {
    const { signer } = signerOf(await reference(), { pooled: ['online'] });
    expect(await signer.publicKey('timestamp', A, 1)).toEqual(await signer.publicKey('timestamp', B, 1));
    expect(await signer.publicKey('targets', A, 1)).not.toEqual(await signer.publicKey('targets', B, 1));
    const named = (role: TrustRole) => keyName({ role, org: A, epoch: 3 }, ['publish', 'online', 'root']);
    expect([named('root'), named('targets'), named('snapshot'), named('timestamp')]).toEqual([
      `org/${A}/root/3`,
      'pool/targets/3',
      'pool/snapshot/3',
      'pool/timestamp/3',
    ]);
  });
});

describe('a program that signs', () => {
  const KEY = 'ab'.repeat(32);
  const asks = async (text: string, more: Partial<SignerProgram> = {}) => {
    const { signer } = signerOf(await script(text), more);
    return signer.publicKey('targets', A, 1).catch((error: Error) => error);
  };

  it('gets one line of JSON, and neither arguments nor seeds of ours', async () => {
    await asks(`cat > "${dir}/in"; echo "$#" > "${dir}/args"; env > "${dir}/env"; echo '{"publicKey":"${KEY}"}'`);
    expect(JSON.parse(await readFile(join(dir, 'in'), 'utf8'))).toEqual({
      protocol: 'tenantry/signer/v1',
      key: `org/${A}/targets/1`,
      operation: 'public-key',
    });
    expect(await readFile(join(dir, 'args'), 'utf8')).toBe('0\n');
    const env = await readFile(join(dir, 'env'), 'utf8');
    expect([env.includes('REFERENCE_SIGNER_KEYS'), env.includes(SECRET)]).toEqual([true, false]);
  });

  it.each([
    ['ends with an error', `echo '${SECRET}' >&2; exit 3`, 'exit code 3'],
    ['says nothing', 'exit 0', 'of the form'],
    ['says no JSON', `echo '${SECRET}'`, 'of the form'],
    ['says another field', `echo '{"signature":"${KEY}"}'`, 'of the form'],
    ['says more fields', `echo '{"publicKey":"${KEY}","secret":"${SECRET}"}'`, 'of the form'],
    ['says a key of another length', `echo '{"publicKey":"abcd"}'`, 'of the form'],
    ['says a list', `echo '{"publicKey":["${KEY}"]}'`, 'of the form'],
    ['goes on and on', 'yes', 'more than 4096 bytes'],
  ])('that %s is refused, and nothing that it said is repeated', async (_, text, words) => {
    const error = await asks(text);
    expect(error).toMatchObject({ code: 'SIGNER_PROGRAM' });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain(SECRET);
  });

  it('that does not come to an end is ended, with what it started', async () => {
    const error = await asks(`sleep 60 & echo $! > "${dir}/child"; sleep 60`, { timeoutMs: 500 });
    expect(String(error)).toContain('none within 500 ms');
    const child = Number(await readFile(join(dir, 'child'), 'utf8'));
    await expect.poll(() => isRunning(child), { timeout: 10_000 }).toBe(false);
  });

  it('is not asked about more than a few megabytes', async () => {
    const { signer } = signerOf(await script(`touch "${dir}/asked"`));
    const much = signer.sign('targets', A, 1, new Uint8Array(4 << 20));
    await expect(much).rejects.toMatchObject({ code: 'SIGNER_PROGRAM', message: expect.stringContaining('at most') });
    expect(await readdir(dir)).toEqual(['program']);
  });

  it.runIf(process.getuid?.() === 0)('of another owner is not run', async () => {
    const name = await script(`echo '{"publicKey":"${KEY}"}'`);
    await chown(join(dir, name), 12_345, 12_345);
    const { signer } = signerOf(name);
    await expect(signer.publicKey('targets', A, 1)).rejects.toMatchObject({ code: 'SIGNER_PROGRAM_UNUSABLE' });
  });

  it('whose signature does not fit signs nothing', async () => {
    const { signer } = signerOf(
      await script(
        `read line; case "$line" in *'"sign"'*) echo '{"signature":"${'00'.repeat(64)}"}';; *) echo '{"publicKey":"${KEY}"}';; esac`,
      ),
    );
    await expect(signer.sign('targets', A, 1, MESSAGE)).rejects.toMatchObject({ code: 'SIGNER_PROGRAM' });
  });

  it('that others could have changed, that is a link, or has no folder, is not run', async () => {
    const name = await script(`echo '{"publicKey":"${KEY}"}'`);
    const refused = async (more: Partial<SignerProgram> = {}) =>
      signerOf(more.name ?? name, more)
        .signer.publicKey('targets', A, 1)
        .then(
          () => 'run',
          (error: { readonly code: string }) => error.code,
        );
    expect(await refused()).toBe('run');
    await symlink(join(dir, name), join(dir, 'link'));
    await mkdir(join(dir, 'folder'), { mode: 0o700 });
    for (const more of [
      { folder: undefined },
      { folder: relative(process.cwd(), dir) },
      { name: 'absent' },
      { name: 'link' },
      { name: 'folder' },
    ])
      expect([more, await refused(more)]).toEqual([more, 'SIGNER_PROGRAM_UNUSABLE']);
    for (const mode of [0o720, 0o702, 0o600]) {
      await chmod(join(dir, name), mode);
      expect([mode, await refused()]).toEqual([mode, 'SIGNER_PROGRAM_UNUSABLE']);
    }
    await chmod(join(dir, name), 0o700);
    await chmod(dir, 0o770);
    expect(await refused()).toBe('SIGNER_PROGRAM_UNUSABLE');
    await chmod(dir, 0o700);
  });
});

/** Killed processes whose parent went before them may wait a while for somebody to ask how they ended: they run no more. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
