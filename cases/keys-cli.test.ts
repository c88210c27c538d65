import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { hkdfSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { instantText, type JsonObject } from '../src/core/model/index.ts';
import { buildCli, createFleet, ROOT, runCli, type TestFleet, TNT } from './fleet.testkit.ts';

// Ceremonies with the built command: seeds, pre-signed roots, onboarding without an offline key, rotation, a program that
// signs. Everything that is written, said or passed on meanwhile is searched for private material afterwards.

let fleet: TestFleet;
/** Outside of the repository: media of the root seeds, signers, what was recorded. */
let outside: string;
/** All that commands said, on both channels. */
let said: string;
const at = (name: string): string => join(outside, name);

beforeAll(() => {
  buildCli();
});
beforeEach(async () => {
  outside = mkdtempSync(join(tmpdir(), 'tenantry-keys-'));
  said = '';
});
afterEach(() => {
  fleet.destroy();
  rmSync(outside, { recursive: true, force: true });
});

/** A fleet without orgs and without seeds. */
async function emptyFleet(spec: JsonObject = {}): Promise<void> {
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000), spec });
  rmSync(join(fleet.dir, '.tenantry'), { recursive: true });
  fleet.remove('orgs');
  fleet.commit('no orgs yet');
  recordGit();
}

/** Puts a git first in the path that writes down with what it is started. */
function recordGit(): void {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  mkdirSync(at('bin'), { mode: 0o700 });
  writeFileSync(at('bin/git'), `#!/bin/sh\n{ echo "$@"; env; } >> "${at('started')}"\nexec "${git}" "$@"\n`, {
    mode: 0o700,
  });
}

interface Ran {
  readonly status: number | null;
  readonly out: string;
}

