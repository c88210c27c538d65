import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Finding, RepoPath } from '../../model/index.ts';
import { type CheckReport, FINDING_FORMATS, reportFindings, type Style } from '../index.ts';
import { findingOf, HOSTILE } from '../report.testkit.ts';

const waived = { by: 'waivers/w.yaml', expires: '2027-01-01T00:00:00Z' };
const related = [{ file: 'orgs/bravo/org.yaml' as RepoPath, line: 3, column: 1 }];

function reportOf(...findings: readonly Finding[]): CheckReport {
  return { findings, counters: { orgs: 3, manifests: 40 }, durationMs: 412 };
}

const mixed = reportOf(
  findingOf('CREDENTIALS_EXPIRED'),
  findingOf('TOKEN_EXPIRES_FAR', { waived }),
  findingOf('WALLET_CYCLE'),
  findingOf('ISO_I15_SHARED_UID', { related, object: null }),
);
const clean = reportOf(findingOf('CREDENTIALS_EXPIRED'), findingOf('TOKEN_EXPIRES_FAR', { waived }));
const hostile = reportOf(
  findingOf('WALLET_CYCLE', {
    message: HOSTILE,
    expected: HOSTILE,
    found: HOSTILE,
    fix: HOSTILE,
    object: HOSTILE,
    place: { file: 'orgs/a b,c:%.yaml' as RepoPath, line: 1, column: 2 },
  }),
);

