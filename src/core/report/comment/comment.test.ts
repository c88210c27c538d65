import { describe, expect, test } from 'vitest';
import { FLEET_ORG, type Hazard, type OrgSlug, type Sha256Hex } from '../../model/index.ts';
import { pullMarkdown, readCheck, readDiff, readEffect, reportChanges, reportFindings } from '../index.ts';
import { findingOf, HOSTILE, raisedLimit, reportOf } from '../report.testkit.ts';
import { cutMarkdown, sizeOf } from './cut.ts';
import { isScope, markerOf, readMarker } from './sticky.ts';

const head = 'a'.repeat(40) as Parameters<typeof pullMarkdown>[1]['head'];
const whole = 'the artefacts of the run';
const hazard = (at: number): Hazard => ({
  id: `CAMPAIGN:${at}`,
  code: 'CAMPAIGN',
  message: `é${'x'.repeat(300)}`,
  object: null,
});

describe('a cut', () => {
  const text = [
    '### Title',
    '<details><summary>many</summary>',
    ...Array.from({ length: 9000 }, (_, at) => `- line ${at} 😀`),
    '</details>',
  ].join('\n');

  test('leaves what fits as it is', () => {
    expect(cutMarkdown(text, 1_000_000, whole)).toBe(text);
  });

  test.each([2000, 20_000, 65_000])('keeps %i bytes and says how many lines are missing', (limit) => {
    const cut = cutMarkdown(text, limit, whole);
    const [, missing, of] = /(\d+) lines of (\d+) missing/.exec(cut) ?? [];
    expect(sizeOf(cut)).toBeLessThanOrEqual(limit);
    expect(sizeOf(cut)).toBeGreaterThan(limit - 1200);
    expect(Number(of) - Number(missing)).toBe(
      cut.split('\n').filter((line) => /^(###|<details|- line)/.test(line)).length,
    );
    expect(cut.match(/<details/g)?.length).toBe(cut.match(/<\/details>/g)?.length);
    expect(cut).toContain(whole);
  });

  test('shows the beginning of one long list of names', () => {
    const cut = cutMarkdown(
      `- deleted in ${Array.from({ length: 20_000 }, (_, at) => `org-${at}`).join(', ')}`,
      5000,
      whole,
    );
    expect(cut).toMatch(/^- deleted in org-0, org-1, .*, … and more\n/);
    expect(cut).toContain('1 line of 1 missing');
  });
});

describe('what a pull request is told', () => {
  const wide = reportOf(
    Array.from({ length: 40 }, (_, at) => raisedLimit(`org-${at}`, [], String(900 + at))),
    {
      hazards: Array.from({ length: 900 }, (_, at) => hazard(at)),
    },
  );
  const findings = {
    findings: Array.from({ length: 300 }, () => findingOf('ISO_I02_REF_NOT_IN_ORG', { message: 'é'.repeat(900) })),
    counters: {},
    durationMs: 0,
  };

  test('stays below the limit however much there is, with room for findings and changes', () => {
    expect(sizeOf(reportChanges(wide, 'json'))).toBeGreaterThan(300_000);
    const body = pullMarkdown(
      { changes: wide, findings, notes: [HOSTILE.repeat(900)] },
      { head, whole, limitBytes: 65_000 },
    );
    expect(sizeOf(body)).toBeLessThanOrEqual(65_000);
    expect(body).toMatch(/### Tenantry: 40 orgs change/);
    expect(body).toMatch(/### Tenantry check: 300 findings to repair/);
    // The changes bound themselves, and count what they leave out.
    expect(body.match(/\*\*Cut here\*\*/g)).toHaveLength(2);
    expect(body).toContain(head);
  });

  test('is short when there is little to say', () => {
    const body = pullMarkdown(
      { changes: reportOf([]), findings: { ...findings, findings: [] }, notes: [] },
      { head, whole, limitBytes: 65_000 },
    );
    expect(body.split('\n').length).toBeLessThan(25);
    expect(body).not.toContain('Cut here');
  });
});

describe('the marker', () => {
  test('is read back, without handles that are none', () => {
    const marker = markerOf({ scope: 'fleet', order: 3101, asked: ['@otto', '@msp/platform', '@x --> y'] });
    expect(readMarker(`${marker}\r\ntext`)).toEqual({ scope: 'fleet', order: 3101, asked: ['@otto', '@msp/platform'] });
    expect(readMarker(`text\n${marker}`)).toBeUndefined();
    expect(['fleet', 'a.b', '', 'a b', 'x'.repeat(63), '-->'].map(isScope)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('reports that are read back', () => {
  const report = reportOf([raisedLimit('acme'), raisedLimit('bravo', ['Token/ci-deploy'])], {
    hazards: [{ id: 'CAMPAIGN:_fleet', code: 'CAMPAIGN', message: 'moves 2 orgs', object: null }],
    accepted: [{ org: FLEET_ORG, id: 'CAMPAIGN:_fleet', approval: 'f'.repeat(64) as Sha256Hex, approver: '@ops' }],
  });

  test('give the same Markdown as before', () => {
    const diff = readDiff(reportChanges(report, 'json'));
    expect(reportChanges(report, 'markdown')).toContain('approved by `@ops` (`approvals/ffffffffffff….yaml`)');
    expect(diff.ok ? reportChanges(diff.value, 'markdown') : diff.reason).toBe(reportChanges(report, 'markdown'));
    const findings = [
      findingOf('ISO_I02_REF_NOT_IN_ORG', { message: HOSTILE }),
      findingOf('TOKEN_EXPIRES_FAR', { waived: { by: 'waivers/x.yaml', expires: '2027-01-01T00:00:00Z' } }),
    ];
    const check = { findings, counters: { orgs: 1 }, durationMs: 3 };
    const back = readCheck(reportFindings(check, 'json'));
    expect(back.ok ? reportFindings(back.value, 'markdown') : back.reason).toBe(reportFindings(check, 'markdown'));
  });

  const edited = (edit: (document: Record<string, unknown>) => void): string => {
    const document = JSON.parse(reportChanges(report, 'json')) as Record<string, unknown>;
    edit(document);
    return JSON.stringify(document);
  };

  test.each([
    ['another schema', edited((document) => Object.assign(document, { schema: 'tenantry/plan/v1' }))],
    ['an org that is a path', edited(({ orgs }) => Object.assign((orgs as object[])[0] ?? {}, { org: '../x' }))],
    ['a missing list', edited((document) => delete document['orgs'])],
    ['a list that is none', edited((document) => Object.assign(document, { hazards: { length: 9e9 } }))],
    ['a number for text', edited((document) => Object.assign(document, { base: 1 }))],
    ['null', 'null'],
    ['nothing', ''],
  ])('are refused with a reason when there is %s', (_what, text) => {
    const read = readDiff(text);
    expect(read.ok).toBe(false);
    expect(read.ok ? '' : read.reason).toMatch(/expected|no JSON/);
  });

  test('take severity and fix from our own table', () => {
    const lying = JSON.parse(
      reportFindings({ findings: [findingOf('ISO_I01_REF_CROSSES_ORG')], counters: {}, durationMs: 0 }, 'json'),
    );
    lying.findings[0].severity = 'info';
    const read = readCheck(JSON.stringify(lying));
    expect(read.ok ? read.value.findings[0]?.severity : read.reason).toBe('critical');
  });

  test('name orgs that could be orgs', () => {
    const effect = { schema: 'tenantry/pr/v1', orgs: ['acme'], platform: ['templates'], notes: [] };
    expect(readEffect(JSON.stringify(effect))).toMatchObject({ ok: true, value: { orgs: ['acme' as OrgSlug] } });
    expect(readEffect(JSON.stringify({ ...effect, orgs: ['a/b'] }))).toMatchObject({ ok: false });
    expect(readEffect(JSON.stringify({ ...effect, orgs: [FLEET_ORG] }))).toMatchObject({ ok: true });
  });
});