function run(args: string, env: NodeJS.ProcessEnv = {}): Ran {
  const path = `${at('bin')}:${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = runCli([...args.split(' '), '-C', fleet.dir], { env: { PATH: path, ...env } });
  said += `${stdout}\n${stderr}\n`;
  return { status, out: `${stdout}${stderr}` };
}

const media = (): string => ['a', 'b', 'c'].map((name) => at(`media-${name}`)).join(' ');

/** `org add`, committed, applied and published. */
function onboard(org: string, env: NodeJS.ProcessEnv = {}): Ran {
  const added = run(`org add ${org} --template msp-standard@1.1.0 --set displayName="${org}"`, env);
  if (added.status !== 0) return added;
  fleet.commit(`onboard ${org}`);
  return run('apply --yes', env);
}

const uidOf = (org: string): string => /uid: ['"]?([a-z0-9]{20})/.exec(fleet.read(`orgs/${org}/org.yaml`))?.[1] ?? '';
const presigned = (): readonly string[] =>
  readdirSync(join(fleet.dir, '.tenantry/roots'))
    .map((name) => name.slice(0, 20))
    .sort();

describe('a ceremony', () => {
  it('signs roots in advance with two of three seeds, and onboarding needs none of them', async () => {
    await emptyFleet();
    const made = run(`keys init --root-keys ${media()} --root-seeds 3 --threshold 2 --pre-sign 2`);
    expect([made.status, made.out]).toEqual([0, expect.stringContaining('2 roots signed in advance')]);
    expect(made.out).toContain(`root b in ${at('media-b/root-b.seed')}`);
    expect(made.out).not.toContain('Move root seeds offline');
    for (const name of ['a', 'b', 'c'])
      expect(statSync(at(`media-${name}/root-${name}.seed`)).mode & 0o777).toBe(0o600);
    const uids = presigned();
    expect(uids).toHaveLength(2);
    expect(onboard('elm')).toMatchObject({ status: 0, out: expect.stringContaining('published elm') });
    expect(uids).toContain(uidOf('elm'));
    const root = readFileSync(join(fleet.dir, '.tenantry/roots', `${uidOf('elm')}.root.json`));
    expect(readFileSync(join(fleet.dir, '.tenantry/published', uidOf('elm'), '1.root.json'))).toEqual(root);

    expect(onboard('fir').status).toBe(0);
    expect(new Set([uidOf('elm'), uidOf('fir')])).toEqual(new Set(uids));
    const none = run('org add oak --template msp-standard@1.1.0');
    expect([none.status, none.out]).toEqual([1, expect.stringContaining('ROOTS_USED_UP')]);
    expect(run(`keys init --pre-sign 1 --threshold 2 --root-keys ${media()}`).out).toContain('Seeds stand in');
    expect(onboard('oak').status).toBe(0);
  });

  it('signs for the orgs that stand too, so that they are published without a root seed', async () => {
    fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
    rmSync(join(fleet.dir, '.tenantry'), { recursive: true });
    recordGit();
    const made = run(`keys init --root-keys ${media()} --root-seeds 3 --threshold 2 --pre-sign 1`);
    expect([made.status, made.out]).toEqual([0, expect.stringContaining('3 roots signed for orgs that stand')]);
    expect(presigned()).toHaveLength(4);
    expect(run('apply --yes')).toMatchObject({ status: 0, out: expect.stringContaining('published clove') });
    const again = run(`keys init --root-keys ${media()} --threshold 2 --pre-sign 1`);
    expect(again.out).not.toContain('for orgs that stand');
    expect(run('drift').status).toBe(0);
  });

  it('of several root seeds lets none sign a first root alone, wherever it lies', async () => {
    await emptyFleet();
    run(`keys init --root-keys ${media()} --root-seeds 3 --threshold 2 --pre-sign 1`);
    copyFileSync(at('media-a/root-a.seed'), join(fleet.dir, '.tenantry/keys/root-a.seed'));
    const alone = onboard('elm', { TENANTRY_ROOTS_DIR: at('no-roots') });
    expect(alone.out).toContain('PUBLISH_ROOT_MISSING');
    expect(existsSync(join(fleet.dir, '.tenantry/published', uidOf('elm'), '1.root.json'))).toBe(false);
  });

  it('makes no seeds beside a store that shows published orgs: gateways would refuse what they sign', async () => {
    await emptyFleet();
    run('keys init --pre-sign 1');
    expect(onboard('elm').status).toBe(0);
    const elsewhere = at('elsewhere');
    const refused = run('keys init', { TENANTRY_KEYS_DIR: elsewhere });
    expect(refused).toEqual({
      status: 1,
      out: expect.stringMatching(/^SEEDS_ELSEWHERE: expected the seeds that 1 published orgs .*\nCopy the seeds/),
    });
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('makes seeds in a folder that is no repository, and without git', async () => {
    await emptyFleet();
    for (const [name, env] of [
      ['no-repository', {}],
      ['no-git', { PATH: at('nothing') }],
    ] as const) {
      const dir = at(name);
      mkdirSync(dir, { recursive: true });
      expect(runCli(['keys', 'init', '-C', dir], { env })).toMatchObject({ status: 0, stderr: '' });
      expect(readdirSync(join(dir, '.tenantry/keys')).sort()).toEqual(['online.seed', 'publish.seed', 'root.seed']);
    }
  });

  it('leaves no half of a seed on a disk that is full, and makes them when there is room', async () => {
    await emptyFleet();
    const dir = at('full');
    mkdirSync(dir);
    const init = ['keys', 'init', '-C', dir];
    // No file may grow: what a full disk does to each write.
    const bounded = ['-c', `ulimit -f 0; trap '' XFSZ; exec "$@"`, 'sh', process.execPath, TNT, ...init];
    const { status, stderr } = spawnSync('/bin/sh', bounded, {
      encoding: 'utf8',
      env: { ...process.env, PATH: at('nothing') },
    });
    expect([status, stderr]).toEqual([69, expect.stringMatching(/^EFBIG: /)]);
    expect(readdirSync(join(dir, '.tenantry/keys'))).toEqual([]);
    expect(runCli(init, { env: { PATH: at('nothing') } })).toMatchObject({ status: 0 });
    expect(readdirSync(join(dir, '.tenantry/keys')).sort()).toEqual(['online.seed', 'publish.seed', 'root.seed']);
  });

  it('says which seeds stand, so that those of a ceremony that was killed are not taken for all', async () => {
    await emptyFleet();
    run('keys init');
    for (const name of ['publish', 'online']) rmSync(join(fleet.dir, `.tenantry/keys/${name}.seed`));
    const standing = join(fleet.dir, '.tenantry/keys');
    expect(run('keys init')).toEqual({
      status: 0,
      out: `Seeds stand in ${standing} already; nothing was changed. At hand:\nroot in ${standing}/root.seed\n`,
    });
  });

  it('makes no seed where the fleet cannot be read', async () => {
    await emptyFleet();
    fleet.write('fleet.yaml', 'kind: [');
    expect(run('keys init --pre-sign 1').status).toBe(1);
    expect(existsSync(join(fleet.dir, '.tenantry/keys'))).toBe(false);
  });

  it('of two of three seeds needs two of them to rotate, and goes on where it stopped', async () => {
    await emptyFleet();
    run(`keys init --root-keys ${media()} --root-seeds 3 --threshold 2 --pre-sign 1`);
    expect(onboard('elm').status).toBe(0);
    const shown = run('keys show');
    expect(shown.out).toMatch(/elm {2}root +1 {6}\S{12} \S{12} \S{12} {2}2 of 3 +0 /);
    expect(run(`keys show --root-keys ${media()}`).out).toMatch(/elm {2}root .* 2 of 3 +3 /);

    const held = run('keys rotate --role online');
    expect([held.status, held.out]).toEqual([1, expect.stringContaining('held  elm  PUBLISH_ROOT_THRESHOLD')]);
    const rotated = run(`keys rotate --role online --root-keys ${at('media-a')} ${at('media-c')}`);
    expect([rotated.status, rotated.out]).toEqual([
      0,
      expect.stringContaining('Went on: 1 of 1 orgs have online keys of epoch 2'),
    ]);
  });

  it('refuses a folder of root seeds that is not there, and a file in its place, before anything is signed', async () => {
    await emptyFleet();
    run('keys init --pre-sign 1');
    expect(onboard('elm').status).toBe(0);
    const typo = at('typo');
    for (const ask of ['keys show', 'keys rotate --role online', 'keys rotate --role root', 'keys init --pre-sign 1']) {
      const absent = {
        status: 69,
        out: expect.stringContaining(`ROOT_KEYS_MISSING: expected a folder with root seeds at ${typo}`),
      };
      expect([ask, run(`${ask} --root-keys ${at('.')} ${typo}`)]).toEqual([ask, absent]);
      const file = run(`${ask} --root-keys ${join(fleet.dir, 'fleet.yaml')}`);
      expect([ask, file.status, file.out]).toEqual([ask, 69, expect.stringContaining('fleet.yaml, found a file')]);
    }
    expect(run('keys show').out).toMatch(/elm {2}timestamp +1 /);
    expect(existsSync(typo)).toBe(false);
  });

  it('of new root seeds puts each into a folder of its own and says where, or writes nothing', async () => {
    await emptyFleet();
    expect(run('keys init --pre-sign 1').out).toContain('Move root seeds offline');
    expect(onboard('elm').status).toBe(0);
    const before = readdirSync(join(fleet.dir, '.tenantry/keys'));
    const ask = 'keys rotate --role root --new-seed --root-seeds 3';
    const together = run(`${ask} --threshold 2 --root-keys ${at('ka')} ${at('kb')}`);
    expect([together.status, together.out]).toEqual([1, expect.stringContaining('SIGNER_SEED_FOLDERS')]);
    expect(run(`${ask} --threshold 4 --root-keys ${media()}`).out).toContain('ROTATION_SEEDS');
    expect([existsSync(at('ka')), existsSync(at('media-a'))]).toEqual([false, false]);
    expect(readdirSync(join(fleet.dir, '.tenantry/keys'))).toEqual(before);
    const rotated = run(`${ask} --threshold 2 --root-keys ${media()}`);
    expect(rotated.out).toContain('1 of 1 orgs have root keys of epoch 2');
    expect(rotated.out).not.toContain('Went on');
    for (const name of ['a', 'b', 'c'])
      expect(rotated.out).toContain(`New seed: root ${name} in ${at(`media-${name}/root-${name}-2.seed`)}`);
  });

  it('writes nothing where one folder is named twice: two of three seeds would lie on one medium', async () => {
    await emptyFleet();
    mkdirSync(at('media-a'));
    symlinkSync(at('media-a'), at('link'));
    for (const again of [at('media-a'), `${at('media-b')}/../media-a`, at('link')]) {
      const made = run(`keys init --root-keys ${at('media-a')} ${again} ${at('media-c')} --root-seeds 3`);
      expect([made.status, made.out]).toEqual([64, expect.stringContaining(`found ${at('media-a')} twice`)]);
    }
    expect([readdirSync(at('media-a')), existsSync(at('media-c'))]).toEqual([[], false]);
    run('keys init');
    const held = run('keys show --format json', {}).out;
    expect(
      run(`keys show --format json --root-keys ${relative(tmpdir(), join(fleet.dir, '.tenantry/keys'))}`).out,
    ).toBe(held);
  });

  it('withdraws roots that name keys of a stolen seed, and new orgs begin with the new one', async () => {
    await emptyFleet();
    expect(run('keys init --pre-sign 2').status).toBe(0);
    expect(onboard('elm').status).toBe(0);
    const rotated = run('keys rotate --role online --new-seed');
    expect([rotated.status, rotated.out]).toEqual([
      0,
      expect.stringContaining('1 roots signed in advance named former keys'),
    ]);
    expect(presigned()).toEqual([uidOf('elm')]);
    expect(run('keys init --pre-sign 1').status).toBe(0);
    rmSync(join(fleet.dir, '.tenantry/keys/root.seed'));
    rmSync(join(fleet.dir, '.tenantry/keys/online.seed'));
    expect(onboard('fir').status).toBe(0);
    expect(run('keys show --org fir').out).toMatch(/fir {2}timestamp {2}2 /);
  });

  it('asks for a threshold with several seeds, and for roots to put it into', async () => {
    await emptyFleet();
    for (const [args, words] of [
      ['keys init --root-seeds 3 --pre-sign 1', '--threshold'],
      ['keys init --root-seeds 3 --threshold 2', '--pre-sign'],
      ['keys init --root-seeds 9', 'at most 8'],
      ['keys init --pre-sign many', '--pre-sign'],
      ['keys rotate --role all', '--role root, publish or online'],
      ['keys rotate --role online --threshold 2', '--role root alone'],
      ['keys rotate --role root --root-seeds 2', '--new-seed'],
      ['drill stolen-root-key', 'stolen-online-key'],
    ] as const)
      expect([args, run(args)]).toEqual([args, { status: 64, out: expect.stringContaining(words) }]);
    expect(existsSync(join(fleet.dir, '.tenantry/keys'))).toBe(false);
    const tooMany = run('keys init --root-seeds 2 --threshold 3 --pre-sign 1');
    expect([tooMany.status, tooMany.out]).toEqual([1, expect.stringContaining('ROTATION_SEEDS')]);
    const together = run(`keys init --root-seeds 3 --threshold 2 --pre-sign 1 --root-keys ${at('ka')} ${at('kb')}`);
    expect([together.status, together.out]).toEqual([64, expect.stringContaining('one folder for all 3 root seeds')]);
    expect([join(fleet.dir, '.tenantry'), at('ka'), at('kb')].filter((path) => existsSync(path))).toEqual([]);
  });

  it('prints root seeds once, and writes them nowhere', async () => {
    await emptyFleet();
    const made = run('keys init --print-root --root-seeds 2 --threshold 2 --pre-sign 1');
    const lines = [...made.out.matchAll(/^(root-[ab]) {2}([0-9a-f]{64}) {2}check ([0-9a-f]{8})$/gm)];
    expect([made.status, lines.map(([, name]) => name)]).toEqual([0, ['root-a', 'root-b']]);
    expect(readdirSync(join(fleet.dir, '.tenantry/keys')).sort()).toEqual(['online.seed', 'publish.seed']);
    said = '';
    expect(onboard('elm').status).toBe(0);
    for (const [, name = '', text = ''] of lines) {
      expect(found([text])).toEqual([]);
      mkdirSync(at('typed'), { recursive: true, mode: 0o700 });
      writeFileSync(at(`typed/${name}.seed`), `${text}\n`, { mode: 0o600 });
    }
    expect(run(`keys rotate --role publish --root-keys ${at('typed')}`).status).toBe(0);
  });
});

describe('a running controller', () => {
  it('does the rotation that is asked for on its machine, with root seeds from a medium', async () => {
    await emptyFleet();
    run(`keys init --root-keys ${at('media-a')} --pre-sign 1`);
    expect(onboard('elm').status).toBe(0);
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
    const env = { ...process.env, CI: '1' };
    const controller = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    let words = '';
    controller.stderr.on('data', (chunk) => {
      words += String(chunk);
    });
    try {
      await expect.poll(() => words, { timeout: 30_000 }).toContain('control plane on');
      const held = run('keys rotate --role online --format json');
      expect([held.status, held.out]).toEqual([1, expect.stringContaining('PUBLISH_ROOT_THRESHOLD')]);
      const rotated = run(`keys rotate --role online --root-keys ${at('media-a')}`);
      expect([rotated.status, rotated.out]).toEqual([0, expect.stringContaining('Went on: 1 of 1')]);
      const unknown = run('keys rotate --role online --org nobody');
      expect([unknown.status, unknown.out]).toEqual([1, expect.stringContaining('ORG_UNKNOWN')]);
    } finally {
      const ended = new Promise((resolve) => controller.once('exit', resolve));
      controller.kill('SIGTERM');
      await ended;
    }
  });
});

describe('private material', () => {
  it('is in no file, no answer, no error and no argument after everything that can be done with keys', async () => {
    await emptyFleet();
    run(`keys init --root-keys ${media()} --root-seeds 3 --threshold 2 --pre-sign 2 --format json`);
    onboard('elm');
    run(`keys rotate --role online --root-keys ${media()}`);
    run(`keys rotate --role publish --new-seed --root-keys ${media()}`);
    run(`keys rotate --role root --new-seed --root-keys ${media()} --format json`);
    run('keys show --format json');
    run(`keys show --root-keys ${media()}`);
    run('publish --refresh');
    run('drill stolen-online-key');
    run('history --org elm --format json');
    // What goes wrong, too: a seed that others can read, and one that is none.
    const online = join(fleet.dir, '.tenantry/keys/online.seed');
    chmodSync(online, 0o644);
    const wide = run('publish --refresh');
    expect([wide.status, run('keys show').out]).toEqual([0, expect.stringContaining('SIGNER_SEED_UNUSABLE')]);
    chmodSync(online, 0o600);
    const seeds = seedFiles().map((path) => readFileSync(path, 'utf8').trim());
    expect(seeds).toHaveLength(3 + 1 + 1 + 1 + 3);
    writeFileSync(online, `${seeds[0]} and more\n`);
    expect(run('keys show').out).toContain('SIGNER_SEED_UNUSABLE');
    expect(found(seeds)).toEqual([]);
    expect(found(seeds.flatMap((seed) => derived(seed)))).toEqual([]);
    // The search finds what is there.
    writeFileSync(join(fleet.dir, '.tenantry/leak'), Buffer.from(seeds[1] ?? '', 'hex'));
    expect(found(seeds)).toEqual(['.tenantry/leak']);
    // Some twenty commands, each a process.
  }, 60_000);

  it('of the environment reaches no file and no other program', async () => {
    await emptyFleet();
    const seeds = { root: '11'.repeat(32), publish: '22'.repeat(32), online: '33'.repeat(32), next: '44'.repeat(32) };
    const env = {
      TENANTRY_ROOT_SEED: seeds.root,
      TENANTRY_PUBLISH_SEED: seeds.publish,
      TENANTRY_ONLINE_SEED: seeds.online,
    };
    expect(onboard('elm', env).status).toBe(0);
    const asked = run('keys rotate --role online --new-seed', env);
    expect([asked.status, asked.out]).toEqual([69, expect.stringContaining('TENANTRY_ONLINE_SEED_2')]);
    const rotated = run('keys rotate --role online --new-seed', { ...env, TENANTRY_ONLINE_SEED_2: seeds.next });
    expect([rotated.status, rotated.out]).toEqual([0, expect.stringContaining('Went on: 1 of 1')]);
    expect(found(Object.values(seeds))).toEqual([]);
  });
});

describe('a program that signs', () => {
  it('stands in for seeds: roots from sealed files, daily keys from the program, and rotation of both', async () => {
    await emptyFleet({ signer: { driver: 'command', program: 'signer' } });
    mkdirSync(at('signers'), { mode: 0o700 });
    copyFileSync(join(ROOT, 'scripts/signer/reference.mjs'), at('signers/real.mjs'));
    const wrapper = `#!/bin/sh\n{ echo "signer $#"; env; } >> "${at('started')}"\nexec "${process.execPath}" "${at('signers/real.mjs')}"\n`;
    writeFileSync(at('signers/signer'), wrapper, { mode: 0o700 });
    const env = { TENANTRY_SIGNERS_DIR: at('signers'), REFERENCE_SIGNER_KEYS: at('hsm') };
    expect(run('keys init --pre-sign 1', env).status).toBe(0);
    for (const name of ['publish.seed', 'online.seed']) rmSync(join(fleet.dir, '.tenantry/keys', name));
    expect(onboard('elm', env)).toMatchObject({ status: 0, out: expect.stringContaining('published elm') });
    // Without roots that were signed in advance the root seed at hand signs one.
    expect(onboard('ash', { ...env, TENANTRY_ROOTS_DIR: at('no-roots') })).toMatchObject({
      status: 0,
      out: expect.stringContaining('published ash'),
    });
    expect(run('keys show', env).out).toContain('program signer');
    for (const role of ['online', 'publish', 'root'])
      expect([role, run(`keys rotate --role ${role}`, env).status]).toEqual([role, 0]);
    expect(run('publish --refresh', env).status).toBe(0);
    const refused = run('keys rotate --role online', { ...env, TENANTRY_SIGNERS_DIR: '' });
    expect([refused.status, refused.out]).toEqual([69, expect.stringContaining('SIGNER_PROGRAM_UNUSABLE')]);
    const names = readdirSync(at('hsm'));
    expect(names).toContain(`org.${uidOf('elm')}.timestamp.2.pem`);
    const keys = names.map((name) => readFileSync(at(`hsm/${name}`), 'utf8').split('\n')[1] ?? '');
    expect(found(keys.map((text) => Buffer.from(text, 'base64').subarray(-32).toString('hex')))).toEqual([]);
    const started = readFileSync(at('started'), 'utf8');
    expect([...new Set(started.match(/^signer \d+$/gm))]).toEqual(['signer 0']);
  });
});

