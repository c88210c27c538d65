import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codes, instantText } from '../src/core/model/index.ts';
import { explain } from '../src/core/report/index.ts';
import { gatewayAt } from './evidence.testkit.ts';
import {
  ALDER,
  buildCli,
  createFleet,
  fleetAt,
  publishedFiles,
  ROOT,
  runCli,
  type TestFleet,
} from './fleet.testkit.ts';

// The built command as a whole process, on the real clock.

let fleet: TestFleet;
/** A folder that is nothing yet. */
let empty = '';
/** The fleet's repository without its files, as it lies on a server. */
let bareCopy = '';

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  empty = mkdtempSync(join(tmpdir(), 'tenantry-empty-'));
  bareCopy = mkdtempSync(join(tmpdir(), 'tenantry-bare-'));
  execFileSync('git', ['clone', '-q', '--bare', fleet.dir, bareCopy]);
});
afterAll(() => {
  fleet.destroy();
  rmSync(empty, { recursive: true, force: true });
  rmSync(bareCopy, { recursive: true, force: true });
});

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], how: { readonly dir?: string; readonly env?: NodeJS.ProcessEnv } = {}): Ran {
  const { status, stdout, stderr } = runCli(
    [...args, '-C', how.dir ?? fleet.dir],
    how.env === undefined ? {} : { env: how.env },
  );
  return { status, out: stdout, err: stderr };
}

/** Every file of the work tree with its digest, and what is published of alder, the org that these tests spoil. */
function snapshot(dir: string): string {
  const files = (folder: string): string[] =>
    readdirSync(join(dir, folder)).flatMap((name) => {
      const path = join(folder, name);
      if (path === '.git' || path === '.tenantry') return [];
      if (statSync(join(dir, path)).isDirectory()) return files(path);
      return [
        `${path} ${createHash('sha256')
          .update(readFileSync(join(dir, path)))
          .digest('hex')}`,
      ];
    });
  return [...files('.'), ...publishedFiles(fleetAt(dir)).filter((file) => file.includes('/alder0'))].join('\n');
}

/** Takes away what was applied and published; the keys stay. */
function forgetState(): void {
  const folder = join(fleet.dir, '.tenantry');
  for (const name of readdirSync(folder))
    if (name !== 'keys') rmSync(join(folder, name), { recursive: true, force: true });
}

