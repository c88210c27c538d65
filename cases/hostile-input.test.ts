import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CommitId, commitId, instantText, type RepoPath } from '../src/core/model/index.ts';
import { judgePull } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { wireRepository } from '../src/wire.ts';
import { buildCli, createFleet, runCli, type TestFleet } from './fleet.testkit.ts';

// What somebody can put into a pull request, or into the clone that judges it: each gets one clear finding (or answer)
// at its place, and nothing runs, is fetched or is written.

let fleet: TestFleet;
let base: CommitId;
let folder = '';

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  base = fleet.head();
});
afterAll(() => fleet.destroy());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-hostile-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  fleet.git('checkout', '-q', '-f', 'main');
  fleet.git('clean', '-qffd');
});

const ORG_YAML = 'orgs/alder/org.yaml';

const gitWith = (input: string | Buffer, ...args: string[]): string =>
  execFileSync('git', args, { cwd: fleet.dir, input, encoding: 'utf8', maxBuffer: 1 << 28 }).trim();
const blob = (text: string | Buffer): string => gitWith(text, 'hash-object', '-w', '--stdin');

const commitOf = (tree: string, ...parents: readonly string[]): CommitId => {
  const person = ['-c', 'user.name=Ana', '-c', 'user.email=ana@msp.example'];
  const given = (parents.length === 0 ? [base] : parents).flatMap((parent) => ['-p', parent]);
  return commitId(fleet.git(...person, 'commit-tree', tree, ...given, '-m', 'change')) as CommitId;
};

/** A commit with one entry put into a folder of the base: git's plumbing takes what no work tree can hold. */
const planted = (path: readonly string[], entry: string): CommitId => {
  const name = entry.slice(entry.indexOf('\t') + 1);
  const treeWith = (tree: string, [step, ...rest]: readonly string[]): string => {
    const records = fleet.git('ls-tree', tree).split('\n').filter(Boolean);
    const nameOf = (record: string): string => record.slice(record.indexOf('\t') + 1);
    const own = records.find((record) => nameOf(record) === (step ?? name));
    const others = records.filter((record) => record !== own);
    if (step === undefined) return gitWith([...others, entry].join('\n').concat('\n'), 'mktree', '--missing');
    const below = treeWith(own?.split(/\s/)[2] ?? '', rest);
    return gitWith([...others, `040000 tree ${below}\t${step}`].join('\n').concat('\n'), 'mktree', '--missing');
  };
  return commitOf(treeWith(`${base}^{tree}`, path));
};

/** A commit of what `edit` does to the work tree; generated files stay as they were unless `render` is asked for. */
const edited = async (edit: () => void, how: { readonly render?: boolean } = {}): Promise<CommitId> => {
  fleet.git('checkout', '-q', '--detach', base);
  edit();
  if (how.render === true) await fleet.render();
  const head = fleet.commit('change');
  fleet.git('checkout', '-q', '-f', 'main');
  return head;
};

const judged = async (head: CommitId, from: CommitId = base) => {
  const { repository } = await wireRepository(fleet.dir);
  const clock = { nowMs: () => Date.now() };
  const answer = await judgePull(
    { repository, hash: nodeHash, zoneOffset: nodeZoneOffset, clock, threads: null },
    { base: from, head },
  );
  if (answer === undefined) throw new Error('expected a common commit');
  return answer;
};

/** `CODE file:line`, each once, as they come. */
const found = async (head: CommitId): Promise<readonly string[]> => {
  const { check } = await judged(head);
  return [...new Set(check.findings.map(({ code, place }) => `${code} ${place.file}:${place.line}`))];
};

/** org.yaml of alder as another text. */
type Retold = (text: string) => string | Buffer;

const retold =
  (from: string, to: string): Retold =>
  (text) => {
    expect(text).toContain(from);
    return text.replace(from, () => to);
  };
