import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, TrustRole } from '../../core/model/index.ts';
import { sha256Of } from '../layout.ts';
import { bytesOf, codeOf, FLEET, GATEWAY, HOUR_MS, ORG, OTHER_ORG, Publishing } from '../trust.testkit.ts';
import {
  checkExpiry,
  checkNextRoot,
  checkRoot,
  checkSize,
  checkSnapshot,
  checkTargetsFile,
  checkTimestamp,
  type Judging,
} from './checks.ts';
import { checkFloor, type Floors, type RoleFloor } from './floors.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { keyIdsOf, type MetadataFile, readMetadata } from './metadata.ts';

// Each check by itself, over files that nobody signed: tuf-js does not stand behind it here.

const PUBLISHED = { root: '1.root.json', targets: '1.targets.json', snapshot: '1.snapshot.json' } as const;
const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };
const YEAR_MS = 366 * 24 * HOUR_MS;
const publishing = new Publishing();
let judging: Judging;

/** The published file of a role with some of it changed. */
const fileOf = (role: TrustRole, change: JsonObject = {}): MetadataFile => {
  const path = role === 'timestamp' ? 'timestamp.json' : PUBLISHED[role];
  const { signed } = readMetadata(publishing.file(path), role);
  return readMetadata(bytesOf({ signatures: [], signed: { ...signed, ...change } }), role);
};

/** A floor at this version, with the bytes of this file or others, under the keys of the root. */
const floorAt = (role: TrustRole, version: number, known?: MetadataFile): RoleFloor => ({
  version,
  sha256: known?.sha256 ?? sha256Of(new Uint8Array(0)),
  keyIds: keyIdsOf(judging.root, role),
});

const above = (floors: Partial<Floors>): Judging => ({ ...judging, floors: { ...judging.floors, ...floors } });
const withLimits = (limits: Partial<Judging['limits']>): Judging => ({
  ...judging,
  limits: { ...DEFAULT_LIMITS, ...limits },
});

beforeAll(async () => {
  await publishing.publish({ [GATEWAY]: 'one' });
  const { signed: root, sha256 } = readMetadata(publishing.file('1.root.json'), 'root');
  judging = {
    identity,
    limits: DEFAULT_LIMITS,
    root,
    nowMs: publishing.nowMs,
    floors: {
      format: 'tenantry/floors/v1',
      identity,
      pinnedRoot: sha256,
      sequence: 0,
      root: { version: 1, sha256, keyIds: keyIdsOf(root, 'root') },
      timestamp: null,
      snapshot: null,
      targets: null,
      generation: 0,
      newestMs: 0,
      withdrawn: false,
    },
  };
});

describe('a root', () => {
  it('is for this org before its keys count', () => {
    const other = { 'x-tenantry': { fleet: FLEET, org: OTHER_ORG } };
    expect(codeOf(() => checkRoot(judging.root, identity))).toBeNull();
    expect(codeOf(() => checkRoot({ ...judging.root, ...other }, identity))).toBe('TRUST_ROOT_IDENTITY');
    expect(codeOf(() => checkRoot({ ...judging.root, ...other, keys: {} }, identity))).toBe('TRUST_ROOT_IDENTITY');
    expect(codeOf(() => checkRoot({ ...judging.root, keys: {} }, identity))).toBe('TRUST_KEY_ID');
  });

  const next = (change: JsonObject, path = '2.root.json', from: () => Judging = () => judging) =>
    codeOf(() => checkNextRoot(path, fileOf('root', { version: 2, ...change }), from()));

  it('that follows passes when nothing is wrong with it', () => {
    expect(next({})).toBeNull();
  });

  it('that follows is checked as a root, and has the version of its name', () => {
    expect(next({ keys: {} })).toBe('TRUST_KEY_ID');
    expect(next({ 'x-tenantry': null })).toBe('TRUST_ROOT_IDENTITY');
    expect(next({ expires: '9999' })).toBe('TRUST_DATE');
    expect(next({ version: 1e21 })).toBe('TRUST_VERSION');
    expect(next({}, '3.root.json')).toBe('TRUST_VERSION');
  });

  it('with the version of the floor has the known bytes', () => {
    const known = fileOf('root', { version: 2 });
    expect(next({}, '2.root.json', () => above({ root: floorAt('root', 2) }))).toBe('TRUST_SAME_VERSION');
    expect(next({}, '2.root.json', () => above({ root: floorAt('root', 2, known) }))).toBeNull();
    expect(next({}, '2.root.json', () => above({ root: floorAt('root', 3) }))).toBeNull();
  });
});

