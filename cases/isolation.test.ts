import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emit } from '../src/core/kinds/index.ts';
import type { JsonObject, Place } from '../src/core/model/index.ts';
import { CHANGE_PATHS, type CheckCache, check, type KeptOrg, type PackedFacts } from '../src/flows/index.ts';
import { ALDER, BIRCH, createFleet, type TestFleet } from './fleet.testkit.ts';

// The walls between orgs, as `check` finds them in a real repository.

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await createFleet();
});
afterEach(() => fleet.destroy());

const yaml = (org: string): string => `orgs/${org}/org.yaml`;
const lineOf = (path: string, text: string): number =>
  fleet
    .read(path)
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;

/** What `check` says of the work tree; with `base`, of the change too: the same whether or not it is told which files differ. */
async function found(how: { readonly base?: boolean; readonly cache?: CheckCache } = {}) {
  const open = await fleet.open();
  const parts = await open.parts();
  const before = parts.repository.treeAt(fleet.head());
  const listed: string[] = [];
  const list: typeof before.list = (paths) => {
    listed.push(...paths);
    return before.list(paths);
  };
  const base = how.base === true ? { base: { ...before, list } } : {};
  const asked = { tree: parts.repository.workTree(), touched: null, orgs: null, ...base };
  const ask = (differing?: ReadonlySet<string>) =>
    check(
      { ...parts, cache: how.cache ?? null, threads: null },
      differing === undefined ? asked : { ...asked, differing },
    );
  const report = await ask();
  if (how.base === true) {
    expect(listed.splice(0)).toContain('orgs');
    const told = await ask(await parts.repository.touchedSince(fleet.head(), CHANGE_PATHS));
    expect(told.findings).toEqual(report.findings);
    expect(listed).not.toContain('orgs');
  }
  open.close();
  return report;
}

const shown = (place: Place): string => `${place.file}:${place.line}`;
const codes = (report: Awaited<ReturnType<typeof found>>): readonly string[] =>
  report.findings.filter(({ waived }) => waived === undefined).map(({ code, place }) => `${code} ${shown(place)}`);

const waive = (org: string, spec: JsonObject): void =>
  fleet.write(
    `orgs/${org}/waivers/w.yaml`,
    emit({
      apiVersion: 'tenantry/v1',
      kind: 'Waiver',
      metadata: { org, name: 'w' },
      spec: { owner: '@msp/operators', reason: 'agreed', expires: '2027-03-01T00:00:00Z', ...spec } as JsonObject,
    }),
  );

