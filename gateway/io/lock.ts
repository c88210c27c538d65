import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GatewayFailure } from './failure.ts';
import { errorCode, sweepAsides } from './files.ts';

const FILE = 'running.lock';
const BUSY = 5; // SQLITE_BUSY
/** Of two that start at one moment each may meet the other's first step; one of them gets on within this. */
const WAIT_MS = 500;

/** What is dropped is closed by the collector, and with it its lock. */
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only one on the folder, and removes what one before it left half-written; the answer gives it free
 * again. The lock is the operating system's on an empty file, through SQLite: it ends with its process at whatever moment, and
 * says nothing of process numbers, which mean another process in each container and after each restart. Throws
 * GATEWAY_STATE_LOCKED.
 */
export function lockState(folder: string): () => void {
  const path = join(folder, FILE);
  makeLockFile(path);
  const database = new DatabaseSync(path, { timeout: WAIT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw lockedError(path, error);
  }
  held.add(database);
  sweepAsides(folder);
  return () => {
    if (held.delete(database)) database.close();
  };
}

/** For its owner alone: who could read it could lock it too. Only a new one is opened here; closing it would end a lock of it. */
function makeLockFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function lockedError(path: string, error: unknown): GatewayFailure {
  const isBusy = (error as { readonly errcode?: unknown }).errcode === BUSY;
  const found = isBusy ? 'another gateway on it' : `that ${path} cannot be locked: ${String(error)}`;
  return new GatewayFailure('GATEWAY_STATE_LOCKED', `expected a free state folder, found ${found}`);
}
