import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A small map of JSON values by key, kept in one file. */
export interface CacheFile<Value> {
  get(key: string): Value | undefined;
  put(key: string, value: Value): void;
  /** Writes what was used or put since opening; what nobody asked for is dropped. */
  save(): void;
}

interface Stored<Value> {
  readonly version: string;
  readonly entries: Readonly<Record<string, Value>>;
}

/** Opens the cache at `path`; `version` names the rules that made the answers. */
export function openCacheFile<Value>(path: string, version: string): CacheFile<Value> {
  const before = readStored<Value>(path, version);
  const used = new Map<string, Value>();
  let changed = false;
  return {
    get(key) {
      const value = before.get(key) ?? used.get(key);
      if (value !== undefined) used.set(key, value);
      return value;
    },
    put(key, value) {
      used.set(key, value);
      changed = true;
    },
    save() {
      if (!changed && used.size === before.size) return;
      const text = JSON.stringify({ version, entries: Object.fromEntries(used) } satisfies Stored<Value>);
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, text, { mode: 0o600 });
        renameSync(temporary, path);
      } catch {
        // A folder that cannot be written costs speed, nothing else.
      }
    },
  };
}

function readStored<Value>(path: string, version: string): ReadonlyMap<string, Value> {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as Stored<Value>;
    return stored.version === version ? new Map(Object.entries(stored.entries)) : new Map();
  } catch {
    return new Map();
  }
}