/** A commit of it, without a work tree; generated files stay as they were. */
const told = (make: Retold): CommitId =>
  planted(
    ['orgs', 'alder'],
    `100644 blob ${blob(make(fleet.git('show', `${base}:${ORG_YAML}`).concat('\n')))}\torg.yaml`,
  );
const org = (from: string, to: string) => () => fleet.edit(ORG_YAML, from, to);

const ZONE = 'timeZone: Europe/Berlin';
const NAME = 'displayName: alder Trading';

describe('a file whose content no reader should meet', () => {
  it.each<[string, Retold, string]>([
    ['an alias bomb', retold(ZONE, 'timeZone: [&a [x, x, x, x], *a, *a, *a]'), 'YAML_ALIAS'],
    ['5,000 levels', retold(ZONE, `timeZone: ${'['.repeat(5_000)}${']'.repeat(5_000)}`), 'YAML_TOO_DEEP'],
    ['100 MB', (text) => `${text}# ${'x'.repeat(100 << 20)}\n`, 'YAML_TOO_LARGE'],
    ['binary', () => Buffer.from([0, 1, 2, 255, 254, 0]), 'YAML_ENCODING'],
    ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'YAML_ENCODING'],
    ['Latin-1', (text) => Buffer.from(text.replace('alder Trading', 'alder \u00e9'), 'latin1'), 'YAML_ENCODING'],
    ['a byte order mark', (text) => `\ufeff${text}`, 'YAML_ENCODING'],
    ['a control character', retold(NAME, 'displayName: alder \u0007'), 'YAML_CONTROL_CHARACTER'],
    ['a control character in an escape', retold(NAME, 'displayName: "alder \\u0007"'), 'YAML_CONTROL_CHARACTER'],
    ['a bidi override', retold('isolation: dedicated', 'isolation: dedicated # \u202e'), 'YAML_CONTROL_CHARACTER'],
    ['a bidi override in an escape', retold(NAME, 'displayName: "alder \\u202e"'), 'YAML_CONTROL_CHARACTER'],
    ['a bidi override in a key', retold(ZONE, `${ZONE}\n    "a\\u202e": 1`), 'YAML_CONTROL_CHARACTER'],
    ['a tag', retold(ZONE, 'timeZone: !!js/function Europe/Berlin'), 'YAML_TAG'],
    ['two documents', (text) => `${text}---\na: 1\n`, 'YAML_MULTIPLE_DOCUMENTS'],
    ['a key twice', retold(ZONE, `${ZONE}\n    ${ZONE}`), 'YAML_DUPLICATE_KEY'],
    ['a key __proto__', retold(ZONE, `${ZONE}\n    __proto__: { a: 1 }`), 'YAML_KEY'],
    ['an unfinished merge', retold(`    ${ZONE}`, `<<<<<<< ours\n    ${ZONE}\n=======\n>>>>>>> theirs`), 'YAML_SYNTAX'],
  ])('%s', async (_, make, code) => {
    const findings = (await judged(told(make))).check.findings;
    expect([...new Set(findings.map((item) => item.code))]).toEqual([code]);
    for (const { place, fix } of findings) {
      expect(place.file).toBe(ORG_YAML);
      expect(fix).not.toBe('');
    }
  });

  it('an unfinished merge is called that', async () => {
    const head = told(retold(`    ${ZONE}`, `<<<<<<< ours\n    ${ZONE}\n=======\n>>>>>>> theirs`));
    const [only] = (await judged(head)).check.findings;
    expect([only?.message, only?.place.line]).toEqual(['a merge stands unfinished here', 16]);
  });
});

