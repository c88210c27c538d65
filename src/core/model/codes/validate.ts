import type { CodeTable } from './entry.ts';

export const validateCodes = {
  GENERATED_STALE: {
    severity: 'high',
    title: 'A committed generated file is not what the inputs render to',
    explain:
      'Generated manifests are committed so that a pull request shows their effect; they are never edited by hand. A file that is missing, left over or different was edited, or the inputs changed without rendering.',
    fix: 'Run `tenantry render --write` and commit the result; to change one customer alone, add an overlay.',
  },
  OWNERS_WRONG: {
    severity: 'critical',
    title: 'The owner file lets others, or nobody, approve changes of an org',
    explain:
      'In a CODEOWNERS file the last line that matches a path decides. For every file of an org, and for one that is not there yet in each of its folders, that must be exactly the owners in its org.yaml and the platform owners; for waivers/ and pins/ the platform owners alone. A later or wider line quietly takes an org its reviewers.',
    fix: 'Run `tenantry render --write` and commit the owner file; put lines of your own above the generated part.',
  },
  OWNERS_CATCH_ALL: {
    severity: 'critical',
    title: 'The owner file leaves something of the platform to others',
    explain:
      'Templates, fleet.yaml, prices, approvals, workflows, the owner file itself and files that are not there yet must need the platform owners: whoever may change them without review changes what is checked, or who is asked.',
    fix: 'Run `tenantry render --write` and commit the owner file; put lines of your own above the generated part.',
  },
  OWNERS_MISSING: {
    severity: 'high',
    title: 'The repository has files for a forge and no owner file',
    explain:
      'With a folder .github the repository lives on a forge that asks the owners of changed paths. Without CODEOWNERS it asks nobody.',
    fix: 'Create an empty .github/CODEOWNERS with the line `# tenantry: begin`, then run `tenantry render --write`.',
  },
  OWNERS_SYNTAX: {
    severity: 'high',
    title: 'The forge skips a line of the owner file',
    explain:
      'CODEOWNERS knows no negation and no character classes, and owners are users, teams or e-mail addresses. A line that it cannot read is skipped without a word, and a file above 3 MiB as a whole.',
    fix: 'Correct the line; `tenantry render --write` makes the generated part anew.',
  },
  UPSTREAM_MISMATCH: {
    severity: 'high',
    title: 'A gateway declares another upstream than its policy uses',
    explain:
      'The runtime reads the secret that the target of the policy names; accounts, isolation and evidence are judged by what the gateway declares for the same target. When the two differ, or the policy has no such target, what was reviewed is not what runs.',
    fix: 'Give each of the upstreams the id of a target, and name one and the same secret in `upstreams` of the gateway and in `secret_key_ref` of the target.',
  },
  GATEWAY_EGRESS: {
    severity: 'high',
    title: 'A gateway sends to a host that its egress does not list',
    explain:
      'What a gateway reaches is what its policy (targets, tool servers, webhooks, services that policies ask) and its sinks name. `egress` is what was agreed for the network of its machine, and what reviewers of a change read; a host that only the policy names was agreed by nobody, and a network that holds to the list would not let it through.',
    fix: 'Add the host to `egress` of the gateway if customers agree that it is reached, or name one that is listed.',
  },
  TOKEN_EXPIRED: {
    severity: 'info',
    title: 'A token has expired',
    explain:
      'Whoever shows it is refused, at gateways and at the console. Time brings tokens there, so this stops no other change.',
    fix: 'Set `expires` to a later time, or remove the token.',
  },
  TOKEN_EXPIRES_FAR: {
    severity: 'medium',
    title: 'A token lives for more than 400 days',
    explain: 'Secrets that nobody must renew are forgotten, and are still valid when they leak years later.',
    fix: 'Set `expires` to at most 400 days from now and renew it with `tenantry token rotate`.',
  },
  TOKEN_ADDRESS_INVALID: {
    severity: 'high',
    title: 'A token names a network that does not exist',
    explain:
      'A network is an address and the number of bits that count. With bits set beside them (10.0.0.1/8) one program reads a host and another a network, so nobody knows what was meant.',
    fix: 'Write the first address of the network, as in 10.0.0.0/8 or 2001:db8::/32, or one address without a slash.',
  },
  TOKEN_CONSOLE_ADDRESSES: {
    severity: 'high',
    title: 'A token for the console has addresses',
    explain:
      'Addresses bound what a token may do at gateways. The control plane does not judge by address, so the token would open the console of the org from everywhere, although it reads as if it did not.',
    fix: 'Make two tokens: one with the scope console and without addresses, one for the gateways with them.',
  },
  TOKEN_PATH_UNREACHABLE: {
    severity: 'medium',
    title: 'A token names a path that its scopes do not open',
    explain: 'Paths narrow what the scopes open and open nothing themselves, so every call of this path is refused.',
    fix: 'Add the scope that opens the path, or remove the path.',
  },
  GATEWAY_LIMIT_MODEL_UNKNOWN: {
    severity: 'medium',
    title: 'A gateway limits a model that nobody answers with',
    explain:
      'The limit of a model counts requests that go to a target with exactly that model. With another name it never counts anything.',
    fix: 'Write the model as the target of the policy has it.',
  },
  MODEL_UNPRICED: {
    severity: 'info',
    title: 'A model has no price that its wallets could be charged',
    explain:
      "What a request costs is computed from the price that holds when it comes, in the currency of the wallet that pays and of all above it. Where the price book has none, gateways refuse each request for the model that a wallet pays for, with 402 `price_missing`. Prices are the fleet's, and dates of them come by time, so this stops no change of an org.",
    fix: 'Add a price of the model, in that currency, to the price book that `prices` of fleet.yaml names, or remove the target with the model from the policy.',
  },
  PRICE_BOOK_UNKNOWN: {
    severity: 'high',
    title: 'The fleet charges by a price book that does not exist',
    explain:
      '`prices` of fleet.yaml names the one price book of the fleet. Without it no model has a price, and every gateway refuses each request that a wallet pays for, with 402 `price_missing`.',
    fix: 'Name a file below prices/ in `prices` of fleet.yaml, or add the price book.',
  },
  FREEZE_WINDOW: {
    severity: 'high',
    title: 'A freeze ends before it begins, or holds for more than a season',
    explain:
      'While a freeze holds nothing is applied, its own end neither: a year that was mistyped would stop every change of every customer for good. One that ends before it begins holds nothing, and nobody would notice until somebody relies on it.',
    fix: 'Correct `from` or `to` of the freeze in fleet.yaml; for a longer one, add the next window before this one ends.',
  },
  WALLET_CYCLE: {
    severity: 'high',
    title: 'A wallet is its own parent',
    explain: 'Following `parent` from this wallet leads back to it, so no wallet is the top and no limit is the last.',
    fix: 'Remove `parent` from the wallet that is meant to be the top.',
  },
  WALLET_CURRENCY_MISMATCH: {
    severity: 'high',
    title: 'A wallet and its parent have different currencies',
    explain:
      'Money is never converted: an amount held in the child cannot be held in the parent, so such a pair can never pay.',
    fix: 'Give both wallets the same currency.',
  },
  REVIEW_UNSTAFFED: {
    severity: 'high',
    title: 'Nobody can decide in a review queue',
    explain:
      'The teams of the queue have neither members nor leads, so every escalated request waits until it times out.',
    fix: 'Add a member to one of the teams, or name a team that has members.',
  },
  GATEWAY_POLICY_ENVIRONMENT: {
    severity: 'high',
    title: 'A gateway names a policy of another environment',
    explain:
      'Each environment has a lineage of its own: a gateway enforces a policy of its own environment only, so that a test policy can never become live by a name.',
    fix: "Add the policy to the gateway's environment, or name one that is there.",
  },
  GATEWAY_NAME_DUPLICATE: {
    severity: 'high',
    title: 'Two gateways of an org have the same name',
    explain:
      'Tokens, pins and published paths name a gateway without its environment, so its name must be unique in the org across environments.',
    fix: 'Put the environment into the name, as in support-production.',
  },
  CREDENTIALS_UNKNOWN_TOKEN: {
    severity: 'medium',
    title: 'A credential belongs to no token',
    explain: 'The entry names a token that the org does not have, so the secret opens nothing and nobody owns it.',
    fix: 'Remove it with `tenantry token revoke`, or add the token.',
  },
  CREDENTIALS_ID_DUPLICATE: {
    severity: 'high',
    title: 'One token id is used by two credentials of an org',
    explain: 'A gateway finds a credential by its id alone, so with two of them it is open whose limits apply.',
    fix: 'Revoke one of the two and issue it again with `tenantry token issue`.',
  },
  GATEWAY_HOST: {
    severity: 'info',
    title: 'A gateway runs on a machine that fleet.yaml does not list',
    explain:
      'The region of a machine is known from `hosts` of fleet.yaml alone, so nothing compares it with the one of the gateway. A new org may come before its machine is listed.',
    fix: 'Correct the name, or list the machine in fleet.yaml.',
  },
  CREDENTIALS_EXPIRED: {
    severity: 'info',
    title: 'A credential has expired',
    explain: 'The secret no longer opens anything. The entry may stay for the record or be removed.',
    fix: 'Remove it with `tenantry token revoke --expired` once nobody needs the record.',
  },
  WAIVER_UNKNOWN_CODE: {
    severity: 'medium',
    title: 'A waiver names a code that does not exist',
    explain: 'No finding has this code, so the waiver accepts nothing and someone believes that it does.',
    fix: 'Correct the code; `tenantry explain <CODE>` knows every code.',
  },
  WAIVER_UNUSED: {
    severity: 'info',
    title: 'A waiver accepts nothing any more',
    explain:
      'The finding that the waiver names does not occur on its object, or says something else than what was accepted.',
    fix: 'Delete the waiver; where the finding says something else now, have that accepted anew.',
  },
  WALLET_SCOPE_INVERTED: {
    severity: 'high',
    title: 'A wallet is below a narrower one',
    explain:
      "The parent bounds one person or one team and the child a wider circle, so the child's spending would be counted against somebody who is only part of it.",
    fix: 'Turn the two around, or name a parent of the same or a wider scope.',
  },
  WALLET_PERIOD: {
    severity: 'medium',
    title: 'The period of a wallet cannot begin on its anchor day',
    explain:
      'Weeks have days 1 (Monday) to 7; periods of a day or without end have no first day to choose. The number says something that does not happen.',
    fix: 'Set `anchorDay` to a day that the period has; 1 for day and total.',
  },
  WALLET_ZONE: {
    severity: 'high',
    title: 'A wallet counts in a time zone that does not exist',
    explain: 'Where days begin in no known zone, periods would turn over by UTC, and nobody would see why.',
    fix: 'Write the name as the IANA time zone database has it.',
  },
  WALLET_THRESHOLDS: {
    severity: 'info',
    title: 'Nobody is told before a wallet is used up',
    explain: 'The wallet refuses when it is used up and has no thresholds, so the first sign is a refused request.',
    fix: 'Add thresholds, for example 80 and 100.',
  },
  WALLET_LIMIT_ZERO: {
    severity: 'medium',
    title: 'A wallet can never pay',
    explain: 'Its limit is 0: every request that it is to pay is refused, or passes to the wallet above it.',
    fix: 'Set a limit above 0, or remove the wallet.',
  },
  GATEWAY_RING_UNKNOWN: {
    severity: 'high',
    title: 'A gateway is in a rollout ring that does not exist',
    explain: 'Changes roll out ring by ring; a gateway in none of them would never be reached, or by chance.',
    fix: 'Name a ring of fleet.yaml, or add it there.',
  },
  RETIRED_LATER: {
    severity: 'high',
    title: 'An org is to be retired on a day that has not come',
    explain:
      '`retired` does not wait: once it is applied the org has no token and no gateway any more, whatever day it names. Whoever wrote a day to come meant the customer to be served until then.',
    fix: 'Merge the change on that day, with the time of that day; `tenantry org offboard` writes it.',
  },
  RETIRED_ORG_LIVE: {
    severity: 'critical',
    title: 'A retired org still has a token, a gateway or credentials of its own',
    explain:
      '`retired` in org.yaml says that nobody is served any more: the renderer leaves out every token and gateway of the template. A manifest under custom/ would go on serving beside that, and digests in credentials.yaml would open the org again on the day that `retired` is taken out.',
    fix: 'Remove credentials.yaml and the Token and Gateway manifests under custom/, as `tenantry org offboard` does; if the org is to be served again, take `retired` out of org.yaml.',
  },
  ORG_UID_CHANGED: {
    severity: 'critical',
    title: 'The uid of an org changed',
    explain:
      "The uid is the org's identity: keys, published paths, token digests, floors on gateways and evidence hang on it. It is minted once and never changes.",
    fix: 'Put the former uid back. A customer that starts anew is a new org.',
  },
  TEMPLATE_VERSION_CHANGED: {
    severity: 'high',
    title: 'A template version that was there before changed',
    explain:
      'A version on the base is what orgs are pinned to: whoever edits it changes every one of them without their pin moving.',
    fix: 'Take the edit back and add a new version folder; then move the pins.',
  },
  WAIVER_ENDS_SOON: {
    severity: 'info',
    title: 'A waiver ends within two weeks',
    explain: 'After its end the finding counts again and blocks.',
    fix: 'Repair the cause, or have a later expiry approved in time.',
  },
} as const satisfies CodeTable;
