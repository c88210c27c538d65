// Promise: a folder of files for somebody outside: written whole or not at all, and read as one that anybody may have made.
// Input: a path; names and bytes. Output: files on the disk; bytes, lines and digests of regular files.
// Invariants: written aside, fsync, rename; only its owner may read it; links are not followed; what is read is bounded.
export { openNewFolder } from './new.ts';
export { openReadFolder } from './read.ts';
