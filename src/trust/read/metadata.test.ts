import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../core/model/index.ts';
import { KEY_TYPE, keyIdOf } from '../key.ts';
import { bytesOf, codeOf, FLEET, GATEWAY, ORG, OTHER_ORG } from '../trust.testkit.ts';
import {
  checkRootIdentity,
  checkRootKeys,
  checkTargets,
  keyIdsOf,
  namedSnapshot,
  namedTargets,
  readSigned,
  roleFacts,
  signedAt,
} from './metadata.ts';

// Each check by itself, on literal metadata: tuf-js does not stand behind it here.

const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };
const HEX = 'ab'.repeat(32);
const facts = { version: 1, length: 10, hashes: { sha256: HEX } };
const EXPIRES = '2027-01-31T00:00:00Z';

describe('a metadata file', () => {
  const signed = { _type: 'root', version: 1 };
  const read = (document: unknown): unknown => readSigned(bytesOf(document), 'root');

  it('gives what is signed', () => {
    expect(read({ signed, signatures: [] })).toEqual(signed);
    expect(read({ signed, signatures: Array.from({ length: 16 }, () => ({})) })).toEqual(signed);
  });

  it.each([
    ['no JSON', '{'],
    ['no object', []],
    ['nothing signed', { signatures: [] }],
    ['another role', { signed: { ...signed, _type: 'targets' }, signatures: [] }],
    ['no signatures', { signed }],
    ['signatures that are no list', { signed, signatures: { length: 1 } }],
    ['too many signatures', { signed, signatures: Array.from({ length: 17 }, () => ({})) }],
  ])('with %s is refused', (_, document) => {
    expect(codeOf(() => read(document))).toBe('TRUST_METADATA');
  });

  it('that is not UTF-8 is refused', () => {
    expect(codeOf(() => readSigned(Uint8Array.of(0x22, 0xff, 0x22), 'root'))).toBe('TRUST_METADATA');
  });

  it('has one reading, however it is laid out', () => {
    const text = JSON.stringify({ signed: { ...signed, note: 'a "quoted" \\ text,  with spaces' }, signatures: [] });
    expect(codeOf(() => read(text))).toBeNull();
    expect(codeOf(() => read(JSON.stringify(JSON.parse(text), null, 2)))).toBeNull();
    for (const other of [
      text.replace('"version":1', '"version":1,"version":1'),
      text.replace('"version":1', '"version":1.0'),
      text.replace('"version":1', '"version":1e0'),
      text.replace('"version"', '"\\u0076ersion"'),
      text.replace('"version":1', '"version":1,"__proto__":{}'),
      text.replace('"version":1', '"version":-0'),
    ]) {
      expect(other).not.toBe(text);
      expect(
        codeOf(() => read(other)),
        other,
      ).toBe('TRUST_AMBIGUOUS');
    }
  });
});

describe('version and expiry', () => {
  it('are whole, bounded and exact', () => {
    expect(roleFacts({ version: 7, expires: EXPIRES }, 'root')).toEqual({ version: 7, expiresMs: Date.parse(EXPIRES) });
    expect(roleFacts({ version: 2 ** 40, expires: EXPIRES }, 'root').version).toBe(2 ** 40);
  });

  it.each([0, -1, 1.5, '1', null, 2 ** 40 + 1, 1e21])('refuses version %j', (version) => {
    expect(codeOf(() => roleFacts({ version, expires: EXPIRES }, 'root'))).toBe('TRUST_VERSION');
  });

  it.each([null, 1_800_000_000, '9999', 'Jan 1 2099', '2099-01-01T00:00:00'])('refuses expiry %j', (expires) => {
    expect(codeOf(() => roleFacts({ version: 1, expires }, 'root'))).toBe('TRUST_DATE');
  });
});

