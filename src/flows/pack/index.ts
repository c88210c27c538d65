// Promise: the evidence of one org over a span of time as a folder of files, signed, that can be judged without us.
// Input: what is applied, what ran, the repository at the applied commit. Output: files; or who signed a folder and what in it
// does not hold.
// Invariants: nothing of another org and no content of a request is in it; nothing is written to the store.
export { type MadePack, makePack } from './make.ts';
export type { PackAsk, PackParts } from './parts.ts';
export { type PackVerdict, verifyPack } from './verify.ts';
