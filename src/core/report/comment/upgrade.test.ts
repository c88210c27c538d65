import { describe, expect, it } from 'vitest';
import { finding, type OrgSlug, type RepoPath, startOf } from '../../model/index.ts';
import { readUpgradeMarker, type UpgradedOrg, upgradeMarkdown, upgradeMarkerOf, upgradeTitle } from './upgrade.ts';

const marker = { template: 'msp-standard', version: '1.1.0', ring: 'canary' };
const org = (name: string, more: Partial<UpgradedOrg> = {}): UpgradedOrg => ({
  org: name as OrgSlug,
  from: 'msp-standard@1.0.0',
  result: 'clean',
  overlays: [],
  conflicts: [],
  findings: [],
  ...more,
});
const file = 'orgs/x/org.yaml' as RepoPath;
const refused = finding('UPGRADE_PATH', { place: startOf(file), message: 'no <b>way</b>', expected: '', found: '' });
const many = (count: number, prefix: string, more: Partial<UpgradedOrg> = {}): UpgradedOrg[] =>
  Array.from({ length: count }, (_, index) => org(`${prefix}-${index}`, more));

describe('the text of an upgrade', () => {
  it('says who stays behind before who moves, in words and without markup of others', () => {
    const text = upgradeMarkdown({
      marker,
      orgs: [
        org('acme'),
        org('bravo', { result: 'conflict', conflicts: [{ file: 'org.yaml', path: '/spec', words: '@all `x` <b>' }] }),
        org('cedar', { result: 'refused', findings: [refused] }),
        org('delta', {
          result: 'overlays kept',
          overlays: [
            { file: 'overlays/a.yaml', path: '/spec/a', verdict: 'unchanged', hides: false },
            { file: 'overlays/a.yaml', path: '/spec/b', verdict: 'refreshed', hides: true },
          ],
        }),
      ],
      closed: 12,
    });
    const lines = text.split('\n');
    expect(readUpgradeMarker(text)).toEqual(marker);
    expect(lines.slice(1, 8)).toEqual([
      '### Upgrade of ring canary to msp-standard@1.1.0: 2 orgs move, 2 left behind',
      '',
      '| clean | overlays kept | conflict | refused |',
      '|---|---|---|---|',
      '| 1 | 1 | 1 | 1 |',
      '',
      'Opened again: #12 was closed without being merged.',
    ]);
    expect(text).toContain('- **bravo**, from msp-standard@<!-- -->1.0.0: 1 to decide\n');
    expect(text).toContain('@<!-- -->all &grave;x&grave; &lt;b&gt;');
    expect(text).toContain('`UPGRADE_PATH` no &lt;b&gt;way');
    expect(text).toMatch(
      /\/spec\/b` keeps its value, guard refreshed; \*\*hides a change of the template\*\*\n.*\/spec\/a`/,
    );
    expect(text.indexOf('#### Conflict')).toBeLessThan(text.indexOf('#### Clean'));
  });

  it('is bounded, and counts what it does not tell', () => {
    const conflicts = Array.from({ length: 9 }, () => ({ file: 'org.yaml', path: '/spec', words: 'w'.repeat(1000) }));
    const orgs = [...many(100, 'torn', { result: 'conflict', conflicts }), ...many(6000, 'clean')];
    const text = upgradeMarkdown({ marker, orgs, closed: null });
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(65_000);
    expect(text).toContain('| 6000 | 0 | 100 | 0 |');
    expect(text).toContain('- and 60 more orgs: torn-40, ');
    expect(text).toContain('  - and 4 more\n');
    const few = upgradeMarkdown({ marker, orgs: many(2500, 'o'), closed: null });
    expect(few).toContain('2500 orgs: o-0, ');
    expect(few).toContain('o-1999 and 500 more');
    expect(upgradeTitle({ marker, orgs, closed: null })).toBe('Upgrade ring canary to msp-standard@1.1.0 (6000 orgs)');
  });

  it('has a marker that is read back, for orgs without gateways too, and takes no other line for one', () => {
    for (const ring of ['canary', null]) {
      const one = { ...marker, ring };
      expect(readUpgradeMarker(`${upgradeMarkerOf(one)}\r\ntext`)).toEqual(one);
    }
    expect(readUpgradeMarker(`text\n${upgradeMarkerOf(marker)}`)).toBeUndefined();
    expect(readUpgradeMarker('<!-- tenantry:upgrade msp-standard@1.1.0 a b -->')).toBeUndefined();
  });
});