describe('a Node.js that the project does not run on', () => {
  // The real programs; of the Node.js below them only what it says of itself is changed.
  const on = (version: string, program: string) =>
    spawnSync(
      process.execPath,
      [
        '--import',
        `data:text/javascript,Object.defineProperty(process,'version',{value:'${version}'})`,
        join(ROOT, 'dist', program),
        '--help',
      ],
      { encoding: 'utf8' },
    );

  it.each(['tenantry.mjs', 'tenantry-gateway.mjs'])('is named by %s before anything fails on it', (program) => {
    for (const version of ['v20.20.2', 'v22.22.1', 'v24.14.9']) {
      const { status, stdout, stderr } = on(version, program);
      expect([status, stdout]).toEqual([69, '']);
      expect(stderr).toMatch(`found ${version}.`);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    for (const version of ['v22.22.2', 'v24.15.0', 'v26.0.0']) expect(on(version, program).status).toBe(0);
  });
});

describe('what comes in wrong', () => {
  const COMMANDS = ['check', 'render', 'diff --base HEAD', 'plan', 'apply --yes', 'drift', 'status'];

  it.each(COMMANDS)('%s says that there is no repository, no folder, no git', (line) => {
    const args = line.split(' ');
    const nowhere = run(args, { dir: join(empty, 'nowhere') });
    expect([nowhere.status, nowhere.out]).toEqual([69, '']);
    expect(nowhere.err).toMatch(/^GIT_NOT_A_REPOSITORY: expected a folder at .*nowhere, found none/);
    const outside = run(args, { dir: empty });
    expect([outside.status, outside.out]).toEqual([69, '']);
    expect(outside.err).toMatch(/^GIT_NOT_A_REPOSITORY: .*git init/);
    const bare = run(args, { dir: bareCopy });
    if (line.startsWith('diff')) expect(bare.status).toBe(0);
    else expect(bare.err).toMatch(/^GIT_NOT_A_REPOSITORY: .*found a bare repository; run it in a clone/);
    const missing = run(args, { env: { PATH: '/nonexistent' } });
    expect([missing.status, missing.out]).toEqual([69, '']);
    expect(missing.err).toMatch(/^GIT_MISSING: .*install git/);
  });

  it('a folder after -C that is none, inside of a fleet: the fleet is left alone', () => {
    const head = snapshot(fleet.dir);
    for (const given of ['typo', 'typo/nested', '', 'fleet.yaml']) {
      const { status, stdout, stderr } = runCli(['apply', '--yes', '-C', given], { cwd: fleet.dir });
      expect([given, status, stdout]).toEqual([given, 69, '']);
      expect(stderr).toMatch(/^GIT_NOT_A_REPOSITORY: expected a folder at .*, found (none|a file); pass -C <dir>/);
    }
    expect(snapshot(fleet.dir)).toBe(head);
  });

  it('an empty repository, and one without fleet.yaml', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tenantry-bare-'));
    execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: dir });
    for (const args of [['plan'], ['apply', '--yes']]) {
      const ran = run(args, { dir });
      expect([ran.status, ran.out]).toEqual([1, '']);
      expect(ran.err).toMatch(/^NO_COMMIT: /);
    }
    expect(run(['diff', '--base', 'HEAD'], { dir }).err).toMatch(/^REF_UNKNOWN: /);
    for (const args of [['check'], ['render'], ['drift'], ['status']]) {
      const ran = run(args, { dir });
      expect([args, ran.status, `${ran.out}${ran.err}`.includes('FLEET_MISSING')]).toEqual([args, 1, true]);
    }
    expect(readdirSync(dir)).toEqual(['.git']);
    rmSync(dir, { recursive: true, force: true });
  });

  const EDITS: readonly {
    readonly what: string;
    readonly code: RegExp;
    readonly place: RegExp;
    readonly edit: () => void;
  }[] = [
    {
      what: 'YAML that does not parse',
      code: /YAML_/,
      place: /orgs\/alder\/org\.yaml:\d+:\d+/,
      edit: () => fleet.edit('orgs/alder/org.yaml', 'timeZone: Europe/Berlin', 'timeZone: [Europe/Berlin'),
    },
    {
      what: 'an unknown kind',
      code: /KIND/,
      place: /orgs\/alder\/custom\/x\.yaml:\d+:\d+/,
      edit: () =>
        fleet.write(
          'orgs/alder/custom/x.yaml',
          'apiVersion: tenantry/v1\nkind: Gadget\nmetadata: { org: alder, name: x }\nspec: {}\n',
        ),
    },
    {
      what: 'an unknown field',
      code: /FIELD_/,
      place: /orgs\/alder\/org\.yaml:\d+:\d+/,
      edit: () => fleet.edit('orgs/alder/org.yaml', '  isolation: dedicated', '  isolation: dedicated\n  colour: blue'),
    },
    {
      what: 'broken settings',
      code: /YAML_|FIELD_/,
      place: /fleet\.yaml:\d+:\d+/,
      edit: () => fleet.edit('fleet.yaml', 'renderVersion: 1', 'renderVersion: one'),
    },
  ];

  it.each(EDITS)(
    '$what is a finding with file, line and column in check, and refused by plan and apply',
    ({ edit, code, place }) => {
      const head = fleet.head();
      edit();
      try {
        const checked = run(['check']);
        expect(checked.status).toBe(1);
        expect(checked.out).toMatch(code);
        expect(checked.out).toMatch(place);
        expect(checked.out).toMatch(/expected .*\n\s+found .*\n\s+fix /);
        // git looks at the work tree while HEAD is planned: nothing of that may be told or applied.
        for (const args of [['plan'], ['apply', '--yes']]) {
          const ran = run(args);
          expect([args, ran.status, ran.out]).toEqual([args, 1, '']);
          expect(ran.err).toMatch(/^DIRTY_TREE: .*commit them/);
        }
        expect(existsSync(join(fleet.dir, '.tenantry/published'))).toBe(false);
        fleet.commit('broken');
        const before = snapshot(fleet.dir);
        for (const args of [['plan'], ['apply', '--yes']]) {
          const ran = run(args);
          expect([args, ran.status]).toEqual([args, 1]);
          expect(`${ran.out}${ran.err}`).toMatch(code);
          expect(`${ran.out}${ran.err}`).not.toMatch(/BUG|at .*\.mjs:/);
        }
        expect(snapshot(fleet.dir)).toBe(before);
      } finally {
        fleet.git('reset', '-q', '--hard', head);
        fleet.git('clean', '-qfd');
        rmSync(join(fleet.dir, '.tenantry/store.db'), { force: true });
        rmSync(join(fleet.dir, '.tenantry/published'), { recursive: true, force: true });
      }
    },
  );

  it('an unknown org, commit, code, field', () => {
    for (const [args, code] of [
      [['check', '--org', 'nobody'], 'ORG_UNKNOWN'],
      [['render', '--org', 'nobody'], 'ORG_UNKNOWN'],
      [['plan', '--org', 'nobody'], 'ORG_UNKNOWN'],
      [['waiver', 'list', '--org', 'nobody'], 'ORG_UNKNOWN'],
      [['why', 'nobody', 'Wallet/desk', 'spec.limit'], 'ORG_UNKNOWN'],
      [['why', 'alder', 'Wallet/nothing', 'spec.limit'], 'OBJECT_UNKNOWN'],
      [['why', 'alder', 'Wallet/desk', 'spec.colour'], 'OBJECT_FIELD_UNKNOWN'],
      [['diff', '--base', 'nowhere'], 'REF_UNKNOWN'],
      [['plan', '--commit', '--output=x'], 'REF_UNKNOWN'],
      [['explain', 'NO_SUCH_CODE'], 'CODE_UNKNOWN'],
      [['token', 'issue', 'alder/nothing'], 'TOKEN_UNKNOWN'],
      [['apply', '--plan', 'nowhere.json'], 'PLAN_FILE'],
    ] as const) {
      const ran = run(args);
      expect([args, ran.status, `${ran.out}${ran.err}`.includes(code)]).toEqual([args, 1, true]);
    }
    expect(run(['why', 'alder', 'Wallet/desk', 'spec.period.zone']).err).toMatch(
      /^OBJECT_FIELD_UNKNOWN: expected a field of Wallet\/desk \(spec\.period has anchorDay, .*\), found spec\.period\.zone\n/,
    );
    expect(fleet.git('status', '--porcelain')).toBe('');
  });

  it('a code alone, with what to do from its entry; a message that says it already stands alone', () => {
    const said = run(['token', 'issue', 'alder/nobody']);
    expect(said).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^TOKEN_UNKNOWN: .* found nobody\nAdd the Token/),
    });
    const own = run(['org', 'add', 'alder', '--template', 'msp-standard@1.1.0']);
    expect(own.err).toBe('ORG_EXISTS: expected a new org, found orgs/alder; pick another name\n');
  });

  it('nothing where only the version is asked for', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
    const said = run(['--version']);
    expect([said.status, said.err]).toEqual([0, '']);
    expect(said.out).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')} \\(build [0-9a-f]{12}, Node\\.js v\\d`));
  });

  it('usage, with a word on what would be right', () => {
    for (const args of [
      ['nonsense'],
      ['check', '--format', 'xml'],
      ['check', '--colour'],
      ['check', '--org', 'No Name!'],
      ['diff'],
      ['history'],
      ['history', '--org', 'alder', '--limit', '0'],
      ['history', '--org', 'alder', '--limit', '1e2'],
      ['token', 'issue', 'alder'],
      ['org', 'add', 'delta'],
      ['why', 'alder'],
      ['forge', 'drift', '--in', 'nowhere.json'],
      ['escalations', 'list', '--org', 'alder', '--state', 'opened'],
    ]) {
      const ran = run(args);
      expect([args, ran.status, ran.out]).toEqual([args, 64, '']);
      expect(ran.err).toMatch(/^USAGE: /);
      if (!ran.err.includes('expected')) expect(ran.err).toMatch(/\nSee `tenantry .*--help`\.\n$/);
    }
    const typo = run(['chekc']);
    expect([typo.status, typo.err.includes('check')]).toEqual([64, true]);
  });

  it('an unreadable store', () => {
    const store = join(fleet.dir, '.tenantry/store.db');
    forgetState();
    mkdirSync(store);
    const folder = run(['plan']);
    rmSync(store, { recursive: true });
    writeFileSync(store, 'this is no database, only text that is long enough to be looked at as one '.repeat(20));
    const garbage = run(['plan']);
    const applied = run(['apply', '--yes']);
    expect(readFileSync(store, 'utf8')).toMatch(/^this is no database/);
    // What a copy onto a full disk leaves: the next apply would begin all orgs anew, and deny nothing that was denied.
    const published = join(fleet.dir, '.tenantry/published');
    mkdirSync(join(published, 'someone'), { recursive: true });
    writeFileSync(store, '');
    const emptied = [run(['status']), run(['apply', '--yes']), run(['org', 'offboard', 'alder'])];
    expect(readFileSync(store, 'utf8')).toBe('');
    rmSync(published, { recursive: true });
    rmSync(store);
    for (const ran of [folder, garbage, applied, ...emptied]) {
      expect([ran.status, ran.out]).toEqual([69, '']);
      expect(ran.err).toMatch(/^STORE_[A-Z_]+: .*expected .*found /);
    }
  });

  it('no keys: what could not be published is said, each customer with what to do, and is published once there are some', () => {
    const bare = mkdtempSync(join(tmpdir(), 'tenantry-bare-'));
    execFileSync('git', ['clone', '--quiet', fleet.dir, bare]);
    const applied = run(['apply', '--yes'], { dir: bare });
    const again = run(['publish'], { dir: bare });
    const made = run(['keys', 'init', '--quiet'], { dir: bare });
    const after = run(['publish'], { dir: bare });
    const idle = run(['publish'], { dir: bare });
    rmSync(bare, { recursive: true, force: true });
    expect(applied.status).toBe(1);
    for (const org of ['alder', 'birch']) {
      expect(applied.out).toMatch(new RegExp(`^applied {2}${org} `, 'm'));
      expect(applied.out).toMatch(new RegExp(`^unpublished ${org} {2}PUBLISH_ROOT_MISSING: `, 'm'));
    }
    // What to do is said once, not for each org.
    expect(applied.out.match(/^fix PUBLISH_ROOT_MISSING: .*`tenantry keys init`/gm)).toHaveLength(1);
    expect([again.status, again.out]).toEqual([1, expect.stringMatching(/^Published 0 orgs with 0 .* could not be/)]);
    expect([made.status, after.status]).toEqual([0, 0]);
    expect(after.out).toMatch(/^Published [1-9]\d* orgs with [1-9]\d* signatures\.\n$/);
    expect([idle.status, idle.out]).toEqual([0, 'Nothing to publish.\n']);
  });

  it('a port in use: nothing keeps running, nothing stays locked', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ran = run(['controller', '--listen', `127.0.0.1:${port}`]);
    server.close();
    expect(ran.status).toBe(69);
    expect(ran.err).toMatch(/ADDRESS_IN_USE: .*stop what listens there/);
    expect(existsSync(join(fleet.dir, '.tenantry/controller.json'))).toBe(false);
    expect(run(['publish']).status).toBe(0);
  });
});

