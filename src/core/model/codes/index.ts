import { applyCodes } from './apply.ts';
import { commandCodes } from './command.ts';
import type { CodeEntry } from './entry.ts';
import { gatewayCodes } from './gateway.ts';
import { isolationCodes } from './isolation.ts';
import { moreIsolationCodes } from './isolation-rest.ts';
import { moneyCodes } from './money.ts';
import { parseCodes } from './parse.ts';
import { planCodes } from './plan.ts';
import { policyCodes } from './policy.ts';
import { renderCodes } from './render.ts';
import { reviewCodes } from './review.ts';
import { rolloutCodes } from './rollout.ts';
import { storeCodes } from './store.ts';
import { trustCodes } from './trust.ts';
import { upgradeCodes } from './upgrade.ts';
import { validateCodes } from './validate.ts';

export type { CodeEntry, CodeTable } from './entry.ts';

/** Every stable code of Tenantry, by area of the file that raises it. */
export const codes = {
  ...parseCodes,
  ...renderCodes,
  ...isolationCodes,
  ...moreIsolationCodes,
  ...validateCodes,
  ...policyCodes,
  ...planCodes,
  ...applyCodes,
  ...storeCodes,
  ...trustCodes,
  ...gatewayCodes,
  ...moneyCodes,
  ...reviewCodes,
  ...rolloutCodes,
  ...commandCodes,
  ...upgradeCodes,
};

export type FindingCode = keyof typeof codes;

/** The codes of signing, publishing and verifying. */
export type TrustCode = keyof typeof trustCodes;

/** The table entry of a code given as text, or undefined. */
export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(codes, code) ? (codes as Record<string, CodeEntry>)[code] : undefined;
}