describe('between orgs', () => {
  it('both lines of org.yaml are named, with and without a memory of former checks', async () => {
    const known = new Map<string, readonly [KeptOrg, PackedFacts]>();
    const cache: CheckCache = {
      get: (key) => known.get(key)?.[0],
      facts: (key) => known.get(key)?.[1],
      put: (key, ...answer) => known.set(key, answer),
    };
    expect(codes(await found({ cache }))).toEqual([]);
    fleet.edit(yaml(ALDER), 'account: acct-alder', 'account: acct-of-both');
    fleet.edit(yaml(BIRCH), 'account: acct-birch', 'account: acct-of-both');
    await fleet.render();
    const expected = [ALDER, BIRCH].map(
      (org) => `ISO_I13_UPSTREAM_ACCOUNT_SHARED ${yaml(org)}:${lineOf(yaml(org), 'acct-of-both')}`,
    );
    const remembered = await found({ cache });
    expect(remembered.counters.orgsFromCache).toBe(1);
    expect(codes(remembered)).toEqual(expected);
    expect(codes(await found())).toEqual(expected);
    expect(remembered.findings.map(({ related = [] }) => related.map(shown))).toEqual(
      [...expected].reverse().map((text) => [text.split(' ')[1]]),
    );
  });

  it('a value of another org is found in any encoding, and a waiver can accept its name alone', async () => {
    const term = (text: string): void =>
      fleet.edit(yaml(ALDER), '    review:', `    confidential: { terms: ['${text}'] }\n    review:`);
    term(Buffer.from('birch000000000000002').toString('base64'));
    await fleet.render();
    const line = lineOf(yaml(ALDER), 'confidential');
    const at = (code: string): ReadonlySet<string> => new Set([`${code} ${yaml(ALDER)}:${line}`]);
    expect(new Set(codes(await found()))).toEqual(at('ISO_I43_IDENTITY_OF_ANOTHER_ORG'));
    fleet.git('checkout', '-q', '--', '.');
    term('like Birch Trading');
    await fleet.render();
    const named = await found();
    expect(new Set(codes(named))).toEqual(at('ISO_I43_NAME_OF_ANOTHER_ORG'));
    const object = named.findings[0]?.object ?? '';
    const said = [...new Set(named.findings.filter((item) => item.object === object).map((item) => item.found))];
    waive(ALDER, { code: 'ISO_I43_NAME_OF_ANOTHER_ORG', object, found: said, approvers: ['@msp/platform'] });
    const { findings } = await found();
    expect(findings.map((item) => item.waived !== undefined)).toEqual(findings.map((item) => item.object === object));
    expect(findings.some((item) => item.waived !== undefined)).toBe(true);
  });

  it('templates of every version and comments are searched too', async () => {
    const file = 'templates/msp-regulated/1.0.0/teams.yaml';
    fleet.write(file, `${fleet.read(file)}# as for acct-alder\n`);
    fleet.write(yaml(BIRCH), `${fleet.read(yaml(BIRCH))}# AKI${'A'}Q7ZP2LXV9MKT4RW8\n`);
    const last = (path: string): number => fleet.read(path).split('\n').length - 1;
    expect(codes(await found())).toEqual([
      `ISO_I12_LITERAL_SECRET ${yaml(BIRCH)}:${last(yaml(BIRCH))}`,
      `ISO_I42_SHARED_HOLDS_IDENTITY ${file}:${last(file)}`,
    ]);
  });

  it('a waiver of a rule that was not asked is not called unused', async () => {
    waive(ALDER, {
      code: 'ISO_I19_PERSON_IN_TWO_ORGS',
      object: 'Team/desk',
      found: ['x'],
      approvers: ['@msp/platform'],
    });
    expect(codes(await found())).toEqual([`WAIVER_UNUSED orgs/${ALDER}/waivers/w.yaml:1`]);
    const parts = await (await fleet.open()).parts();
    const asked = { tree: parts.repository.workTree(), touched: null, orgs: [ALDER] };
    expect((await check({ ...parts, cache: null, threads: null }, asked)).findings).toEqual([]);
  });
});

