import { describe, expect, test } from 'vitest';
import { type FindingCode, fails, finding, type OrgSlug, type RepoPath, startOf } from '../model/index.ts';
import { orgObjects } from '../plan/objects.testkit.ts';
import { applyWaivers, waiverFacts } from './index.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const acme = 'acme' as OrgSlug;

const found = (code: FindingCode, object = 'Token/ci-deploy', org = acme) =>
  finding(code, {
    place: startOf('orgs/acme/org.yaml' as RepoPath),
    org,
    object,
    message: 'm',
    expected: 'e',
    found: 'f',
  });

const waivers = (...specs: readonly Record<string, string | string[]>[]) =>
  waiverFacts(
    acme,
    specs.map((spec, index) => orgObjects('acme').waiver(`w${index}`, spec)),
    { platform: new Set(['@ana', '@ben']) },
  );

describe('applyWaivers', () => {
  test('marks the finding of this code on this object, and it no longer fails', () => {
    const judged = applyWaivers([found('TOKEN_EXPIRES_FAR'), found('WALLET_CYCLE')], waivers({}), NOW);
    expect(judged[0]?.waived).toEqual({ by: 'waivers/w0.yaml', expires: '2027-01-01T00:00:00Z' });
    expect(judged.map((item) => fails(item))).toEqual([false, true]);
    expect(judged).toHaveLength(2);
  });

  test.each<[string, Record<string, string | string[]>, FindingCode, boolean]>([
    ['another object', { object: 'Token/other' }, 'TOKEN_EXPIRES_FAR', true],
    ['another code', { code: 'WALLET_CYCLE', approvers: ['@ana', '@ben'] }, 'TOKEN_EXPIRES_FAR', true],
    [
      'a critical finding',
      { code: 'ISO_I01_REF_CROSSES_ORG', approvers: ['@ana', '@ben'] },
      'ISO_I01_REF_CROSSES_ORG',
      false,
    ],
    ['an expired waiver', { expires: '2026-06-01T00:00:00Z' }, 'TOKEN_EXPIRES_FAR', false],
    [
      'a high finding with one approver twice',
      { code: 'WALLET_CYCLE', approvers: ['@ana', '@Ana'] },
      'WALLET_CYCLE',
      false,
    ],
    ['a waiver of waivers', { code: 'ISO_I60_WAIVER_EXPIRED' }, 'ISO_I60_WAIVER_EXPIRED', false],
  ])('not by or for %s', (_, spec, code, unused) => {
    const [first, ...rest] = applyWaivers([found(code)], waivers(spec), NOW);
    expect(first?.waived).toBeUndefined();
    expect(rest.map((item) => item.code)).toEqual(unused ? ['WAIVER_UNUSED'] : []);
  });

  test('not where an approver is no platform owner, or wants it', () => {
    const cycle = { code: 'WALLET_CYCLE', approvers: ['@ana', '@ben'] };
    expect(applyWaivers([found('WALLET_CYCLE')], waivers(cycle), NOW)[0]?.waived).toBeDefined();
    for (const spec of [
      { ...cycle, approvers: ['@ana', '@nobody/atall'] },
      { ...cycle, owner: '@ben' },
    ])
      expect(applyWaivers([found('WALLET_CYCLE')], waivers(spec), NOW)[0]?.waived).toBeUndefined();
  });

  test('only what the finding said when it was accepted, and says what it says now', () => {
    const now = { ...found('TOKEN_EXPIRES_FAR'), found: '9998-12-31T00:00:00Z' };
    const accepted = waivers({ found: ['2028-06-30T00:00:00Z'] });
    expect(applyWaivers([now], accepted, NOW)).toMatchObject([
      { code: 'TOKEN_EXPIRES_FAR', found: now.found },
      {
        code: 'WAIVER_UNUSED',
        expected: 'TOKEN_EXPIRES_FAR on Token/ci-deploy that says 2028-06-30T00:00:00Z',
        found: now.found,
      },
    ]);
    const both = waivers({ found: ['2028-06-30T00:00:00Z'] }, { found: ['x', now.found] });
    expect(applyWaivers([now], both, NOW)[0]?.waived?.by).toBe('waivers/w1.yaml');
  });

  test('what it said is not asked of a waiver that was applied before waivers said it', () => {
    const [waiver] = waivers({});
    const judged = applyWaivers(
      [found('TOKEN_EXPIRES_FAR')],
      waiver === undefined ? [] : [{ ...waiver, found: null }],
      NOW,
    );
    expect(judged.map((item) => fails(item))).toEqual([false]);
  });

  test('not for another org', () => {
    const [first] = applyWaivers([found('TOKEN_EXPIRES_FAR', 'Token/ci-deploy', 'bravo' as OrgSlug)], waivers({}), NOW);
    expect(first?.waived).toBeUndefined();
  });

  test('tells which waivers accept nothing, without failing', () => {
    const judged = applyWaivers([], waivers({}), NOW);
    expect(judged).toMatchObject([
      { code: 'WAIVER_UNUSED', object: 'Waiver/w0', place: { file: 'orgs/acme/waivers/w0.yaml' } },
    ]);
    expect(judged.some((item) => fails(item))).toBe(false);
  });
});
