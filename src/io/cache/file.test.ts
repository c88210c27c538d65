import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CacheFile, openCacheFile } from './index.ts';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-cache-'));
  path = join(dir, 'cache/orgs');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const open = (version = 'v1'): CacheFile<{ readonly text: string }> => openCacheFile(path, version);
const fill = (): void => {
  const cache = open();
  for (const key of KEYS) cache.put(key, { text: `of ${key}\n` }, null);
  cache.save({ complete: true });
};

it('keeps values, for this user alone', () => {
  fill();
  expect(KEYS.map((key) => open().get(key)?.text)).toEqual(KEYS.map((key) => `of ${key}\n`));
  expect(open().get('z')).toBeUndefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('adds one value at the end and leaves the bytes before it alone', () => {
  fill();
  const before = readFileSync(path, 'utf8');
  const cache = open();
  for (const key of KEYS.slice(1)) cache.get(key);
  cache.put('i', { text: 'new' }, null);
  cache.save({ complete: true });
  expect(readFileSync(path, 'utf8')).toBe(`${before}\ni null\t{"text":"new"}\n`);
  expect(open().get('i')).toEqual({ text: 'new' });
});

it('writes nothing when nothing was put', () => {
  fill();
  const before = readFileSync(path, 'utf8');
  const cache = open();
  cache.get('a');
  cache.save({ complete: true });
  expect(readFileSync(path, 'utf8')).toBe(before);
});

it('drops what nobody asked for when it is much, but never after a look at a part', () => {
  fill();
  const part = open();
  part.get('a');
  part.put('i', { text: 'new' }, null);
  part.save({ complete: false });
  expect(open().get('h')).toEqual({ text: 'of h\n' });
  const whole = open();
  whole.get('a');
  whole.put('k', { text: 'newer' }, null);
  whole.save({ complete: true });
  expect(readFileSync(path, 'utf8')).toBe('v1\na null\t{"text":"of a\\n"}\nk null\t{"text":"newer"}\n');
});

it('takes the newest of equal keys', () => {
  fill();
  const cache = open();
  for (const key of KEYS) cache.get(key);
  cache.put('a', { text: 'newer' }, null);
  cache.save({ complete: true });
  expect(open().get('a')).toEqual({ text: 'newer' });
});

it('reads no file of another version, and adds nothing to one that came meanwhile', () => {
  fill();
  expect(open('v2').get('a')).toBeUndefined();
  const late = open();
  for (const key of KEYS) late.get(key);
  late.put('i', { text: 'by the rules of v1' }, null);
  const other = open('v2');
  other.put('a', { text: 'by the rules of v2' }, null);
  other.save({ complete: true });
  late.save({ complete: true });
  expect(open('v2').get('a')).toEqual({ text: 'by the rules of v2' });
  expect(open('v2').get('i')).toBeUndefined();
});

it('keeps more of a value, which is parsed when it is asked for, and is missed alone where it is damaged', () => {
  const openWith = (): CacheFile<string, readonly number[]> => openCacheFile(path, 'v1');
  const cache = openWith();
  cache.put('a', 'text', [1, 2]);
  cache.put('b', 'a\ttab', []);
  expect(cache.bulk('a')).toEqual([1, 2]);
  cache.save({ complete: true });
  expect([openWith().get('a'), openWith().bulk('a'), openWith().bulk('z')]).toEqual(['text', [1, 2], undefined]);
  expect([openWith().get('b'), openWith().bulk('b')]).toEqual(['a\ttab', []]);
  writeFileSync(path, readFileSync(path, 'utf8').replace('[1,2]', '[1,2'));
  expect([openWith().get('a'), openWith().bulk('a')]).toEqual(['text', undefined]);
  appendFileSync(path, 'a [3]');
  expect(openWith().get('a')).toBeUndefined();
});

it('loses only the value whose line was torn', () => {
  fill();
  appendFileSync(path, 'a null\t{"text":"to');
  const cache = open();
  expect(cache.get('a')).toBeUndefined();
  for (const key of KEYS) cache.get(key);
  cache.put('i', { text: 'new' }, null);
  cache.save({ complete: false });
  expect([open().get('a'), open().get('b'), open().get('i')]).toEqual([undefined, { text: 'of b\n' }, { text: 'new' }]);
});

it('does without a folder that cannot be written', () => {
  writeFileSync(join(dir, 'cache'), 'a file');
  fill();
  expect(existsSync(path)).toBe(false);
  expect(open().get('a')).toBeUndefined();
});
