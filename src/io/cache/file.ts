import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../core/model/index.ts';

/** A map of JSON values by key (without spaces), kept in one file; each with a line of text that is seldom asked for. */
export interface CacheFile<Value> {
  get(key: string): Value | undefined;
  /** The text that was put beside the value. */
  bulk(key: string): string | undefined;
  /** `bulk` is one line without a tab, as any JSON text is. */
  put(key: string, value: Value, bulk: string): void;
  /**
   * Adds what was put to the file. `complete` says that everything worth keeping was used or put since opening: then the
   * file is written anew without the rest, once the rest is worth it.
   */
  save(how: { readonly complete: boolean }): void;
}

/** JSON as it is written here has none. */
const TAB = '\t';

/** The rest is dropped when it is more than one part in this many of what is kept. */
const WASTE_PARTS = 4;

/**
 * Opens the cache at `path`; `version` names the rules that made the answers. The file is that version in a line, then a
 * line for each value: the key, the bulk, a tab, the value; the last of equal keys counts. The value stands at the end, so that
 * no torn line has one. A part is parsed when it is asked for, and what is new is added at the end, so that a small change of
 * a large fleet reads and writes little.
 */
export function openCacheFile<Value>(path: string, version: string): CacheFile<Value> {
  const header = `${version}\n`;
  const before = readLines(path, header);
  const used = new Map<string, string>();
  const fresh = new Map<string, string>();
  return {
    get(key) {
      const text = fresh.get(key) ?? before?.get(key);
      const tab = text?.indexOf(TAB) ?? -1;
      if (text === undefined || tab < 0) return undefined;
      const value = parsed<Value>(text.slice(tab + 1));
      if (value !== undefined) used.set(key, text);
      return value;
    },
    bulk(key) {
      const text = fresh.get(key) ?? before?.get(key);
      const tab = text?.indexOf(TAB) ?? -1;
      return text === undefined || tab < 0 ? undefined : text.slice(0, tab);
    },
    put(key, value, bulk) {
      const text = `${bulk}${TAB}${JSON.stringify(value)}`;
      used.set(key, text);
      fresh.set(key, text);
    },
    save({ complete }) {
      if (fresh.size === 0) return;
      try {
        const isWasteful =
          complete && lengthOf(before ?? []) + lengthOf(fresh) > lengthOf(used) * (1 + 1 / WASTE_PARTS);
        if (before === null || isWasteful) replace(path, header + textOf(before === null ? fresh : used));
        else append(path, { header, text: textOf(fresh) });
      } catch {
        // A folder that cannot be written costs speed, nothing else.
      }
    },
  };
}

function parsed<Value>(text: string): Value | undefined {
  try {
    return parseJson(text) as Value;
  } catch {
    return undefined;
  }
}

/** The values' texts by key; null where there is no file of this version. */
function readLines(path: string, header: string): ReadonlyMap<string, string> | null {
  const text = readText(path);
  if (!text.startsWith(header)) return null;
  const lines = new Map<string, string>();
  for (let at = header.length; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    const space = text.indexOf(' ', at);
    if (space > at && space < stop) lines.set(text.slice(at, space), text.slice(space + 1, stop));
    at = stop + 1;
  }
  return lines;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function lengthOf(lines: Iterable<readonly [string, string]>): number {
  let length = 0;
  for (const [key, text] of lines) length += key.length + text.length;
  return length;
}

function textOf(lines: ReadonlyMap<string, string>): string {
  return [...lines].map(([key, text]) => `${key} ${text}\n`).join('');
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
  sweep(path);
}

/** Far longer than writing a cache takes. */
const LEFT_AFTER_MS = 3_600_000;

/** Removes what killed builds left beside the file; of one that still writes it is younger. */
function sweep(path: string): void {
  const asides = readdirSync(dirname(path)).filter(
    (name) => name.startsWith(`${basename(path)}.`) && /\.[0-9]+\.tmp$/.test(name),
  );
  for (const aside of asides.map((name) => join(dirname(path), name))) {
    if (statSync(aside).mtimeMs <= Date.now() - LEFT_AFTER_MS) rmSync(aside, { force: true });
  }
}

/**
 * In one write at the end, and only where the file still is of this version: another build may have replaced it. The
 * line end in front closes a line that was torn, which then is no JSON.
 */
function append(path: string, add: { readonly header: string; readonly text: string }): void {
  const file = openSync(path, 'a+');
  try {
    const first = Buffer.alloc(Buffer.byteLength(add.header));
    readSync(file, first, 0, first.length, 0);
    if (first.toString() === add.header) writeSync(file, `\n${add.text}`);
  } finally {
    closeSync(file);
  }
}