describe('a timestamp', () => {
  const judge = (change: JsonObject = {}, by = judging) =>
    codeOf(() => checkTimestamp(fileOf('timestamp', change), by));

  it('passes at every floor that it reaches', () => {
    expect(judge()).toBeNull();
  });

  it('hangs on the newest root, before that expires', () => {
    expect(judge({}, above({ root: floorAt('root', 2) }))).toBe('TRUST_ROLLBACK');
    const root = { ...judging.root, expires: '2027-01-01T00:00:00Z' };
    expect(judge({}, { ...judging, root })).toBe('TRUST_EXPIRED');
  });

  it('does not fall, and has one content for a version', () => {
    const version = 2 ** 31;
    const known = fileOf('timestamp', { version });
    expect(judge({ version }, above({ timestamp: floorAt('timestamp', version + 1) }))).toBe('TRUST_ROLLBACK');
    expect(judge({ version }, above({ timestamp: floorAt('timestamp', version) }))).toBe('TRUST_SAME_VERSION');
    expect(judge({ version }, above({ timestamp: floorAt('timestamp', version, known) }))).toBeNull();
    expect(judge({ version }, above({ timestamp: floorAt('timestamp', version - 1) }))).toBeNull();
    const otherKeys = { ...floorAt('timestamp', version + 1), keyIds: ['0'.repeat(64)] };
    expect(judge({ version }, above({ timestamp: otherKeys }))).toBeNull();
  });

  it('names a snapshot that does not fall and is not endless', () => {
    expect(judge({}, above({ snapshot: floorAt('snapshot', 2) }))).toBe('TRUST_ROLLBACK');
    expect(judge({}, above({ snapshot: floorAt('snapshot', 1) }))).toBe('TRUST_SAME_VERSION');
    expect(judge({}, withLimits({ snapshotBytes: 10 }))).toBe('TRUST_LENGTH');
  });

  it('has not expired, and was not signed far ahead', () => {
    expect(judge({}, { ...judging, nowMs: judging.nowMs + 72 * HOUR_MS })).toBe('TRUST_EXPIRED');
    expect(judge({}, { ...judging, nowMs: judging.nowMs - 24 * HOUR_MS })).toBeNull();
    expect(judge({}, { ...judging, nowMs: judging.nowMs - 24 * HOUR_MS - 1 })).toBe('TRUST_CLOCK');
  });
});

describe('a snapshot', () => {
  const judge = (by: Judging) => codeOf(() => checkSnapshot(fileOf('snapshot'), by));

  it('names targets that do not fall and are not endless, and has not expired', () => {
    expect(judge(judging)).toBeNull();
    expect(judge(above({ targets: floorAt('targets', 2) }))).toBe('TRUST_ROLLBACK');
    expect(judge(above({ targets: floorAt('targets', 1) }))).toBe('TRUST_SAME_VERSION');
    expect(judge(withLimits({ targetsBytes: 10 }))).toBe('TRUST_LENGTH');
    expect(judge({ ...judging, nowMs: judging.nowMs + YEAR_MS })).toBe('TRUST_EXPIRED');
  });
});

describe('a targets file', () => {
  it('delegates nothing, and has not expired', () => {
    const judge = (change: JsonObject, nowMs = judging.nowMs) =>
      codeOf(() => checkTargetsFile(fileOf('targets', change), nowMs));
    expect(judge({})).toBeNull();
    expect(judge({ delegations: {} })).toBe('TRUST_DELEGATION');
    expect(judge({}, judging.nowMs + YEAR_MS)).toBe('TRUST_EXPIRED');
  });
});

it('expiry, size and floor hold to the last unit', () => {
  expect(codeOf(() => checkExpiry('it', 10, 9))).toBeNull();
  expect(codeOf(() => checkExpiry('it', 10, 10))).toBe('TRUST_EXPIRED');
  expect(codeOf(() => checkSize('it', 10, 10))).toBeNull();
  expect(codeOf(() => checkSize('it', 11, 10))).toBe('TRUST_LENGTH');
  const known = { version: 5, sha256: sha256Of(bytesOf('known')) };
  const other = sha256Of(bytesOf('other'));
  expect(codeOf(() => checkFloor('root', null, known))).toBeNull();
  expect(codeOf(() => checkFloor('root', known, known))).toBeNull();
  expect(codeOf(() => checkFloor('root', known, { version: 6, sha256: other }))).toBeNull();
  expect(codeOf(() => checkFloor('root', known, { version: 5, sha256: other }))).toBe('TRUST_SAME_VERSION');
  expect(codeOf(() => checkFloor('root', known, { version: 4, sha256: known.sha256 }))).toBe('TRUST_ROLLBACK');
});