describe('answers', () => {
  let base = '';

  beforeAll(() => {
    base = fleet.head();
  });

  /** The answer; that it fits its schema was looked at when it came. */
  function valid(name: string, ran: Ran): { readonly [key: string]: unknown } {
    const answer = JSON.parse(ran.out) as { readonly [key: string]: unknown };
    expect(answer['schema']).toBe(`tenantry/${name}/v1`);
    return answer;
  }

  it('as JSON fit their published schemas, all along the life of a change', async () => {
    expect(run(['apply', '--yes', '--format', 'json'])).toMatchObject({ status: 0 });
    fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '120.00'");
    expect(valid('render', run(['render', '--format', 'json']))).toMatchObject({ ok: true, stale: [{ org: 'alder' }] });
    expect(run(['render', '--exit-code']).status).toBe(2);
    const stale = run(['check', '--format', 'json']);
    expect([stale.status, valid('check', stale)['ok']]).toEqual([1, false]);
    expect(valid('render', run(['render', '--write', '--format', 'json']))['written']).toEqual([
      'orgs/alder/wallets/desk.yaml',
    ]);
    expect(valid('check', run(['check', '--format', 'json']))).toMatchObject({ ok: true, findings: [] });
    fleet.commit('limit');

    const diffed = run(['diff', '--base', base, '--format', 'json', '--exit-code']);
    const planned = run(['plan', '--format', 'json', '--exit-code', '--out', join(fleet.dir, '.tenantry/plan.json')]);
    expect([diffed.status, planned.status]).toEqual([2, 2]);
    expect(valid('plan', planned)['changeDigest']).toBe(valid('diff', diffed)['changeDigest']);

    const asked = run(['apply']);
    expect([asked.status, asked.out]).toEqual([1, '']);
    expect(asked.err).toMatch(/Nothing was applied\. Run again with --yes/);
    const applied = run(['apply', '--plan', join(fleet.dir, '.tenantry/plan.json'), '--format', 'json']);
    expect(applied.status).toBe(0);
    expect(valid('apply', applied)).toMatchObject({
      ok: true,
      orgs: [{ org: 'alder', outcome: 'applied', generation: 2 }],
    });
    const again = run(['apply', '--plan', join(fleet.dir, '.tenantry/plan.json'), '--format', 'json']);
    expect([again.status, valid('apply', again)]).toMatchObject([0, { ok: true, orgs: [], published: [] }]);
    expect(run(['apply', '--plan', join(fleet.dir, '.tenantry/plan.json')]).out).toMatch(
      /^Nothing to apply: .*\nAll of plan [0-9a-f]{64} was applied before\.$/m,
    );
    const other = run(['apply', '--expect', '0'.repeat(64), '--format', 'json']);
    expect([other.status, valid('apply', other)['ok']]).toEqual([1, false]);
    expect(other.out).toContain('PLAN_STALE');

    expect(valid('status', run(['status', '--format', 'json']))['gateways']).toHaveLength(3);
    expect(valid('history', run(['history', '--org', 'alder', '--format', 'json']))).toMatchObject({
      chain: 'intact',
      entries: [{}, {}],
    });
    expect(run(['drift', '--format', 'json']).status).toBe(0);
    // What cannot be told is no "no drift".
    fleet.edit('orgs/birch/org.yaml', 'timeZone: Europe/Berlin', 'timeZone: [Europe/Berlin');
    const blind = run(['drift']);
    expect([blind.status, blind.out]).toEqual([
      2,
      expect.stringMatching(/birch .*cannot be told: orgs\/birch\/org\.yaml:\d+/),
    ]);
    fleet.git('checkout', '-q', 'orgs/birch');
    renameSync(join(fleet.dir, 'orgs/birch'), join(fleet.dir, 'birch'));
    const gone = run(['drift']);
    // Neither way back is offered where none leads back.
    expect([gone.status, gone.out]).toEqual([
      2,
      expect.stringMatching(/^repository +birch +orgs\/birch is not in the work tree, .* removes it\n$/),
    ]);
    expect(run(['drift', '--heal']).out).toMatch(
      /^Left for a person:\n {2}birch {2}orgs\/birch is not in the work tree, .*: bring it back, or apply/m,
    );
    renameSync(join(fleet.dir, 'birch'), join(fleet.dir, 'orgs/birch'));
    const places = readdirSync(join(fleet.dir, '.tenantry/published'));
    const birch = places.find((name) => name.startsWith('birch')) ?? '';
    const timestamp = join(fleet.dir, '.tenantry/published', birch, 'timestamp.json');
    const bytes = readFileSync(timestamp);
    rmSync(timestamp);
    // What the repository does not say cannot be written into it.
    expect(run(['drift']).out).toMatch(/are gone: timestamp\.json\nRun `tenantry drift --heal` to bring it back\.\n$/);
    writeFileSync(timestamp, bytes);
    fleet.edit('orgs/birch/wallets/desk.yaml', '100.00', '7.00');
    const drifted = run(['drift', '--format', 'json']);
    expect([drifted.status, valid('drift', drifted)]).toMatchObject([
      2,
      { drifts: [{ where: 'repository', org: 'birch' }] },
    ]);
    const healed = run(['drift', '--heal', '--format', 'json']);
    expect([healed.status, valid('drift', healed)]).toMatchObject([
      0,
      { written: ['orgs/birch/wallets/desk.yaml'], left: [] },
    ]);
    expect(fleet.git('status', '--porcelain')).toBe('');
    // Some twenty commands, each a process.
  }, 60_000);

  it('as JSON of what stands beside a change fit theirs too', async () => {
    const answer = (name: string, ...args: readonly string[]) => {
      const ran = run([...args, '--format', 'json']);
      expect([args, ran.status]).toEqual([args, 0]);
      return valid(name, ran);
    };
    const app = ['alder/app'];
    const secrets = (): unknown =>
      (answer('tokens', 'token', 'list', 'alder')['tokens'] as readonly { readonly token: string }[]).find(
        ({ token }) => token === 'app',
      );
    expect(secrets()).toMatchObject({ credentials: [] });
    const { id, notAfter } = answer('token', 'token', 'issue', ...app);
    expect(secrets()).toMatchObject({ credentials: [{ id, notAfter }] });
    expect(answer('token', 'token', 'rotate', ...app)).toMatchObject({ org: 'alder', token: 'app' });
    expect(answer('token', 'token', 'revoke', ...app)).toMatchObject({ org: 'alder', token: 'app', revoked: 2 });
    const added = answer('org', 'org', 'add', 'delta', '--template', 'msp-standard@1.1.0');
    expect(added).toMatchObject({ org: 'delta', presignedLeft: null, parts: { tokens: expect.any(Array) } });
    expect(answer('orgs', 'org', 'list')['orgs']).toHaveLength(4);
    expect(answer('templates', 'template', 'list')).toMatchObject({ refused: [], unused: expect.any(Array) });
    fleet.git('checkout', '-q', '.');
    fleet.git('clean', '-qfd');
    expect(answer('explain', 'explain', 'hazard_open')).toMatchObject({ code: 'HAZARD_OPEN' });
    expect(answer('why', 'why', 'alder', 'Organization/alder', 'spec.uid')).toMatchObject({
      value: 'alder000000000000001',
      ...{ template: null, inputs: [], overlay: null, written: { file: 'orgs/alder/org.yaml' } },
    });
    expect(answer('drill', 'drill', 'stolen-online-key')).toMatchObject({ drill: 'stolen-online-key', ok: true });

    const desk = 'alder/desk-production';
    expect(answer('enrolment', 'gateway', 'enroll', desk)).toMatchObject({ org: 'alder', gateway: 'desk-production' });
    const open = await fleet.open({ nowMs: Date.now });
    await gatewayAt(open.state.runtime, ALDER, 'desk-production');
    open.close();
    expect(answer('gateways', 'gateway', 'list')).toMatchObject({ gateways: [{ org: 'alder', revokedAt: null }] });
    expect(answer('gateway', 'gateway', 'revoke', desk)).toMatchObject({ gateway: 'desk-production', revoked: true });
    expect(answer('gateways', 'gateway', 'list')['gateways']).not.toMatchObject([{ revokedAt: null }]);
    expect(run(['gateway', 'revoke', desk])).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^GATEWAY_UNKNOWN: .*, found desk-production, which was revoked 20.*Z\n/),
    });

    const bare = mkdtempSync(join(tmpdir(), 'tenantry-bare-'));
    execFileSync('git', ['clone', '--quiet', fleet.dir, bare]);
    const made = run(['keys', 'init', '--print-root', '--format', 'json'], { dir: bare });
    expect(valid('keys', made)).toMatchObject({ created: true, printed: [{ name: expect.any(String) }] });
    expect(valid('keys-show', run(['keys', 'show', '--format', 'json'], { dir: bare }))).toMatchObject({ orgs: [] });
    const applied = valid('apply', run(['apply', '--yes', '--format', 'json'], { dir: bare }));
    expect(applied['published']).toMatchObject([{ findings: [{ code: 'PUBLISH_ROOT_MISSING' }] }, {}, {}]);
    expect(valid('status', run(['status', '--format', 'json'], { dir: bare }))['gateways']).toMatchObject([
      { freshUntil: null, signedAt: null },
      ...[{}, {}],
    ]);
    rmSync(bare, { recursive: true, force: true });
  }, 90_000);

  it('are the same from a folder inside the repository', () => {
    const inside = run(['org', 'list'], { dir: join(fleet.dir, 'orgs/alder') });
    expect([inside.status, inside.out]).toEqual([0, run(['org', 'list']).out]);
  });

  it('in a linked work tree say that its store and seeds are not those of the clone, where these stand', async () => {
    const made = await createFleet();
    const linked = mkdtempSync(join(tmpdir(), 'tenantry-linked-'));
    try {
      made.git('worktree', 'add', '-q', '-b', 'side', linked);
      expect(run(['status'], { dir: linked }).err).toBe('');
      expect(run(['status'], { dir: made.dir })).toMatchObject({ status: 0, err: '' });
      const words = (what: string) =>
        `warning this is a linked work tree, whose .tenantry/${what} is not that of ${made.dir}: `;
      for (const args of [['status', '--quiet'], ['plan'], ['drift']])
        expect([args, run(args, { dir: linked }).err]).toEqual([args, expect.stringContaining(words('store.db'))]);
      expect(run(['keys', 'init'], { dir: linked })).toMatchObject({
        status: 0,
        err: expect.stringContaining(words('keys')),
      });
      expect(run(['check'], { dir: linked })).toMatchObject({ status: 0, err: '' });
    } finally {
      made.destroy();
      rmSync(linked, { recursive: true, force: true });
    }
  });

  it('are plain without a terminal, with NO_COLOR and with --quiet', () => {
    const painted = new RegExp(String.fromCharCode(27));
    for (const env of [{}, { NO_COLOR: '1' }, { NO_COLOR: '' }])
      expect(run(['status'], { env }).out).not.toMatch(painted);
    const forced = run(['plan', '--no-color'], { env: { FORCE_COLOR: '1' } });
    expect(`${forced.out}${forced.err}`).not.toMatch(painted);
    const loud = run(['token', 'issue', 'clove/app']);
    const quiet = run(['token', 'issue', 'clove/app', '--quiet']);
    expect([loud.err === '', quiet.err]).toEqual([false, '']);
    expect(quiet.out).toMatch(/^tnt_\S+\n$/);
    fleet.git('checkout', '-q', '.');
    fleet.git('clean', '-qfd');
  });

  it('end quietly when the reader goes away', () => {
    const command = `"${process.execPath}" "${join(ROOT, 'dist/tenantry.mjs')}" org list -C "${fleet.dir}" | true; echo "\${PIPESTATUS[0]}"`;
    const out = execFileSync('bash', ['-c', `${command} 2>&1`], { encoding: 'utf8' });
    expect(out).toBe('0\n');
  });

  it.each(['--help', '--version', 'status --help', 'org list', 'check', 'org list --format json'])(
    'say so where what they have to say cannot be written: %s',
    (words) => {
      const program = `"${process.execPath}" "${join(ROOT, 'dist/tenantry.mjs')}"`;
      const ran = spawnSync('bash', ['-c', `cd "${fleet.dir}" && ${program} ${words} >/dev/full`], {
        encoding: 'utf8',
      });
      expect([ran.status, ran.stderr]).toEqual([69, 'ENOSPC: no space left on device, write\n']);
    },
  );

  it('explain every code of the table, and print the long form', () => {
    for (const code of Object.keys(codes)) expect([code, (explain(code) ?? '').length > 80]).toEqual([code, true]);
    const printed = run(['explain', 'hazard_open']);
    expect([printed.status, printed.out.trim()]).toEqual([0, explain('HAZARD_OPEN')?.trim()]);
  });

  it('list every command with an example in --help', () => {
    const help = runCli(['--help']);
    expect(help.status).toBe(0);
    for (const name of [
      'check',
      'diff',
      'plan',
      'apply',
      'drift',
      'status',
      'history',
      'why',
      'explain',
      'token',
      'keys',
    ])
      expect(help.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    expect(runCli(['token', 'issue', '--help']).stdout).toContain('Example:');
  });
});

