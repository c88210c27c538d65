/** Names of accounts as providers write them: ids behind a prefix, UUIDs, and names of resources. No part can be read twice. */
const ACCOUNTS =
  /\b(?:org|proj|user|acct)[-_](?=[a-z]*[A-Z0-9]|[a-z]{16})[\w-]+|\barn:[\w:./-]+|\b[\dA-Fa-f]{8}-(?:[\dA-Fa-f]{4}-){3}[\dA-Fa-f]{12}\b/g;

/** What a provider says of a refusal without the names of the account that it was asked with, which are not the caller's. */
export function withoutAccounts(words: string): string {
  return words.replace(ACCOUNTS, '[account]');
}
