import type { CredentialOf, Tenant } from '../core/index.ts';

/**
 * Credentials that were accepted, by the SHA-256 of the text they came as: the same text again need not be decoded, checked
 * and digested again. A digest cannot be steered, so looking it up tells nothing of a secret; there is one text per
 * credential, so there are no more entries than credentials.
 */
export interface Accepted {
  tenant: Tenant | null;
  texts: Map<string, CredentialOf>;
}

/** What was accepted under this tenant's snapshot; of the one before, what is still a credential of the same org. */
export function acceptedOf(accepted: Accepted, tenant: Tenant): Map<string, CredentialOf> {
  if (accepted.tenant === tenant) return accepted.texts;
  const kept = new Map<string, CredentialOf>();
  if (accepted.tenant?.orgUid === tenant.orgUid) {
    for (const [text, { id, digest }] of accepted.texts) {
      const found = tenant.credentials.get(id);
      if (found?.digest === digest) kept.set(text, found);
    }
  }
  Object.assign(accepted, { tenant, texts: kept });
  return kept;
}
