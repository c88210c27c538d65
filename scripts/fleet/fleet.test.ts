import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fails, instantMs, ofKind, type RenderedOrg } from '../../src/core/model/index.ts';
import { fleetFactsOf, fleetSettings, validateFleet, validateOrg } from '../../src/core/validate/index.ts';
import { nodeZoneOffset } from '../../src/host/index.ts';
import {
  compileVersion,
  fleetFiles,
  fleetOrgs,
  generateFleet,
  git,
  parsed,
  renderFiles,
  sharedFiles,
  TEMPLATE,
  writtenFiles,
} from './index.ts';

const EXPIRES = '2027-06-30T00:00:00Z';
const NOW_MS = instantMs('2026-12-01T00:00:00Z') ?? 0;
const SIZE = { orgs: 16, seed: 7 };

let orgs: readonly RenderedOrg[];
beforeAll(() => {
  const template = compileVersion(sharedFiles('127.0.0.1:4100'), TEMPLATE.name, TEMPLATE.version);
  orgs = fleetOrgs(SIZE).map((org) => renderFiles(template, writtenFiles(org, EXPIRES)));
});

describe('a synthetic fleet', () => {
  it('has no finding that fails a check, in an org or between orgs, and a price for every model', () => {
    const shared = parsed(sharedFiles('127.0.0.1:4100').filter(({ path }) => /^fleet|^prices/.test(path)));
    const [prices] = ofKind(shared, 'PriceBook');
    const settings = fleetSettings(ofKind(shared, 'Fleet')[0]?.document ?? null, prices?.document.spec ?? 'none');
    const contexts = orgs.map(({ org, uid, objects }) => {
      const others = orgs.filter((other) => other.org !== org);
      const otherOrgs = {
        slugs: new Set(others.map((other) => other.org)),
        uids: new Set(others.map(({ uid: id }) => id)),
      };
      return { org, uid, objects, otherOrgs, fleet: settings, nowMs: NOW_MS, zoneOffset: nodeZoneOffset };
    });
    const findings = [...contexts.flatMap(validateOrg), ...validateFleet(contexts.flatMap(fleetFactsOf))];
    expect(findings.filter((item) => fails(item) || item.code === 'MODEL_UNPRICED')).toEqual([]);
  });

  it('has orgs of 20 objects and their credentials, with 0 to 3 overlays and an org.yaml of a few KB', () => {
    const kinds = new Set(['Overlay', 'Credentials']);
    for (const { objects } of orgs) expect(objects.filter(({ id }) => !kinds.has(id.kind))).toHaveLength(20);
    const written = fleetOrgs(SIZE).map((org) => writtenFiles(org, EXPIRES));
    expect(new Set(written.map((files) => files.length - 2))).toEqual(new Set([0, 1, 2, 3]));
    for (const [organization] of written) {
      expect(organization?.text.length).toBeGreaterThan(1_500);
      expect(organization?.text.length).toBeLessThan(4_000);
    }
  });

  it('shares no identity, address or secret between orgs', () => {
    const unique = /(^|\s)(uid|account|secretEnv|host|hostname|digest|id): ["']?([a-zA-Z0-9._-]{8,})/gm;
    const owners = new Map<string, Set<string>>();
    for (const org of fleetOrgs(SIZE)) {
      for (const { text } of writtenFiles(org, EXPIRES)) {
        for (const [, , key, value] of text.matchAll(unique)) {
          if (value === 'api.openai.com') continue;
          const name = `${key} ${value}`;
          owners.set(name, (owners.get(name) ?? new Set()).add(org.slug));
        }
      }
    }
    expect(owners.size).toBeGreaterThan(SIZE.orgs * 8);
    expect([...owners].filter(([, orgs]) => orgs.size > 1)).toEqual([]);
  });

  it('is the same for the same seed and another for another', () => {
    const text = (seed: number): string => JSON.stringify([...fleetFiles({ orgs: 3, seed })]);
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });
});

describe('on disk', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tenantry-fleet-test-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is one commit with a clean work tree, the same commit every time', async () => {
    const first = await generateFleet({ orgs: 3, seed: 1, dir: join(dir, 'a'), git: true });
    await generateFleet({ orgs: 3, seed: 1, dir: join(dir, 'b'), git: true });
    expect(git(join(dir, 'a'), 'status', '--porcelain')).toBe('');
    expect(git(join(dir, 'a'), 'rev-parse', 'HEAD')).toBe(git(join(dir, 'b'), 'rev-parse', 'HEAD'));
    expect(git(join(dir, 'a'), 'ls-files').split('\n')).toHaveLength(first.files);
    expect(readdirSync(join(dir, 'a', 'orgs'))).toEqual(['org-00001', 'org-00002', 'org-00003']);
  });

  it('can be files alone', async () => {
    await generateFleet({ orgs: 1, seed: 1, dir: join(dir, 'plain'), git: false });
    expect(readdirSync(join(dir, 'plain')).sort()).toEqual(['.gitignore', 'fleet.yaml', 'orgs', 'prices', 'templates']);
  });
});