describe('against a base', () => {
  const limit = (org: string): void => fleet.edit(yaml(org), "limit: '100.00'", "limit: '110.00'");

  it('one org, or pins alone, are a change; two orgs, or an org and fleet.yaml, are several', async () => {
    limit(ALDER);
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([]);
    limit(BIRCH);
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([
      `ISO_I50_CHANGE_SPANS_ORGS ${yaml(ALDER)}:1`,
      `ISO_I50_CHANGE_SPANS_ORGS ${yaml(BIRCH)}:1`,
    ]);
    fleet.git('checkout', '-q', '--', '.');
    for (const org of [ALDER, BIRCH]) fleet.edit(yaml(org), 'msp-standard@1.0.0', 'msp-standard@1.1.0');
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([]);
    fleet.git('checkout', '-q', '--', '.');
    limit(ALDER);
    fleet.edit('fleet.yaml', 'displayName: Test fleet', 'displayName: Other fleet');
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([`ISO_I50_CHANGE_SPANS_ORGS ${yaml(ALDER)}:1`]);
  });

  it('a repository inside the work tree is part of the change', async () => {
    limit(ALDER);
    await fleet.render();
    fleet.write('scripts/tool/a.txt', 'a');
    fleet.git('init', '-q', 'scripts/tool');
    fleet.git('-C', 'scripts/tool', 'add', '-A');
    fleet.git('-C', 'scripts/tool', '-c', 'user.name=a', '-c', 'user.email=a@msp.example', 'commit', '-q', '-m', 'a');
    expect(codes(await found({ base: true }))).toEqual(['ISO_I53_CHECKS_CHANGED_WITH_ORG scripts/tool:1']);
  });

  it('a released template version may not change, and whom it would change is named', async () => {
    const file = 'templates/msp-standard/1.0.0/wallets.yaml';
    fleet.edit(file, 'thresholds: [80, 100]', 'thresholds: [70, 100]');
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([
      ...['alder', 'birch', 'clove'].map(
        (org) => `ISO_I52_OTHER_ORG_CHANGED ${yaml(org)}:${lineOf(yaml(org), 'uid:')}`,
      ),
      `TEMPLATE_VERSION_CHANGED ${file}:1`,
    ]);
  });

  it('a change does not bring its own waiver', async () => {
    const far = '2029-01-01T00:00:00Z';
    waive(ALDER, { code: 'TOKEN_EXPIRES_FAR', object: 'Token/app', found: [far], approvers: ['@msp/platform'] });
    fleet.edit(yaml(ALDER), '{ name: app,', `{ name: app, expires: '${far}',`);
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([
      `ISO_I53_CHECKS_CHANGED_WITH_ORG orgs/${ALDER}/waivers/w.yaml:1`,
    ]);
  });

  it('the owner file is a part of the change whose owners it names, and nothing else of it is', async () => {
    const file = '.github/CODEOWNERS';
    fleet.write(file, '/docs/ @msp/writers\n\n# tenantry: begin\n');
    await fleet.render();
    fleet.commit('An owner file');
    fleet.edit(yaml(ALDER), "owners: ['@msp/operators']", "owners: ['@msp/others']");
    await fleet.render();
    expect(fleet.read(file)).toContain('/orgs/alder/ @msp/others');
    expect(codes(await found({ base: true }))).toEqual([]);
    fleet.edit(file, '/docs/ @msp/writers', '/src/ @msp/others');
    expect(codes(await found({ base: true }))).toEqual([`ISO_I53_CHECKS_CHANGED_WITH_ORG ${file}:1`]);
  });

  it('an org goes with an entry in fleet.yaml, and its uid stays what it was', async () => {
    fleet.edit(yaml(BIRCH), 'birch000000000000002', 'birch000000000000009');
    await fleet.render();
    expect(codes(await found({ base: true }))).toEqual([
      `ORG_UID_CHANGED ${yaml(BIRCH)}:${lineOf(yaml(BIRCH), 'uid:')}`,
    ]);
    fleet.git('checkout', '-q', '--', '.');
    fleet.remove('orgs/birch');
    expect(codes(await found({ base: true }))).toEqual([`ISO_I55_ORG_WITHOUT_TOMBSTONE ${yaml(BIRCH)}:1`]);
    const gone = "{ uid: birch000000000000002, org: birch, retired: '2027-01-04T00:00:00Z' }";
    fleet.edit('fleet.yaml', '  onExpired:', `  retiredOrgs: [${gone}]\n  onExpired:`);
    expect(codes(await found({ base: true }))).toEqual([]);
  });

  it('a secret that a change brought and took away again is found in its commit', async () => {
    const base = fleet.head();
    const before = fleet.read(yaml(ALDER));
    const key = `AKI${'A'}Q7ZP2LXV9MKT4RW8`;
    fleet.write(yaml(ALDER), `${before}# ${key}\n`);
    const leaked = fleet.commit('oops');
    fleet.write(yaml(ALDER), before);
    fleet.commit('never mind');
    const parts = await (await fleet.open()).parts();
    const asked = { tree: parts.repository.workTree(), touched: null, orgs: null, base: parts.repository.treeAt(base) };
    const { findings } = await check({ ...parts, cache: null, threads: null }, asked);
    expect(findings.map(({ code, place }) => `${code} ${shown(place)}`)).toEqual([
      `ISO_I12_LITERAL_SECRET ${yaml(ALDER)}:${before.split('\n').length}`,
    ]);
    expect(findings[0]?.message).toContain(leaked.slice(0, 12));
    expect(JSON.stringify(findings)).not.toContain(key);
  });
});
