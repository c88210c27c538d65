export type { BundleFetcher, FetchAnswer, FetchOptions } from './fetcher.ts';
export type { VerifyLimits } from './limits.ts';
export type { VerifiedTarget } from './state.ts';
export { openVerifier, type PollOptions, type PollResult, type Verifier, type VerifierOptions } from './verifier.ts';
