// Promise: the Signer port: keys derived per role, org and epoch from three seeds that lie apart.
// Input: a folder of sealed seed files, or environment variables. Output: public keys and signatures.
// Invariants: a seed or private key is never printed, logged or returned; wider file modes than 0600 are refused;
// seeds are created once and never overwritten.
export { environmentSigner } from './environment.ts';
export { opaSigningKey } from './opa.ts';
export { createSeeds, sealedFileSigner } from './sealed-file.ts';