describe('a path, mode or folder that does not belong', () => {
  const orgTree = (name: string): string => fleet.git('rev-parse', `${base}:orgs/${name}`);
  const withoutOrgs = (): string => {
    const others = fleet
      .git('ls-tree', base)
      .split('\n')
      .filter((record) => !record.endsWith('\torgs'));
    return gitWith([...others, `120000 blob ${blob('/etc')}\torgs`].join('\n').concat('\n'), 'mktree');
  };

  it.each<[string, () => CommitId | Promise<CommitId>, readonly string[]]>([
    [
      'a bidi override in a name',
      () => planted(['orgs', 'alder'], `100644 blob ${blob('x: 1\n')}\ta\u202eb.yaml`),
      ['ISO_I47_ODD_PATH "orgs/alder/a\\u{202e}b.yaml":1'],
    ],
    [
      'a control character in a name',
      () => planted(['orgs', 'alder'], `100644 blob ${blob('x: 1\n')}\t"a\\007b.yaml"`),
      ['ISO_I47_ODD_PATH "orgs/alder/a\\u0007b.yaml":1'],
    ],
    [
      'names that differ by case alone',
      () => planted(['orgs', 'alder'], `100644 blob ${blob('x: 1\n')}\tOrg.yaml`),
      [
        'ISO_I47_CASE_COLLISION orgs/alder/Org.yaml:1',
        'ISO_I48_UNKNOWN_FILE orgs/alder/Org.yaml:1',
        'ISO_I47_CASE_COLLISION orgs/alder/org.yaml:1',
      ],
    ],
    [
      'an org in capitals',
      () => planted(['orgs'], `040000 tree ${orgTree('birch')}\tAlder`),
      ['ORG_NAME orgs/Alder:1'],
    ],
    [
      'an org called __proto__',
      () => planted(['orgs'], `040000 tree ${orgTree('birch')}\t__proto__`),
      ['ORG_NAME orgs/__proto__:1'],
    ],
    [
      'a submodule in an org',
      () => planted(['orgs', 'alder'], `160000 commit ${base}\tvendored`),
      ['ISO_I47_ODD_MODE orgs/alder/vendored:1'],
    ],
    [
      'a submodule in the place of an org',
      () => planted(['orgs'], `160000 commit ${base}\tdelta`),
      ['ISO_I47_ODD_MODE orgs/delta:1'],
    ],
    [
      'a link in the place of an org',
      () => planted(['orgs'], `120000 blob ${blob('alder')}\tdelta`),
      ['ISO_I47_ODD_MODE orgs/delta:1'],
    ],
    [
      'a link in the place of a manifest',
      () => planted(['orgs', 'alder'], `120000 blob ${blob('../birch/org.yaml')}\torg.yaml`),
      ['ISO_I47_ODD_MODE orgs/alder/org.yaml:1'],
    ],
    [
      'an executable manifest',
      () => planted(['orgs', 'alder'], `100755 blob ${blob(fleet.read(ORG_YAML))}\torg.yaml`),
      ['ISO_I47_ODD_MODE orgs/alder/org.yaml:1'],
    ],
    [
      'executable settings',
      () => planted([], `100755 blob ${blob(fleet.read('fleet.yaml'))}\tfleet.yaml`),
      ['ISO_I47_ODD_MODE fleet.yaml:1'],
    ],
    [
      'an executable price book',
      () => planted(['prices'], `100755 blob ${blob(fleet.read('prices/default.yaml'))}\tdefault.yaml`),
      ['ISO_I47_ODD_MODE prices/default.yaml:1'],
    ],
    ...['orgs', 'orgs/alder', 'prices', 'approvals', 'templates', 'templates/msp-standard'].map(
      (place): [string, () => Promise<CommitId>, readonly string[]] => [
        `a file that no rule knows in ${place}`,
        () => edited(() => fleet.write(`${place}/notes.md`, 'hello\n')),
        [`ISO_I48_UNKNOWN_FILE ${place}/notes.md:1`],
      ],
    ),
    [
      'attributes for git below orgs',
      () => edited(() => fleet.write('orgs/alder/.gitattributes', '*.yaml filter=trap diff=trap\n')),
      ['ISO_I48_UNKNOWN_FILE orgs/alder/.gitattributes:1'],
    ],
    [
      'an org that was emptied',
      () =>
        edited(() => {
          fleet.remove('orgs/alder');
          fleet.write('orgs/alder/.gitkeep', '');
        }),
      ['ISO_I48_UNKNOWN_FILE orgs/alder/.gitkeep:1', 'ORG_MISSING orgs/alder/org.yaml:1'],
    ],
    [
      'an org that was removed',
      () => edited(() => fleet.remove('orgs/alder')),
      [`ISO_I55_ORG_WITHOUT_TOMBSTONE ${ORG_YAML}:1`],
    ],
    [
      'a template version that was moved',
      () => edited(() => fleet.git('mv', 'templates/msp-standard/1.0.0', 'templates/msp-standard/1.3.0')),
      [
        'TEMPLATE_UNKNOWN orgs/alder/org.yaml:13',
        'TEMPLATE_UNKNOWN orgs/birch/org.yaml:13',
        'TEMPLATE_UNKNOWN orgs/clove/org.yaml:13',
        'TEMPLATE_VERSION_CHANGED templates/msp-standard/1.0.0/template.yaml:1',
        'PATH_DISAGREES templates/msp-standard/1.3.0/template.yaml:4',
      ],
    ],
    [
      'generated files that are stale after a clean merge of two texts',
      async () => {
        const [one, other] = [
          await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true }),
          await edited(org(ZONE, 'timeZone: Europe/Paris'), { render: true }),
        ];
        fleet.git('checkout', '-q', '--detach', one);
        fleet.git('-c', 'user.name=Ana', '-c', 'user.email=ana@msp.example', 'merge', '-q', '--no-commit', other);
        fleet.write(
          'orgs/alder/wallets/desk.yaml',
          fleet.git('show', `${base}:orgs/alder/wallets/desk.yaml`).concat('\n'),
        );
        const head = fleet.commit('merge');
        fleet.git('checkout', '-q', '-f', 'main');
        return head;
      },
      ['GENERATED_STALE orgs/alder/wallets/desk.yaml:1'],
    ],
  ])('%s', async (_, make, expected) => {
    expect([...(await found(await make()))].sort()).toEqual([...expected].sort());
  });

  it('`..` and .git in a path: every file below is named, none is read as of the org that it points to', async () => {
    for (const [name, code] of [
      ['..', 'ISO_I47_ODD_PATH'],
      ['.git', 'ISO_I48_UNKNOWN_FILE'],
    ] as const) {
      const { check, diff } = await judged(planted(['orgs', 'alder'], `040000 tree ${orgTree('birch')}\t${name}`));
      expect(new Set(check.findings.map((item) => item.code))).toEqual(new Set([code]));
      expect(check.findings.every((item) => item.place.file.includes(`orgs/alder/${name}/`))).toBe(true);
      expect(diff.orgs).toEqual([]);
    }
  });

  it('a link in the place of orgs/: it is named, and every org is gone', async () => {
    const { check } = await judged(commitOf(withoutOrgs()));
    expect(check.ok).toBe(false);
    expect(check.findings.map((item) => `${item.code} ${item.place.file}`)).toContain('ISO_I47_ODD_MODE orgs');
    expect(check.findings.filter((item) => item.code === 'ISO_I55_ORG_WITHOUT_TOMBSTONE')).toHaveLength(3);
  });

  it('an org directory that was renamed, with every name in it: its uid tells', async () => {
    const head = await edited(
      () => {
        fleet.git('mv', 'orgs/alder', 'orgs/aspen');
        fleet.write(
          'orgs/aspen/org.yaml',
          fleet
            .read('orgs/aspen/org.yaml')
            .replaceAll(/alder(?!0)/g, 'aspen')
            .replaceAll('ALDER', 'ASPEN'),
        );
        for (const old of ['gateways', 'policies', 'reviews', 'teams', 'tokens', 'wallets'])
          fleet.remove(`orgs/aspen/${old}`);
      },
      { render: true },
    );
    const gone = (await judged(head)).check.findings.find((item) => item.code === 'ISO_I55_ORG_WITHOUT_TOMBSTONE');
    expect(gone?.message).toContain('org alder is gone and org aspen has its uid');
    expect(gone?.found).toBe('orgs/aspen');
  });
});

