// Promise: answers of former local checks in one file, so that a small change of a large fleet costs little.
// Input: a path and the version of the rules. Output: get, put and save.
// Invariants: another version's file is not read or added to; what is torn or foreign counts as absent; it is a convenience, never trusted by CI.
export { type CacheFile, openCacheFile } from './file.ts';
