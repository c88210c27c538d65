// Promise: the keys that are at hand: derived per role, org and epoch from seeds that lie apart, or held by a program.
// Input: a folder of sealed seed files, environment variables, or a program. Output: public keys and signatures.
// Invariants: a seed or private key is never logged, never in an error or an argument of a process, and printed at most once,
// when it is made and asked for; wider file modes than 0600 are refused; seeds are created once and never overwritten.
export { commandCustody, keyName, type SignerProgram } from './command.ts';
export { type Environment, environmentCustody } from './environment.ts';
export { opaSigningKey } from './opa.ts';
export { type PrintedSeed, type PrintedSeeds, printRootSeeds } from './printed.ts';
export { presignedFolder } from './roots.ts';
export { copySeeds, createSeeds, type SeedPlaces, sealedFileCustody } from './sealed-file.ts';
