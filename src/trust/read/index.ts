export { TrustError } from '../error.ts';
export type { BundleFetcher, FetchAnswer, FetchOptions } from './fetcher.ts';
export type { StateFiles } from './files.ts';
export type { VerifyLimits } from './limits.ts';
export { provenanceCommit } from './provenance.ts';
export type { VerifiedTarget } from './state.ts';
export type { PollOptions, PollResult } from './stored-verifier.ts';
export { listedTarget } from './target.ts';
export { openVerifier, type Verifier, type VerifierOptions } from './verifier.ts';
