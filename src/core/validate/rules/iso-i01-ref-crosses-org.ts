import type { DesiredRule } from '../rule.ts';
import { crossings } from './reference-verdict.ts';

/** References whose crossing has a number of its own: of tokens, of and to wallets, of reviewers. */
const OWN_NUMBER: ReadonlySet<string> = new Set(['Token', 'Credentials', 'Wallet', 'Review']);

export const i01RefCrossesOrg: DesiredRule = {
  code: 'ISO_I01_REF_CROSSES_ORG',
  needs: 'desired',
  decide: (org) =>
    crossings('ISO_I01_REF_CROSSES_ORG', org, ({ from, kind }) => !OWN_NUMBER.has(from.id.kind) && kind !== 'Wallet'),
};