describe('the identity of a root', () => {
  const judge = (own: Json) => codeOf(() => checkRootIdentity({ 'x-tenantry': own }, identity));

  it.each([
    [null, { fleet: FLEET, org: ORG }],
    ['TRUST_ROOT_IDENTITY', { fleet: 'elsewhere', org: ORG }],
    ['TRUST_ROOT_IDENTITY', { fleet: FLEET, org: OTHER_ORG }],
    ['TRUST_ROOT_IDENTITY', {}],
    ['TRUST_ROOT_IDENTITY', null],
  ])('%s for %j', (code, own) => {
    expect(judge(own)).toBe(code);
  });
});

describe('the keys of a root', () => {
  const keyOf = (change: JsonObject = {}): JsonObject => ({
    keytype: KEY_TYPE,
    scheme: KEY_TYPE,
    keyval: { public: HEX },
    ...change,
  });
  /** Every role has the first key, at threshold 1; ids are the hashes of the keys. */
  const rootOf = (keys: readonly JsonObject[], role: JsonObject = {}, more: JsonObject = {}): JsonObject => {
    const ids = keys.map((key) => keyIdOf(key));
    const entry = { keyids: ids.slice(0, 1), threshold: 1 };
    return {
      consistent_snapshot: true,
      keys: Object.fromEntries(keys.map((key, index) => [ids[index], key])),
      roles: { root: entry, targets: { ...entry, ...role }, snapshot: entry, timestamp: entry },
      ...more,
    };
  };
  const id = keyIdOf(keyOf());
  const second = keyOf({ keyval: { public: 'cd'.repeat(32) } });

  it('pass when each is there once, under its hash', () => {
    expect(codeOf(() => checkRootKeys(rootOf([keyOf(), second])))).toBeNull();
    const both = { keyids: [id, keyIdOf(second)], threshold: 2 };
    expect(codeOf(() => checkRootKeys(rootOf([keyOf(), second], both)))).toBeNull();
  });

  it.each([
    ['another type', 'TRUST_KEY_ID', rootOf([keyOf({ keytype: 'rsa' })])],
    ['another scheme', 'TRUST_KEY_ID', rootOf([keyOf({ scheme: 'rsassa-pss-sha256' })])],
    ['no value', 'TRUST_KEY_ID', rootOf([keyOf({ keyval: null })])],
    ['a value that only reads like text', 'TRUST_KEY_ID', rootOf([keyOf({ keyval: { public: [HEX] } })])],
    ['a short value', 'TRUST_KEY_ID', rootOf([keyOf({ keyval: { public: 'ab' } })])],
    ['a wrong id', 'TRUST_KEY_ID', rootOf([keyOf()], {}, { keys: { [id]: keyOf(), [HEX]: second } })],
    ['one key under two ids', 'TRUST_DUPLICATE_KEY', rootOf([keyOf(), keyOf({ more: 1 })])],
    ['no keys', 'TRUST_METADATA', rootOf([keyOf()], {}, { keys: null })],
    ['a key that is none', 'TRUST_METADATA', rootOf([keyOf()], {}, { keys: { [id]: 1 } })],
    ['a role of unknown keys', 'TRUST_KEY_ID', rootOf([keyOf()], { keyids: [HEX] })],
    ['a key twice in a role', 'TRUST_DUPLICATE_KEY', rootOf([keyOf()], { keyids: [id, id] })],
    ['key ids that are no list', 'TRUST_METADATA', rootOf([keyOf()], { keyids: null })],
    ['key ids that are no texts', 'TRUST_METADATA', rootOf([keyOf()], { keyids: [1] })],
    ['a threshold of none', 'TRUST_THRESHOLD', rootOf([keyOf()], { threshold: 0 })],
    ['a threshold that nobody reaches', 'TRUST_THRESHOLD', rootOf([keyOf()], { threshold: 2 })],
    [
      'half a threshold',
      'TRUST_THRESHOLD',
      rootOf([keyOf(), second], { keyids: [id, keyIdOf(second)], threshold: 1.5 }),
    ],
    ['a role that is not there', 'TRUST_METADATA', rootOf([keyOf()], {}, { roles: {} })],
    ['no consistent snapshots', 'TRUST_METADATA', rootOf([keyOf()], {}, { consistent_snapshot: false })],
  ])('%s: %s', (_, code, root) => {
    expect(codeOf(() => checkRootKeys(root))).toBe(code);
  });

  it('of a role are sorted', () => {
    expect(keyIdsOf({ roles: { root: { keyids: ['b', 'a'] } } }, 'root')).toEqual(['a', 'b']);
  });
});