describe('a history that is not a straight line', () => {
  it('a merge commit is judged by what it holds against its base', async () => {
    const one = await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true });
    const head = commitOf(fleet.git('rev-parse', `${one}^{tree}`), base, one);
    const { check, diff } = await judged(head);
    expect([check.ok, diff.orgs.map((item) => item.org)]).toEqual([true, ['alder']]);
  });

  it('a rebased branch gives the same digest as before, on the base that moved', async () => {
    const before = await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true });
    const moved = commitOf(fleet.git('rev-parse', `${base}^{tree}`));
    fleet.git('checkout', '-q', '--detach', before);
    fleet.git('-c', 'user.name=Ana', '-c', 'user.email=ana@msp.example', 'rebase', '-q', '--onto', moved, base);
    const after = fleet.head();
    fleet.git('checkout', '-q', '-f', 'main');
    expect(after).not.toBe(before);
    const [was, is] = [await judged(before), await judged(after, moved)];
    expect([is.from, is.diff.changeDigest]).toEqual([moved, was.diff.changeDigest]);
  });

  it('a base that is not an ancestor: measured from the commit that both come from, and said', async () => {
    const head = await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true });
    const other = await edited(() => fleet.edit('orgs/birch/org.yaml', ZONE, 'timeZone: Europe/Paris'), {
      render: true,
    });
    const { from, diff, notes } = await judged(head, other);
    expect([from, diff.orgs.map((item) => item.org)]).toEqual([base, ['alder']]);
    expect(notes.join(' ')).toMatch(/base is ahead/);
  });
});