describe('json', () => {
  const schema = JSON.parse(readFileSync(new URL('../schemas/check.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

  test.each([
    ['mixed', mixed],
    ['clean', clean],
    ['empty', reportOf()],
    ['hostile', hostile],
  ])('%s: fits its published schema', (_, report) => {
    validate(JSON.parse(reportFindings(report, 'json')));
    expect(validate.errors).toBeNull();
  });

  test('says what the contract names', () => {
    const parsed = JSON.parse(reportFindings(mixed, 'json'));
    expect(parsed).toMatchObject({
      schema: 'tenantry/check/v1',
      ok: false,
      summary: { critical: 1, high: 1, medium: 0, info: 1, waived: 1 },
      counters: { orgs: 3, manifests: 40 },
      durationMs: 412,
    });
    expect(parsed.findings[0]).toMatchObject({
      code: 'ISO_I15_SHARED_UID',
      severity: 'critical',
      org: 'acme',
      object: null,
      file: 'orgs/acme/org.yaml',
      line: 12,
      column: 5,
      related,
    });
    expect(parsed.findings.map(({ code }: { code: string }) => code)).toEqual([
      'ISO_I15_SHARED_UID',
      'WALLET_CYCLE',
      'CREDENTIALS_EXPIRED',
      'TOKEN_EXPIRES_FAR',
    ]);
    expect(JSON.parse(reportFindings(clean, 'json')).ok).toBe(true);
  });
});

describe('human', () => {
  test('severity first, then code, place and object, then what to do', () => {
    expect(
      reportFindings(reportOf(findingOf('WALLET_CYCLE')), 'human')
        .split('\n')
        .slice(0, 5),
    ).toEqual([
      'high      WALLET_CYCLE  orgs/acme/org.yaml:12:5  Wallet/main',
      '          WALLET_CYCLE happened',
      '          expected  this',
      '          found     that',
      '          fix       Remove `parent` from the wallet that is meant to be the top.',
    ]);
    expect(reportFindings(mixed, 'human')).toContain(
      'failed: 1 critical, 1 high, 1 info; 1 waived (orgs 3, manifests 40, 0.41 s)',
    );
    expect(reportFindings(clean, 'human')).toContain('ok: 1 info; 1 waived');
    expect(reportFindings(reportOf(), 'human')).toBe('ok: no findings (orgs 3, manifests 40, 0.41 s)\n');
  });

  test('the painter only adds colour', () => {
    const styles = new Set<Style>();
    const painted = reportFindings(mixed, 'human', (style, text) => {
      styles.add(style);
      return `<${style}>${text}</>`;
    });
    expect(painted.replace(/<(\/|[a-z]+)>/g, '')).toBe(reportFindings(mixed, 'human'));
    expect([...styles]).toEqual(expect.arrayContaining(['critical', 'high', 'strong', 'dim']));
  });
});

describe('markdown', () => {
  test('answers in the first ten lines', () => {
    const top = reportFindings(mixed, 'markdown').split('\n').slice(0, 10).join('\n');
    expect(top).toContain('2 findings to repair (1 critical, 1 high, 1 info, 1 waived)');
    expect(top).toContain('**critical** `ISO_I15_SHARED_UID`');
    expect(reportFindings(clean, 'markdown')).toContain('nothing stands against this');
  });

  test('is bounded', () => {
    const many = reportOf(...Array.from({ length: 5000 }, () => findingOf('WALLET_CYCLE')));
    const text = reportFindings(many, 'markdown');
    expect(text.length).toBeLessThan(60_000);
    expect(text).toContain('…and 4900 more');
    expect(text).toContain('5000 findings to repair');
  });
});

describe('sarif', () => {
  test('has what SARIF 2.1.0 requires and what code scanning reads', () => {
    const { version, $schema, runs } = JSON.parse(reportFindings(mixed, 'sarif'));
    expect([version, $schema, runs.length]).toEqual(['2.1.0', 'https://json.schemastore.org/sarif-2.1.0.json', 1]);
    const [{ tool, results }] = runs;
    expect(tool.driver.name).toBe('tenantry');
    for (const result of results) {
      expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(result.message.text).not.toBe('');
      expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 12, startColumn: 5 });
      expect(result.partialFingerprints['tenantry/v1']).toContain(result.ruleId);
    }
    expect(results.map(({ level }: { level: string }) => level)).toEqual(['error', 'error', 'note', 'warning']);
    expect(results[3].suppressions).toEqual([
      { kind: 'external', status: 'accepted', justification: 'waivers/w.yaml, until 2027-01-01T00:00:00Z' },
    ]);
    expect(results[0].relatedLocations).toHaveLength(1);
  });

  test('escapes paths', () => {
    const [run] = JSON.parse(reportFindings(hostile, 'sarif')).runs;
    expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('orgs/a%20b%2Cc%3A%25.yaml');
  });
});

describe('junit', () => {
  test('counts failures and skipped tests', () => {
    const text = reportFindings(mixed, 'junit');
    expect(text).toContain('<testsuites tests="4" failures="2" errors="0" skipped="1" time="0.412">');
    expect(text.match(/<failure /g)).toHaveLength(2);
    expect(text.match(/<skipped /g)).toHaveLength(1);
    expect(reportFindings(reportOf(), 'junit')).toContain('<testsuites tests="1" failures="0"');
  });

  test('escapes everything', () => {
    const text = reportFindings(hostile, 'junit');
    expect(text.match(/<\/failure>/g)).toHaveLength(1);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('&#13;&#10;::error::x&lt;/failure&gt;&amp;&quot;\ufffd[31m');
  });
});

describe('github', () => {
  test('one command for each finding, then the answer', () => {
    const lines = reportFindings(mixed, 'github').trimEnd().split('\n');
    expect(lines[0]).toBe(
      '::error file=orgs/acme/org.yaml,line=12,col=5,title=ISO_I15_SHARED_UID (critical)::ISO_I15_SHARED_UID happened%0Aexpected this%0Afound that%0Afix Give the newer org a uid of its own with `tenantry org add`; never change the uid of a running org.',
    );
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['::error', '::error', '::notice', '::notice', 'tenantry']);
    expect(lines.at(-1)).toBe('tenantry check failed: 1 critical, 1 high, 1 info; 1 waived');
  });

  test('nothing starts a line or a property of its own', () => {
    const lines = reportFindings(hostile, 'github').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('file=orgs/a b%2Cc%3A%25.yaml,line=1');
    expect(lines[0]).toContain('a%25b');
    expect(lines[0]).toContain('%0A::error::x');
  });
});

test.each(FINDING_FORMATS)('%s: no unseen character gets through, and the text ends with a line end', (format) => {
  const text = reportFindings(hostile, format);
  const allowed =
    format === 'json' || format === 'sarif' ? /[\u0000-\u0009\u000b-\u001f]/ : /[\u0000-\u0009\u000b-\u001f\u202e]/;
  expect(format === 'junit' ? text.replaceAll('\u202e', '') : text).not.toMatch(allowed);
  expect(text.endsWith('\n')).toBe(true);
  expect(text.endsWith('\n\n')).toBe(false);
});

test('markdown: no mention, no markup from a repository', () => {
  const text = reportFindings(hostile, 'markdown');
  expect(text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '')).not.toMatch(/@everyone|<\/failure>| #1/);
});