describe('a file that another one names', () => {
  const timestamp = (entry: Json): JsonObject => ({ meta: { 'snapshot.json': entry } });

  it('has version, length and SHA-256', () => {
    expect(namedSnapshot(timestamp(facts))).toEqual({ version: 1, length: 10, sha256: HEX });
    expect(namedTargets({ meta: { 'targets.json': { ...facts, length: 0 } } }).length).toBe(0);
  });

  it.each([
    ['TRUST_VERSION', { ...facts, version: 0 }],
    ['TRUST_UNPINNED', { ...facts, length: -1 }],
    ['TRUST_UNPINNED', { ...facts, length: 1.5 }],
    ['TRUST_UNPINNED', { ...facts, length: null }],
    ['TRUST_UNPINNED', { ...facts, hashes: {} }],
    ['TRUST_UNPINNED', { ...facts, hashes: null }],
    ['TRUST_UNPINNED', { ...facts, hashes: { sha256: 'ab' } }],
    ['TRUST_UNPINNED', { ...facts, hashes: { md5: 'ab', sha256: HEX } }],
    ['TRUST_METADATA', null],
  ])('%s for %j', (code, entry) => {
    expect(codeOf(() => namedSnapshot(timestamp(entry)))).toBe(code);
  });

  it('is the only one that is named', () => {
    const more = { meta: { 'targets.json': facts, 'more.json': facts } };
    expect(codeOf(() => namedTargets(more))).toBe('TRUST_METADATA');
    expect(codeOf(() => namedTargets({ meta: {} }))).toBe('TRUST_METADATA');
  });
});

describe('the signing time of a timestamp', () => {
  const own = { fleet: FLEET, org: ORG, signedAt: '2027-01-30T00:00:00Z' };
  const judge = (change: JsonObject) =>
    codeOf(() => signedAt({ expires: EXPIRES, 'x-tenantry': { ...own, ...change } }, identity));

  it.each([
    [null, {}],
    [null, { signedAt: EXPIRES }],
    ['TRUST_AUDIENCE', { fleet: 'elsewhere' }],
    ['TRUST_AUDIENCE', { org: OTHER_ORG }],
    ['TRUST_DATE', { signedAt: '2027-01-31T00:00:01Z' }],
    ['TRUST_DATE', { signedAt: null }],
  ])('%s for %j', (code, change) => {
    expect(judge(change)).toBe(code);
  });

  it('is nothing without our field', () => {
    expect(codeOf(() => signedAt({ expires: EXPIRES }, identity))).toBe('TRUST_METADATA');
  });
});

describe('targets', () => {
  const judge = (target: Json, more: JsonObject = {}) =>
    codeOf(() => checkTargets({ targets: { 'desk/bundle.tar': target }, ...more }));

  it.each([
    [null, facts, {}],
    ['TRUST_UNPINNED', { ...facts, length: null }, {}],
    ['TRUST_UNPINNED', { ...facts, hashes: {} }, {}],
    ['TRUST_METADATA', null, {}],
    ['TRUST_DELEGATION', facts, { delegations: { keys: {}, roles: [] } }],
    ['TRUST_METADATA', facts, { targets: null }],
  ])('%s for %j with %j', (code, target, more) => {
    expect(judge(target, more)).toBe(code);
  });
});
