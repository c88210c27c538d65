import { describe, expect, it } from 'vitest';
import { nodeClock, nodeHash, nodeRandom, nodeZoneOffset } from './index.ts';

describe('hash', () => {
  it('gives the SHA-256 of bytes and of the UTF-8 of text', () => {
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(nodeHash.sha256('abc')).toBe(digest);
    expect(nodeHash.sha256(new TextEncoder().encode('abc'))).toBe(digest);
    expect(nodeHash.sha256('ä')).toBe(nodeHash.sha256(new Uint8Array([0xc3, 0xa4])));
  });

  it('hashes a view, not the whole buffer behind it', () => {
    const view = new Uint8Array([0, 97, 98, 99, 0]).subarray(1, 4);
    expect(nodeHash.sha256(view)).toBe(nodeHash.sha256('abc'));
  });

  it('gives the id git gives a blob', () => {
    expect(nodeHash.gitBlobId('')).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
    expect(nodeHash.gitBlobId('hello\n')).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    expect(nodeHash.gitBlobId('ä\n')).toBe('8be8316c70848caa99b9b3086c64976e82d1c17d');
  });
});

describe('clock and randomness', () => {
  it('tells milliseconds and gives fresh bytes', () => {
    expect(Math.abs(nodeClock.nowMs() - Date.now())).toBeLessThan(1000);
    expect(nodeRandom.bytes(32)).toHaveLength(32);
    expect(nodeRandom.bytes(32)).not.toEqual(nodeRandom.bytes(32));
  });
});

describe('zone offset', () => {
  const at = (zone: string, text: string) => nodeZoneOffset(zone, Date.parse(text));

  it.each([
    ['UTC', '2026-06-01T00:00:00Z', 0],
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 60],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 120],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', 120],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 60],
    ['America/New_York', '2026-01-01T04:59:59Z', -300],
    ['Asia/Kolkata', '2026-01-01T18:29:59Z', 330],
    ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', 660],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', 630],
    ['Australia/Lord_Howe', '2026-10-03T15:29:59Z', 630],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 660],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', 345],
  ])('%s at %s is %i minutes', (zone, text, minutes) => {
    expect(at(zone, text)).toBe(minutes);
    expect(at(zone, text)).toBe(minutes);
  });

  it.each(['Mars/Olympus', '', '+01:00', 'Europe/Berlin ', '../etc'])('does not know %j', (zone) => {
    expect(at(zone, '2026-01-01T00:00:00Z')).toBeUndefined();
  });

  it('handles times before 1970', () => {
    expect(at('UTC', '1969-12-31T23:59:59Z')).toBe(0);
  });
});