describe('more than anyone wants to read', () => {
  const treeOf = (files: number): string => {
    const body = blob('x');
    return gitWith(
      Array.from({ length: files }, (_, index) => `100644 blob ${body}\tn${index}.txt\n`).join(''),
      'mktree',
    );
  };
  const limits = { 'summary.md': 1_000_000, 'check.sarif': 10_000_000 };

  it('10,000 findings at once: all counted, every output within its limit', async () => {
    const junk = treeOf(10_000);
    const head = planted(['orgs', 'alder'], `040000 tree ${junk}\tjunk`);
    const ran = runCli(['pr', 'check', '--base', base, '--head', head, '--out', folder, '-C', fleet.dir]);
    expect(ran.status).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'check.json'), 'utf8')).findings).toHaveLength(10_000);
    for (const [name, most] of Object.entries(limits)) {
      const path = join(folder, name);
      if (existsSync(path)) expect([name, statSync(path).size < most]).toEqual([name, true]);
    }
    expect(ran.stdout.length).toBeLessThan(100_000);
    expect(ran.stdout).toMatch(/10,?000/);
  });

  it('30,000 files beside the fleet: none is read, nobody is touched', async () => {
    const { check, diff } = await judged(planted([], `040000 tree ${treeOf(30_000)}\tnotes`));
    expect([check.ok, check.findings, diff.orgs]).toEqual([true, [], []]);
  });
});