describe('a change with hazards', () => {
  /** The command of a report, as somebody would run it. */
  const accepting = (report: string): readonly string[] => {
    const [, command = ''] = /must be accepted: `tenantry (.*)`/.exec(report) ?? [];
    return [
      ...command
        .replace('@you', '@msp/otto')
        .replace('…', 'agreed')
        .matchAll(/"([^"]*)"|\S+/g),
    ].map(([word, quoted]) => quoted ?? word);
  };

  it('is approved by the very command that diff and plan print, by a handle and by nothing else', async () => {
    const made = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
    try {
      const at = { dir: made.dir };
      expect(run(['apply', '--yes'], at).status).toBe(0);
      made.remove('orgs/clove');
      await made.save('clove leaves');
      const command = accepting(run(['diff', '--base', 'HEAD~1'], at).out);
      const nobody = run(
        command.map((word) => (word === '@msp/otto' ? 'otto' : word)),
        at,
      );
      expect([nobody.status, nobody.err]).toEqual([1, expect.stringMatching(/^FIELD_VALUE: .*approver/)]);
      expect(made.git('status', '--porcelain')).toBe('');
      const approved = run([...command, '--format', 'json'], at);
      expect([approved.status, JSON.parse(approved.out)]).toEqual([
        0,
        {
          schema: 'tenantry/approval/v1',
          path: expect.stringMatching(/^approvals\/[0-9a-f]{64}\.yaml$/),
          hazards: expect.any(Number),
          replaced: null,
        },
      ]);
      made.git('clean', '-qfd');
      expect(accepting(run(['plan'], at).out)).toEqual(command);
      expect(run(accepting(run(['plan'], at).out), at).status).toBe(0);
      made.git('clean', '-qfd');
      // Of a part of the change there is no diff, so none is named.
      made.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '90.00'");
      await made.save('and birch has less');
      const part = run(['plan', '--org', 'clove'], at).out;
      const look =
        /must be accepted, by the digest that this shows: `tenantry (diff --base [0-9a-f]{40} --head [0-9a-f]{40})`/;
      const [, whole = ''] = look.exec(part) ?? [];
      expect(run(whole.split(' '), at).out).toMatch(/must be accepted: `tenantry approve [0-9a-f]{64} /);
    } finally {
      made.destroy();
    }
  });

  it('keeps the approval that somebody gave, which only they write anew, or who comes when it does not do any more', async () => {
    const made = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
    const at = { dir: made.dir };
    try {
      made.remove('orgs/clove');
      await made.save('clove leaves');
      const command = accepting(run(['diff', '--base', 'HEAD~1'], at).out);
      const by = (who: string) => command.map((word) => (word === '@msp/otto' ? who : word));
      const path = `approvals/${command[1]}.yaml`;
      expect(run(by('@msp/otto'), at).out).not.toContain('in place of');
      const given = made.read(path);
      const other = run(by('@msp/ursa'), at);
      expect([other.status, other.err]).toEqual([
        1,
        expect.stringMatching(/^APPROVAL_STANDS: .* of @msp\/otto until /),
      ]);
      expect(made.read(path)).toBe(given);
      expect(run([...by('@MSP/otto'), '--days', '9'], at).out).toContain('in place of that of @msp/otto until ');
      made.write(path, made.read(path).replace(/id: .*/, "id: 'OTHER:clove'"));
      expect(run(by('@msp/ursa'), at).status).toBe(0);
      made.write(path, made.read(path).replace(/expires: .*/, "expires: '2026-01-01T00:00:00Z'"));
      const anew = JSON.parse(run([...by('@msp/otto'), '--format', 'json'], at).out);
      expect(anew.replaced).toEqual({ approver: '@msp/ursa', expires: '2026-01-01T00:00:00Z' });
    } finally {
      made.destroy();
    }
  });

  it('is not approved where it has no hazards', async () => {
    const made = await createFleet();
    const at = { dir: made.dir };
    try {
      made.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '90.00'");
      await made.save('birch has less');
      const [, digest = ''] = /^change +([0-9a-f]{64})$/m.exec(run(['diff', '--base', 'HEAD~1'], at).out) ?? [];
      const why = ['--base', 'HEAD~1', '--as', '@msp/otto', '--reason', 'agreed'];
      const none = run(['approve', digest, ...why], at);
      expect([none.status, none.err]).toEqual([1, expect.stringMatching(/^APPROVAL_NEEDLESS: /)]);
      // Nobody knows what it changes, and nothing of it is applied.
      made.edit('orgs/birch/org.yaml', "limit: '90.00'", 'limit: [90.00]');
      made.commit('birch does not stand');
      const [, unknown = ''] = /^change +([0-9a-f]{64})$/m.exec(run(['diff', '--base', 'HEAD~1'], at).out) ?? [];
      const blind = run(['approve', unknown, ...why], at);
      expect([blind.status, blind.err]).toEqual([
        1,
        expect.stringMatching(/^APPLY_INVALID: .*birch cannot be rendered: /),
      ]);
      expect(made.git('status', '--porcelain')).toBe('');
    } finally {
      made.destroy();
    }
  });
});

describe("why, on this repository's own fleet", () => {
  let own: TestFleet;

  beforeEach(() => {
    own = fleetAt(ROOT);
  });

  it('names the template line and the input line of a wallet of acme', () => {
    const ran = run(['why', 'acme', 'Wallet/support', 'spec.limit'], { dir: own.dir });
    expect(ran.status).toBe(0);
    const template = /template {2}(templates\/\S+\/wallets\.yaml):(\d+):\d+/.exec(ran.out);
    const input = /input {5}(orgs\/acme\/org\.yaml):(\d+):\d+/.exec(ran.out);
    const line = (match: RegExpExecArray | null): string =>
      own.read(match?.[1] ?? '').split('\n')[Number(match?.[2]) - 1] ?? '';
    expect(line(template)).toContain('limit:');
    expect(line(input)).toMatch(/support.*limit: |limit: /);
    expect(ran.out).not.toContain('overlay');
  });

  it('shows a list as the manifest has it', () => {
    const ran = run(['why', 'acme', 'Policy/production/standard', 'spec.document.policies.chain'], {
      dir: own.dir,
    });
    expect(ran.out).toContain(
      'chain = ["prompt-injection","dlp-filter","pii-detector","data-routing-policy","audit-logger"]',
    );
  });

  it("names the overlay too on the field that cedar's overlay sets", () => {
    const ran = run(['why', 'cedar', 'Wallet/dispatch', 'spec.limit', '--format', 'json'], { dir: own.dir });
    expect([ran.status, JSON.parse(ran.out)]).toMatchObject([
      0,
      { value: '600.00', overlay: { file: 'orgs/cedar/overlays/dispatch-budget.yaml' }, template: {}, inputs: [{}] },
    ]);
  });
});
