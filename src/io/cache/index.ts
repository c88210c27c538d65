// Promise: answers of former local checks in one file, so that an unchanged fleet costs one look.
// Input: a path and the version of the rules. Output: get, put and save.
// Invariants: another version's file is not read; a torn or foreign file counts as empty; it is a convenience, never trusted by CI.
export { type CacheFile, openCacheFile } from './file.ts';
