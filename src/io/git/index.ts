// Promise: the repository's facts, read through git alone: listings, bodies, commits, dirty files.
// Input: a folder and refs that a person typed. Output: the Repository, ReadTree, WriteTree, CommitTree and RemoteBranches ports.
// Invariants: refs are resolved to full ids before any other use; no hook, filter, replace ref or lazy fetch
// of the repository runs; bodies meet a limit before they are kept; writing is aside, fsync, rename.

export { openRemoteBranches } from './branches.ts';
export { openCommitTree } from './commit.ts';
export { mainWorkTree } from './folder.ts';
export { type Alone, openTreeLock } from './lock.ts';
export { createRepository, type GitCounters, openRepository } from './repository.ts';
export { openWriteTree } from './write.ts';
