// Promise: the public keys of an issuer of identity tokens, as its discovery document names them.
// Input: an issuer that fleet.yaml pins; a clock. Output: JWKs, remembered for a while.
// Invariants: https (or loopback), the issuer's own host, bounded answers; an issuer that is away gives no keys, never old ones for long.
export { openIdentityKeys } from './keys.ts';