/** Every seed file, wherever it lies. */
function seedFiles(): readonly string[] {
  return [join(fleet.dir, '.tenantry/keys'), ...['a', 'b', 'c'].map((name) => at(`media-${name}`))].flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name)),
  );
}

/** The private keys that a seed gives to the org for some epochs. */
function derived(seed: string): readonly string[] {
  const uid = uidOf('elm');
  return ['root', 'targets', 'snapshot', 'timestamp'].flatMap((role) =>
    [1, 2, 3, 4].map((epoch) =>
      Buffer.from(
        hkdfSync('sha256', Buffer.from(seed, 'hex'), Buffer.alloc(0), `tenantry/v1/${role}/${uid}/${epoch}`, 32),
      ).toString('hex'),
    ),
  );
}

/** Where 32 private bytes stand, as bytes, hex or base64: files of the repository, git's objects, what was said and started. */
function found(secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((hex) => {
    const bytes = Buffer.from(hex, 'hex');
    return [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...[0, 1, 2].map((cut) => base64At(bytes, cut))];
  });
  const holds = (content: Buffer): boolean => forms.some((form) => content.includes(form));
  const files = readdirSync(fleet.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('.tenantry/keys'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => holds(readFileSync(path)))
    .map((path) => path.slice(fleet.dir.length + 1));
  const objects = execFileSync('git', ['cat-file', '--batch-all-objects', '--batch'], {
    cwd: fleet.dir,
    maxBuffer: 1 << 28,
  });
  const others = [
    ['git objects', objects],
    ['what was said', Buffer.from(said)],
    ['what was started', readFileSync(at('started'))],
  ] as const;
  return [...files, ...others.filter(([, content]) => holds(content)).map(([name]) => name)];
}

/** The base64 of the bytes at any of the three places that they can have in a longer text, without what depends on neighbours. */
function base64At(bytes: Buffer, cut: number): Buffer {
  return Buffer.from(bytes.subarray(cut, cut + 24).toString('base64'));
}
