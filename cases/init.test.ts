import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowFaults } from '../scripts/forge/index.ts';
import { buildCli, fleetAt, ROOT, runCli } from './fleet.testkit.ts';

// `tenantry init` as a whole process, and what it leaves.

let parent = '';
let dir = '';

beforeAll(() => {
  buildCli();
  parent = mkdtempSync(join(tmpdir(), 'tenantry-init-'));
  dir = join(parent, 'My Fleet');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const run = (...args: readonly string[]) => runCli([...args], { cwd: parent });
const text = (path: string): string => readFileSync(join(dir, path), 'utf8');

describe('init', () => {
  it('makes a fleet that passes its own check, before and after the first commit', () => {
    const made = run('init', dir, '--platform', '@msp/platform', '--customers', '@msp/west', '--format', 'json');
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(JSON.parse(made.stdout)).toMatchObject({ schema: 'tenantry/init/v1', template: 'msp-standard@1.1.0' });
    const check = () => run('check', '-C', dir, '--format', 'json');
    expect(JSON.parse(check().stdout)).toMatchObject({ ok: true, findings: [], counters: { orgs: 1 } });
    const fleet = fleetAt(dir);
    fleet.commit('first');
    expect([check().status, fleet.git('status', '--porcelain')]).toEqual([0, '']);
    expect(run('render', '-C', dir, '--exit-code').status).toBe(0);
  });

  it('says what comes next, and that nobody has the package yet where none was named', () => {
    const told = (...more: readonly string[]) => run('init', join(parent, `next-${more.length}`), ...more).stdout;
    const plain = told();
    expect(plain).toMatch(/ 2\. npm install .*\n +No registry has it yet: .*--framework <file>\n/);
    expect(plain).toContain(' 4. tenantry keys init, then tenantry apply;');
    expect(told('--framework', 'file:tenantry.tgz')).not.toContain('No registry');
  });

  it('hands out the workflows of the framework, with the command of an installed package', () => {
    const names = readdirSync(join(dir, '.github/workflows')).sort();
    expect(names).toEqual(['check.yml', 'comment.yml', 'drift.yml', 'reconcile.yml']);
    for (const name of names) {
      const own = readFileSync(join(ROOT, '.github/workflows', name), 'utf8');
      expect(text(`.github/workflows/${name}`)).toBe(own.replaceAll('scripts/tenantry', 'node_modules/.bin/tenantry'));
      expect(workflowFaults(text(`.github/workflows/${name}`))).toEqual([]);
    }
  });

  it('names owners, and keeps them current when an org is added', () => {
    expect(text('.github/CODEOWNERS')).toContain('/orgs/orchid/ @msp/west @msp/platform\n');
    const added = run(
      'org',
      'add',
      'delta',
      '--template',
      'msp-standard@1.1.0',
      '--set',
      'owners=["@msp/north"]',
      '-C',
      dir,
    );
    expect([added.status, added.stdout]).toEqual([0, expect.stringContaining('git add orgs/delta .github/CODEOWNERS')]);
    expect(text('.github/CODEOWNERS')).toContain('/orgs/delta/ @msp/north @msp/platform\n');
    expect(run('check', '-C', dir).status).toBe(0);
  });

  it('org add gives an org to the owners of the platform, and says how it is given to others', () => {
    const added = run('org', 'add', 'echo', '--template', 'msp-standard@1.1.0', '-C', dir);
    expect(added.stdout).toMatch(/ {2}owners +@msp\/platform; another team: --set owners=/);
    expect(text('.github/CODEOWNERS')).toContain('/orgs/echo/ @msp/platform\n');
    const chosen = JSON.stringify(['@msp/east']);
    const other = ['org', 'add', 'foxtrot', '--template', 'msp-standard@1.1.0', '--set', `owners=${chosen}`];
    expect(run(...other, '-C', dir).stdout).toMatch(/ {2}owners +@msp\/east\n/);
  });

  it('org add takes a customer whose name begins with a digit', () => {
    expect(run('org', 'add', '3m', '--template', 'msp-standard@1.1.0', '-C', dir).status).toBe(0);
    expect(text('orgs/3m/org.yaml')).toContain('secretEnv: _3M_PRODUCTION_OPENAI_KEY\n');
    rmSync(join(dir, 'orgs/3m'), { recursive: true });
    expect(run('render', '--write', '-C', dir).status).toBe(0);
  });

  it('org add says where values come from that the starter lacks: there is no org.yaml to correct yet', () => {
    const sets = ['--set', 'inputs.timeZone=', '--set', 'inputs.teams=[]'];
    const added = run('org', 'add', 'golf', '--template', 'msp-standard@1.1.0', ...sets, '-C', dir);
    expect([added.status, added.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^INPUT_INVALID: .*\n +nothing was written; give other values with --set <path>=<value>\n$/s,
      ),
    ]);
  });

  it.each([
    ['domains.first=golf.example', 'an item of domains by its number, 0 to 1'],
    ['inputs.teams.displayName=Desk', 'an item of inputs.teams by its number, 0 to 1'],
    ['domains.5=golf.example', 'an item of domains by its number, 0 to 1'],
    ['inputs.none.1=x', 'an item of inputs.none by its number, 0'],
    ['inputs.contact=1e400', 'a finite number that is not -0 as inputs.contact'],
    ['displayName="\\ud800"', 'well-formed Unicode as displayName'],
    ['inputs={"__proto__": 1}', 'another key than __proto__ as inputs.__proto__'],
    [`inputs=${'['.repeat(70)}${']'.repeat(70)}`, 'at most 64 levels as inputs'],
  ])('org add says of --set %s what it takes, and writes nothing', (set, expected) => {
    const added = run('org', 'add', 'golf', '--template', 'msp-standard@1.1.0', '--set', set, '-C', dir);
    expect([added.status, added.stderr]).toEqual([1, expect.stringContaining(`SET_MALFORMED: expected ${expected}`)]);
    expect(readdirSync(join(dir, 'orgs'))).not.toContain('golf');
  });

  it('org add writes nothing beside an org that cannot be read: what it chooses depends on it', () => {
    const before = text('orgs/delta/org.yaml');
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), `<<<<<<< HEAD\n${before}`);
    const added = run('org', 'add', 'golf', '--template', 'msp-standard@1.1.0', '-C', dir);
    expect([added.status, added.stderr]).toEqual([1, expect.stringMatching(/^YAML_\w+: orgs\/delta\/org\.yaml:1: /)]);
    expect(readdirSync(join(dir, 'orgs'))).not.toContain('golf');
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), before);
  });

  it('org add says whose a uid is that it is given, also of an org that does not render or is gone, and writes nothing', () => {
    const [before, settings] = [text('orgs/delta/org.yaml'), text('fleet.yaml')];
    const uid = /uid: "?(\w+)/.exec(before)?.[1] ?? '';
    const gone = 'gone0000000000000001';
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), before.replace('msp-standard@1.1.0', 'msp-standard@9.9.9'));
    const entry = `  retiredOrgs: [{ uid: ${gone}, org: hazel, retired: '2027-01-04T09:00:00Z' }]\n`;
    writeFileSync(join(dir, 'fleet.yaml'), settings.replace(/^ {2}renderVersion:/m, `${entry}$&`));
    const said = [uid, gone].map((taken) => {
      const added = run('org', 'add', 'golf', '--template', 'msp-standard@1.1.0', '--set', `uid=${taken}`, '-C', dir);
      return [added.status, added.stderr];
    });
    const ever = 'expected a uid that no org has or ever had, found';
    expect(said).toEqual([
      [1, expect.stringContaining(`ISO_I15_SHARED_UID: ${ever} ${uid}, which is that of orgs/delta;`)],
      [
        1,
        expect.stringContaining(
          `ISO_I55_RETIRED_ORG_REUSED: ${ever} ${gone}, which was that of hazel, which was retired at 2`,
        ),
      ],
    ]);
    expect(readdirSync(join(dir, 'orgs'))).not.toContain('golf');
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), before);
    writeFileSync(join(dir, 'fleet.yaml'), settings);
  });

  it('org add gives no port away that a gateway has of an org that does not render, or may have', () => {
    const before = text('orgs/delta/org.yaml');
    const path = 'orgs/delta/gateways/production/assistants-production.yaml';
    const gateway = text(path);
    const add = () => run('org', 'add', 'golf', '--template', 'msp-standard@1.1.0', '-C', dir);
    writeFileSync(join(dir, path), gateway.replace(/(listen: .*:)\d+/, '$142572'));
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), before.replace('msp-standard@1.1.0', 'msp-standard@9.9.9'));
    expect(add()).toMatchObject({ status: 0 });
    expect(text('orgs/golf/org.yaml')).toContain(':42582"\n');
    rmSync(join(dir, 'orgs/golf'), { recursive: true });
    writeFileSync(join(dir, path), `<<<<<<< HEAD\n${gateway}`);
    expect(add()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^YAML_\w+: orgs\/delta\/gateways\//) });
    expect(readdirSync(join(dir, 'orgs'))).not.toContain('golf');
    writeFileSync(join(dir, 'orgs/delta/org.yaml'), before);
    expect(run('render', '--write', '-C', dir)).toMatchObject({ status: 0 });
  });

  it('check says of a version nobody runs yet that no org could begin with it, and org add where it is broken', () => {
    const version = join(dir, 'templates/msp-standard/1.9.0');
    cpSync(join(dir, 'templates/msp-standard/1.1.0'), version, { recursive: true });
    const edit = (from: string, to: string) => {
      const path = 'templates/msp-standard/1.9.0/template.yaml';
      expect(text(path)).toContain(from);
      writeFileSync(join(dir, path), text(path).replace(from, to));
    };
    edit('name: msp-standard@1.1.0', 'name: msp-standard@1.9.0');
    edit('    timeZone: UTC', '    zone: UTC');
    const found = JSON.parse(run('check', '-C', dir, '--format', 'json').stdout).findings;
    const told = found.map((item: { code: string; file: string }) => `${item.code} ${item.file}`);
    const file = 'templates/msp-standard/1.9.0/template.yaml';
    expect(told).toEqual([`TEMPLATE_STARTER ${file}`, `TEMPLATE_STARTER_LACKS ${file}`]);
    // Once another followed it cannot be mended any more, and who checks the whole is not told for good.
    const next = join(dir, 'templates/msp-standard/1.10.0');
    cpSync(join(dir, 'templates/msp-standard/1.1.0'), next, { recursive: true });
    const [path, head] = ['templates/msp-standard/1.10.0/template.yaml', 'name: msp-standard@1.1'] as const;
    writeFileSync(join(dir, path), text(path).replace(`${head}.0`, `${head}0.0`));
    expect(JSON.parse(run('check', '-C', dir, '--format', 'json').stdout).findings).toEqual([]);
    rmSync(next, { recursive: true });
    edit('  floors:', '  flaws: []\n  floors:');
    const added = run('org', 'add', 'golf', '--template', 'msp-standard@1.9.0', '-C', dir);
    expect([added.status, added.stderr]).toEqual([
      1,
      expect.stringMatching(/^FIELD_UNKNOWN: \S+1\.9\.0\/template\.yaml:\d+: /),
    ]);
    rmSync(version, { recursive: true });
  });

  it('makes a check that fails where the owner file is edited, and render --write repairs it', () => {
    const fleet = fleetAt(dir);
    const good = text('.github/CODEOWNERS');
    writeFileSync(join(dir, '.github/CODEOWNERS'), `${good}/orgs/delta/ @mallory\n`);
    const found = JSON.parse(run('check', '-C', dir, '--format', 'json').stdout).findings;
    expect(found.map((item: { code: string; org: string }) => [item.code, item.org])).toEqual([
      ['OWNERS_WRONG', 'delta'],
      ['OWNERS_WRONG', 'delta'],
    ]);
    fleet.edit('orgs/delta/org.yaml', '@msp/north', '@msp/south');
    expect(run('render', '-C', dir, '--exit-code').status).toBe(2);
    expect(run('render', '-C', dir, '--write').status).toBe(0);
    expect(text('.github/CODEOWNERS')).toContain('/orgs/delta/ @msp/south @msp/platform\n');
    fleet.remove('.github/CODEOWNERS');
    const missing = JSON.parse(run('check', '-C', dir, '--format', 'json').stdout).findings;
    expect(missing.map(({ code }: { code: string }) => code)).toEqual(['OWNERS_MISSING']);
  });

  it('maps every kind to its schema in the editor, and installs nothing by itself', () => {
    const settings = JSON.parse(text('.vscode/settings.json'));
    const schemas = Object.keys(settings['yaml.schemas']).map((path) => path.replace('./node_modules/tenantry/', ''));
    for (const path of schemas) expect(() => readFileSync(join(ROOT, path))).not.toThrow();
    expect(Object.values(settings['yaml.schemas'])).toContainEqual(['orgs/*/gateways/*/*.yaml']);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(JSON.parse(text('package.json'))).toMatchObject({ name: 'my-fleet', dependencies: { tenantry: version } });
  });

  it.each([
    ['--platform', 'bad', /^FIELD_VALUE: fleet\.yaml:\d+: /],
    ['--customers', 'worse', /^FIELD_VALUE: orgs\/orchid\/org\.yaml:\d+: /],
  ])('says what is wrong with %s, and leaves nothing behind', (flag, value, words) => {
    const before = readdirSync(parent).sort();
    const ran = run('init', join(parent, 'deep/new'), flag, value);
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringMatching(words)]);
    expect(ran.stderr).not.toContain('TEMPLATE_UNKNOWN');
    expect(readdirSync(parent).sort()).toEqual(before);
    const own = join(parent, 'own');
    mkdirSync(own);
    expect(run('init', own, flag, value).status).toBe(1);
    expect(readdirSync(own)).toEqual([]);
    rmSync(own, { recursive: true });
  });

  it('org add says what is wrong with fleet.yaml, or that there is none', () => {
    const bare = join(parent, 'bare');
    mkdirSync(bare);
    fleetAt(bare).git('init', '-q');
    const add = () => run('org', 'add', 'delta', '--template', 'msp-standard@1.1.0', '-C', bare);
    expect([add().status, add().stderr]).toEqual([1, expect.stringMatching(/^FLEET_MISSING: fleet\.yaml:/)]);
    writeFileSync(join(bare, 'fleet.yaml'), text('fleet.yaml').replace('onExpired: block', 'onExpired: explode'));
    expect([add().status, add().stderr]).toEqual([1, expect.stringMatching(/^FIELD_\w+: fleet\.yaml:\d+: /)]);
    expect(readdirSync(bare).sort()).toEqual(['.git', 'fleet.yaml']);
  });

  it('takes a repository that was cloned empty, below the folder that -C names', () => {
    const cloned = join(parent, 'cloned');
    mkdirSync(cloned);
    fleetAt(cloned).git('init', '-q');
    const made = run('init', 'cloned', '-C', parent, '--format', 'json');
    expect([made.status, JSON.parse(made.stdout).dir]).toEqual([0, cloned]);
    expect(run('check', '-C', cloned).status).toBe(0);
  });

  it('refuses a folder that is not empty, and writes nothing there', () => {
    const full = join(parent, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'mine.txt'), 'mine');
    const ran = run('init', full);
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringMatching(/^DIRECTORY_NOT_EMPTY: .*found mine\.txt in /)]);
    expect(readdirSync(full)).toEqual(['mine.txt']);
  });

  it
    .runIf(existsSync('/proc/self'))
    .each([
      [['init', '/proc/tenantry/fleet']],
      [['pr', 'check', '--base', 'HEAD', '--head', 'HEAD', '--out', '/proc/tenantry/report']],
    ])('says of a place where the system makes no folder that it makes none: %j', (words) => {
    const ran = run(...words, ...(words[0] === 'init' ? [] : ['-C', dir]));
    expect([ran.status, ran.stderr]).toEqual([
      69,
      expect.stringContaining("ENOENT: no such file or directory, mkdir '/proc/tenantry'"),
    ]);
  });

  it('finds what lies beside the program also where its path has spaces and letters beyond ASCII', () => {
    const { version, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const program = join(parent, 'Jörg Müller 100%', 'tenantry');
    for (const path of ['package.json', ...files]) {
      mkdirSync(dirname(join(program, path)), { recursive: true });
      cpSync(join(ROOT, path), join(program, path), { recursive: true });
    }
    const started = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join(program, 'dist/tenantry.mjs'), ...args], { cwd: parent, encoding: 'utf8' });
    expect(started('--version').stdout).toContain(`${version} (build `);
    const made = started('init', 'elsewhere');
    expect([made.status, made.stderr]).toEqual([0, '']);
  });
});
