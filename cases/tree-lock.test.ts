import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type Ran, runCliBeside, type TestFleet } from './fleet.testkit.ts';

// Commands that change the work tree, several at once, and secrets that nobody could read.

const PATH = 'orgs/alder/credentials.yaml';
let cli: string;
let fleet: TestFleet;

beforeAll(async () => {
  cli = buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
});
afterAll(() => fleet.destroy());

const token = (...args: readonly string[]): Promise<Ran> => runCliBeside(['token', ...args, '-C', fleet.dir]);
const standing = async (): Promise<readonly string[]> => {
  const { stdout } = await token('list', 'alder', '--format', 'json');
  const { tokens } = JSON.parse(stdout) as {
    readonly tokens: readonly { readonly credentials: readonly { readonly id: string }[] }[];
  };
  return tokens.flatMap(({ credentials }) => credentials.map(({ id }) => id));
};

describe('commands at once', () => {
  test('no revocation and no new secret is lost', async () => {
    await token('issue', 'alder/app');
    const [stolen = ''] = await standing();
    const done = await Promise.all([
      ...Array.from({ length: 3 }, () => token('issue', 'alder/app', '--format', 'json')),
      token('revoke', 'alder/app', '--secret', stolen),
      token('issue', 'alder/app', '--format', 'json'),
    ]);
    expect(done.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
    const issued = done.flatMap(({ stdout }) => /"id": "([a-z2-7]{12})"/.exec(stdout)?.[1] ?? []);
    expect(issued).toHaveLength(4);
    expect([...(await standing())].sort()).toEqual([...issued].sort());
  });

  test('two new orgs get ports of their own', async () => {
    const add = (slug: string): Promise<Ran> =>
      runCliBeside(['org', 'add', slug, '--template', 'msp-standard@1.1.0', '-C', fleet.dir]);
    const done = await Promise.all(['elder', 'fir'].map(add));
    expect(done.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const [one, other] = ['elder', 'fir'].map((org) => fleet.read(`orgs/${org}/org.yaml`).match(/127\.0\.0\.1:\d+/g));
    expect(one).not.toBeNull();
    expect(one?.filter((address) => other?.includes(address))).toEqual([]);
    for (const org of ['elder', 'fir']) rmSync(join(fleet.dir, 'orgs', org), { recursive: true });
  });
});

describe('a secret that nobody could read', () => {
  const spawned = (verb: string, stdout: number | 'pipe'): ChildProcess =>
    spawn(process.execPath, [cli, 'token', verb, 'alder/app', '-C', fleet.dir], {
      stdio: ['ignore', stdout, 'pipe'],
      env: { ...process.env, CI: '1' },
    });
  const endOf = (child: ChildProcess) =>
    new Promise<{ readonly status: number | null; readonly stderr: string }>((resolve) => {
      let stderr = '';
      child.stderr?.on('data', (part: Buffer) => {
        stderr += part.toString('utf8');
      });
      child.on('close', (status) => resolve({ status, stderr }));
    });
  const ontoFullDisk = async (verb: string) => {
    const full = openSync('/dev/full', 'w');
    const done = await endOf(spawned(verb, full));
    closeSync(full);
    return done;
  };

  // A device of Linux.
  test.skipIf(!existsSync('/dev/full'))('was not issued: the file is what it was, byte for byte', async () => {
    const withRemark = `${fleet.read(PATH)}# kept by hand\n`;
    fleet.write(PATH, withRemark);
    for (const verb of ['issue', 'rotate']) {
      expect(await ontoFullDisk(verb)).toEqual({
        status: 69,
        stderr: expect.stringMatching(
          /^OUTPUT_CLOSED: .* found ENOSPC: no space left on device, write; nothing was issued/,
        ),
      });
      expect(fleet.read(PATH)).toBe(withRemark);
    }
    fleet.remove(PATH);
    expect((await ontoFullDisk('issue')).status).toBe(69);
    expect(existsSync(join(fleet.dir, PATH))).toBe(false);
  });

  test('nor one whose reader had gone', async () => {
    fleet.remove(PATH);
    const child = spawned('issue', 'pipe');
    child.stdout?.destroy();
    expect(await endOf(child)).toEqual({
      status: 69,
      stderr: expect.stringMatching(/^OUTPUT_CLOSED: .*nothing was issued/),
    });
    expect(existsSync(join(fleet.dir, PATH))).toBe(false);
  });
});

test('a revocation of nothing says so, and writes nothing', async () => {
  fleet.remove(PATH);
  const done = await token('revoke', 'alder/app');
  expect(done).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Nothing to remove: /) });
  expect(existsSync(join(fleet.dir, PATH))).toBe(false);
});
