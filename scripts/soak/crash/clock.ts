// Clocks of processes that a soak moves while they run.

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Clock {
  /** Of a process whose clock this is. */
  readonly env: Readonly<Record<string, string>>;
  /** Jumps to so far from the right time; within a tenth of a second. */
  readonly set: (aheadMs: number) => void;
}

/** A clock that stands right, kept in this file. */
export const openClock = (file: string): Clock => {
  const set = (aheadMs: number): void => {
    writeFileSync(`${file}.new`, String(aheadMs));
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    env: { TENANTRY_CLOCK_FILE: file, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'preload.mjs')}` },
    set,
  };
};
