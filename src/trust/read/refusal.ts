import type { TrustCode } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';

/** What tuf-js (pinned) says, most telling first; it flattens causes to text, so text is all there is. */
const TUF_WORDS: readonly (readonly [RegExp, TrustCode])[] = [
  [/is expired/, 'TRUST_EXPIRED'],
  [/Expected hash|Hash algorithm/, 'TRUST_HASH'],
  [/Expected length/, 'TRUST_LENGTH'],
  [/was signed by|multiple signatures/, 'TRUST_SIGNATURE'],
  [/is less than current|Missing file/, 'TRUST_ROLLBACK'],
  [/Expected version|does not match snapshot version|doesn't match timestamp/, 'TRUST_VERSION'],
];

/** The refusal that an error of tuf-js stands for. */
export function refusalOf(error: unknown): TrustError {
  if (error instanceof TrustError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const code = TUF_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? 'TRUST_METADATA';
  return new TrustError(code, words.slice(0, 300));
}

/** A failure to reach the source, kept apart from what the source says. */
export function unreachable(error: unknown): TrustError {
  if (error instanceof TrustError) return error;
  return new TrustError('TRUST_UNREACHABLE', (error instanceof Error ? error.message : String(error)).slice(0, 300));
}
