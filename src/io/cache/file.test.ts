import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
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
  for (const key of KEYS) cache.put(key, { text: `of ${key}\n` }, '');
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
  cache.put('i', { text: 'new' }, '');
  cache.save({ complete: true });
  expect(readFileSync(path, 'utf8')).toBe(`${before}\ni \t{"text":"new"}\n`);
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
  part.put('i', { text: 'new' }, '');
  part.save({ complete: false });
  expect(open().get('h')).toEqual({ text: 'of h\n' });
  const whole = open();
  whole.get('a');
  whole.put('k', { text: 'newer' }, '');
  whole.save({ complete: true });
  expect(readFileSync(path, 'utf8')).toBe('v1\na \t{"text":"of a\\n"}\nk \t{"text":"newer"}\n');
});

it('takes the newest of equal keys', () => {
  fill();
  const cache = open();
  for (const key of KEYS) cache.get(key);
  cache.put('a', { text: 'newer' }, '');
  cache.save({ complete: true });
  expect(open().get('a')).toEqual({ text: 'newer' });
});

it('reads no file of another version, and adds nothing to one that came meanwhile', () => {
  fill();
  expect(open('v2').get('a')).toBeUndefined();
  const late = open();
  for (const key of KEYS) late.get(key);
  late.put('i', { text: 'by the rules of v1' }, '');
  const other = open('v2');
  other.put('a', { text: 'by the rules of v2' }, '');
  other.save({ complete: true });
  late.save({ complete: true });
  expect(open('v2').get('a')).toEqual({ text: 'by the rules of v2' });
  expect(open('v2').get('i')).toBeUndefined();
});

it('keeps a text beside a value, as it was put', () => {
  const openWith = (): CacheFile<string> => openCacheFile(path, 'v1');
  const cache = openWith();
  cache.put('a', 'text', '[1,2]');
  cache.put('b', 'a\ttab', '');
  expect(cache.bulk('a')).toBe('[1,2]');
  cache.save({ complete: true });
  expect([openWith().get('a'), openWith().bulk('a'), openWith().bulk('z')]).toEqual(['text', '[1,2]', undefined]);
  expect([openWith().get('b'), openWith().bulk('b')]).toEqual(['a\ttab', '']);
  appendFileSync(path, 'a [3]');
  expect(openWith().get('a')).toBeUndefined();
});

it('loses only the value whose line was torn', () => {
  fill();
  appendFileSync(path, 'a \t{"text":"to');
  const cache = open();
  expect(cache.get('a')).toBeUndefined();
  for (const key of KEYS) cache.get(key);
  cache.put('i', { text: 'new' }, '');
  cache.save({ complete: false });
  expect([open().get('a'), open().get('b'), open().get('i')]).toEqual([undefined, { text: 'of b\n' }, { text: 'new' }]);
});

it('does without a folder that cannot be written', () => {
  writeFileSync(join(dir, 'cache'), 'a file');
  fill();
  expect(existsSync(path)).toBe(false);
  expect(open().get('a')).toBeUndefined();
});

it('removes what a killed build left beside it once it is old, when it writes the file anew', () => {
  mkdirSync(join(dir, 'cache'));
  const [old, young, foreign] = ['orgs.1.tmp', 'orgs.2.tmp', 'trees.1.tmp'].map((name) => join(dir, 'cache', name));
  const files = [old, young, foreign] as readonly string[];
  for (const file of files) writeFileSync(file, 'half');
  const hoursAgo = Date.now() / 1000 - 7200;
  for (const file of files) if (file !== young) utimesSync(file, hoursAgo, hoursAgo);
  fill();
  expect(files.map((file) => existsSync(file))).toEqual([false, true, true]);
});