describe('a clone that was prepared', () => {
  /** Every way that a repository's own settings know to start a program. */
  const prepare = (trap: string): void => {
    const hooks = join(fleet.dir, '.git/hooks');
    execFileSync('mkdir', ['-p', hooks]);
    for (const name of [
      'post-checkout',
      'pre-commit',
      'post-index-change',
      'reference-transaction',
      'fsmonitor-watchman',
    ]) {
      writeFileSync(join(hooks, name), `#!/bin/sh\ntouch ${trap}\n`);
      chmodSync(join(hooks, name), 0o755);
    }
    for (const [key, value] of [
      ['core.hooksPath', hooks],
      ['core.fsmonitor', join(hooks, 'fsmonitor-watchman')],
      ['filter.trap.clean', `touch ${trap}; cat`],
      ['filter.trap.smudge', `touch ${trap}; cat`],
      ['filter.trap.process', `touch ${trap}`],
      ['filter.trap.required', 'true'],
      ['diff.trap.textconv', `touch ${trap}; cat`],
      ['diff.trap.command', `touch ${trap}`],
      ['diff.external', `touch ${trap}`],
      ['core.sshCommand', `touch ${trap}`],
      ['core.pager', `touch ${trap}`],
      ['core.alternateRefsCommand', `touch ${trap}`],
    ] as const)
      fleet.git('config', key, value);
    fleet.write('.git/info/attributes', '*.yaml filter=trap diff=trap\n');
  };
  const restore = (): void => {
    for (const section of ['filter.trap', 'diff.trap', 'diff']) {
      try {
        fleet.git('config', '--remove-section', section);
      } catch {
        // It was not there.
      }
    }
    for (const key of [
      'core.hooksPath',
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'core.alternateRefsCommand',
    ])
      fleet.git('config', '--unset-all', key);
    fleet.remove('.git/info/attributes');
    fleet.remove('.git/hooks');
  };

  it('with hooks, filters, text converters and other programs in its settings: none is started', async () => {
    const head = await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true });
    const trap = join(folder, 'sprung');
    prepare(trap);
    try {
      fleet.edit(ORG_YAML, "limit: '100.00'", "limit: '110.00'");
      const at = ['-C', fleet.dir];
      const codes = [
        runCli(['pr', 'check', '--base', base, '--head', head, '--out', folder, ...at]),
        runCli(['diff', '--base', base, '--head', head, ...at]),
        runCli(['check', ...at]),
        runCli(['check', '--base', base, ...at]),
        runCli(['render', ...at]),
        runCli(['why', 'alder', 'Wallet/desk', 'spec.limit', ...at]),
      ].map((ran) => ran.status);
      expect(codes).toEqual([0, 0, 1, 1, 0, 0]);
      expect(existsSync(trap)).toBe(false);
    } finally {
      restore();
    }
  });

  it('with a replaced object: the real one is judged', async () => {
    const head = await edited(org("limit: '100.00'", "limit: 'much'"));
    fleet.git('replace', `${head}:${ORG_YAML}`, `${base}:${ORG_YAML}`);
    try {
      expect(await found(head)).toEqual(['INPUT_INVALID orgs/alder/org.yaml:21']);
    } finally {
      fleet.git('replace', '-d', fleet.git('--no-replace-objects', 'rev-parse', `${head}:${ORG_YAML}`));
    }
  });

  it('without the bodies of files: nothing is fetched behind the back of who runs it, and it says what to fetch', async () => {
    const head = await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true });
    fleet.git('branch', '-f', 'topic', head);
    fleet.git('config', 'uploadpack.allowFilter', 'true');
    const clone = join(folder, 'clone');
    fleet.git('clone', '-q', '--no-checkout', '--filter=blob:none', `file://${fleet.dir}`, clone);
    const objects = (): string => fleet.git('-C', clone, 'count-objects', '-v');
    const before = objects();
    const ran = runCli(['pr', 'check', '--base', base, '--head', head, '--out', folder, '-C', clone]);
    expect([ran.status, ran.stderr]).toEqual([
      69,
      expect.stringMatching(/^GIT_OBJECTS_MISSING: .*clone again without --filter/),
    ]);
    expect(objects()).toBe(before);
    expect(existsSync(join(folder, 'check.json'))).toBe(false);
  });

  it('from before a shallow clone: it says that the clone is one, and what to run', async () => {
    fleet.git('branch', '-f', 'topic', await edited(org("limit: '100.00'", "limit: '140.00'"), { render: true }));
    const clone = join(folder, 'shallow');
    fleet.git('clone', '-q', '--depth', '1', '--branch', 'topic', `file://${fleet.dir}`, clone);
    const { repository } = await wireRepository(clone);
    await expect(repository.treeAt(base).list(['orgs' as RepoPath])).rejects.toMatchObject({
      code: 'GIT_OBJECTS_MISSING',
      message: expect.stringMatching(/; this clone is shallow: run `git fetch --unshallow` in it$/),
    });
  });
});
