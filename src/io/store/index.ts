// Promise: the org store in one SQLite file, behind the ports OrgStore and RuntimeStore.
// Input: a path (or `:memory:`) and a Hash. Output: both ports over one connection, and counters of the work done.
// Invariants: org first in every key and every statement; history, ledger and events only grow; what a method refuses it
// has not written; a committed transaction survives kill -9 (WAL, synchronous=FULL) and needs no repair.
export { openSqliteStore, type SqliteStore } from './open.ts';
