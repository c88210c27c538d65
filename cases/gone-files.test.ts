import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, publishedFiles, runCli, type TestFleet } from './fleet.testkit.ts';

// What an operator meets when files are where they should not be, or not where they should: published ones that are gone,
// folders that are links, names that nobody has.

let fleet: TestFleet;
let outside = '';

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  outside = mkdtempSync(join(tmpdir(), 'tenantry-outside-'));
  expect(run('apply', '--yes').status).toBe(0);
});
afterAll(() => {
  fleet.destroy();
  rmSync(outside, { recursive: true, force: true });
});

function run(...args: readonly string[]) {
  return runCli([...args, '-C', fleet.dir]);
}

const published = (): string => join(fleet.dir, '.tenantry/published');

describe('published files that are gone', () => {
  it.each([
    ['all of them', () => rmSync(published(), { recursive: true })],
    [
      'one bundle',
      () => {
        const bundle = publishedFiles(fleet).find((path) => path.endsWith('.bundle.tar')) ?? '';
        unlinkSync(join(published(), bundle));
      },
    ],
  ])('are found, and put again: %s', (_, lose) => {
    lose();
    const found = run('drift');
    expect(found.status).toBe(2);
    expect(found.stdout).toMatch(/published +\S+ +published files are gone: /);
    const healed = run('drift', '--heal');
    expect(healed.stdout).toMatch(/Healed: (\d+) of \1\./);
    expect(healed.status).toBe(0);
    expect(run('drift').status).toBe(0);
    expect(run('gateway', 'enroll', 'alder/desk-production').status).toBe(0);
  });
});

describe('a place of published files that gives none', () => {
  it('is one trouble with its code, and no drift of every org that healing could mend', () => {
    renameSync(published(), `${published()}.away`);
    writeFileSync(published(), 'no folder');
    try {
      for (const how of [[], ['--heal']]) {
        const ran = run('drift', ...how);
        expect([ran.status, ran.stdout]).toEqual([
          69,
          'No drift in what could be looked at: repository, store and the other published files.\n',
        ]);
        expect(ran.stderr.match(/PUBLISH_FOLDER/g)).toHaveLength(1);
        expect(ran.stderr).toMatch(/of alder and \d+ more could not be looked at.*\. Mend the folder/);
      }
      const told = JSON.parse(run('drift', '--format', 'json').stdout);
      expect(told).toMatchObject({ drifts: [], left: [], unseen: [{ code: 'PUBLISH_FOLDER' }] });
    } finally {
      unlinkSync(published());
      renameSync(`${published()}.away`, published());
    }
    expect(run('drift').status).toBe(0);
  });
});

describe('publish --take-over', () => {
  it('asks for a reason, and says of each org how it came out', () => {
    expect(run('publish', '--take-over', 'alder').status).toBe(64);
    expect(run('publish', '--reason', 'restored').status).toBe(64);
    const ran = run('publish', '--take-over', 'alder', '--reason', 'restored from a backup', '--format', 'json');
    expect(ran.status).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ takenOver: [{ org: 'alder', outcome: 'not-behind' }] });
    const unknown = run('publish', '--take-over', 'nope', '--reason', 'restored from a backup');
    expect([unknown.status, unknown.stderr.includes('ORG_UNKNOWN')]).toEqual([1, true]);
  });
});

describe('a folder that is a link', () => {
  it('is never written through', () => {
    const wallets = join(fleet.dir, 'orgs/alder/wallets');
    rmSync(wallets, { recursive: true });
    symlinkSync(outside, wallets);
    const ran = run('render', '--write');
    expect(ran.status).toBe(69);
    expect(ran.stderr).toContain('expected a folder at orgs/alder/wallets');
    symlinkSync(outside, join(fleet.dir, 'orgs/newco'));
    expect(run('org', 'add', 'newco', '--template', 'msp-standard@1.0.0').status).not.toBe(0);
    expect(readdirSync(outside)).toEqual([]);
    fleet.git('checkout', '-q', '--', 'orgs');
    unlinkSync(join(fleet.dir, 'orgs/newco'));
  });
});

describe('an org that was never applied', () => {
  it.each([
    ['drift'],
    ['status'],
    ['history'],
    ['gateway', 'list'],
    ['override', 'list'],
    ['rollout', 'status'],
    ['keys', 'show'],
  ])('is told from one that has nothing to show: %s %s', (...words) => {
    const ran = run(...words.filter((word) => word !== undefined), '--org', 'nope');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain('ORG_UNKNOWN');
  });

  it('is not the fleet, which has a history too', () => {
    expect(run('history', '--org', '_fleet').status).toBe(0);
  });
});

describe('words on the command line that lead nowhere', () => {
  it.each([['nonsense'], ['127.0.0.1:99999'], [':4100']])(
    '--listen %s is refused before anything is done',
    (listen) => {
      const ran = run('controller', '--listen', listen);
      expect(ran.status).toBe(64);
      expect(ran.stderr).toContain('expected --listen to be <host>:<port>');
    },
  );

  it('a folder where a file is meant, and a file where a folder is', () => {
    mkdirSync(join(outside, 'folder'), { recursive: true });
    expect(run('plan', '--out', join(outside, 'folder')).status).toBe(69);
    expect(run('pr', 'check', '--base', 'HEAD', '--out', join(fleet.dir, 'fleet.yaml')).status).toBe(69);
  });

  it('an event that is no JSON', () => {
    const env = { GITHUB_REPOSITORY: 'a/b', GITHUB_TOKEN: 'x', GITHUB_EVENT_PATH: join(fleet.dir, 'fleet.yaml') };
    const ran = runCli(['pr', 'comment', '-C', fleet.dir], { env });
    expect(ran.status).toBe(64);
    expect(ran.stderr).toContain('as JSON');
  });

  it('what cannot be rendered is not called up to date', () => {
    fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: 'much'");
    const ran = run('render', '--write');
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain('Not everything could be rendered');
    fleet.git('checkout', '-q', '--', 'orgs');
  });
});
