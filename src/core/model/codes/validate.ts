import type { CodeTable } from './entry.ts';

export const validateCodes = {
  REF_UNRESOLVED: {
    severity: 'high',
    title: 'A reference names an object that the org does not have',
    explain:
      'References are names inside one org: teams, wallets, policies and gateways are looked up in the rendered objects of the same org and nowhere else. A name that is not there would silently mean nothing at run time.',
    fix: 'Correct the name, or add the object to the same org.',
  },
  REF_CROSSES_ORG: {
    severity: 'critical',
    title: 'A reference reaches into another org',
    explain:
      'The reference is written with a path, or names an object or the uid of another org. A directory under orgs/ is a wall: nothing in it may use what belongs to another customer, and no waiver changes that.',
    fix: 'Name an object of the same org; create one there if the customer needs it.',
  },
  TREE_UNKNOWN_FILE: {
    severity: 'high',
    title: 'A file stands where no manifest belongs',
    explain:
      'Only the files of the documented layout may stand below orgs/, templates/, prices/ and approvals/. A file that nothing reads looks as if it took effect, or hides what a later version would read.',
    fix: 'Move the file to the path of its kind, or delete it.',
  },
  TREE_ODD_MODE: {
    severity: 'critical',
    title: 'A file is a symbolic link, a submodule or executable',
    explain:
      'Links and submodules lead out of the directory of an org, so that the content that was reviewed is not the content that is read. Executable manifests have no use. The mode is taken from the commit, not from the checkout.',
    fix: 'Commit the content itself as a normal file: `git update-index --chmod=-x <file>`, or replace the link by a file.',
  },
  TREE_ODD_PATH: {
    severity: 'critical',
    title: 'A path is not a plain repository path',
    explain:
      'The path holds control characters, backslashes, `..`, bytes that are no UTF-8, a name that some file systems reserve, or an org directory whose name is reserved or no name at all. Such paths mean different files on different machines.',
    fix: 'Rename the file to lower-case letters, digits, dots and hyphens.',
  },
  TREE_CASE_COLLISION: {
    severity: 'critical',
    title: 'Two paths differ only in case',
    explain:
      'On file systems that ignore case both paths are one file, so a checkout there reads one content under two names, perhaps of two orgs.',
    fix: 'Rename one of the two.',
  },
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
  UID_DUPLICATE: {
    severity: 'critical',
    title: 'Two orgs have the same uid',
    explain:
      'Keys, token digests and published paths are derived from the uid: two orgs with one uid are one org for every gateway. It happens when an org directory is copied.',
    fix: 'Give the newer org a uid of its own with `tenantry org add`; never change the uid of a running org.',
  },
  SLUG_COLLISION: {
    severity: 'high',
    title: 'Two org names look the same',
    explain:
      'The names are equal once hyphens are left out and digits that look like letters are read as letters. People approve the wrong one.',
    fix: 'Rename the newer org before it is applied for the first time.',
  },
  LISTEN_COLLISION: {
    severity: 'critical',
    title: 'Two gateways listen on the same address of one host',
    explain:
      'Both gateways name the same host and port with addresses that overlap (0.0.0.0 and :: overlap with every address). Whichever starts first gets the requests, and the tokens, of both.',
    fix: 'Give one of the gateways another port or another host.',
  },
  SECRET_REF_SHARED: {
    severity: 'critical',
    title: 'Two orgs use one upstream secret',
    explain:
      'The same environment variable of one host, or the same path of the secret store, is named by gateways of two orgs: they share an account, its cache, its limits and its bill. The same variable name on different hosts is fine.',
    fix: 'Give each org a secret of its own and name that.',
  },
  UPSTREAM_MISMATCH: {
    severity: 'high',
    title: 'A gateway declares another upstream secret than its policy uses',
    explain:
      'The runtime reads the secret that the target of the policy names; accounts, isolation and evidence are judged by what the gateway declares for the same target. When the two differ, what was reviewed is not what runs.',
    fix: 'Name one and the same secret in `upstreams` of the gateway and in `secret_key_ref` of the target.',
  },
  TOKEN_DIGEST_DUPLICATE: {
    severity: 'critical',
    title: 'One token digest is listed twice',
    explain:
      'A digest is bound to the uid of one org and to one token id, so an equal digest elsewhere was copied. It opens nothing, and it hides that the token there was never issued.',
    fix: 'Remove the copy and issue a secret with `tenantry token issue`.',
  },
  TOKEN_WITHOUT_WALLET: {
    severity: 'high',
    title: 'Nothing limits what a token may spend',
    explain:
      'Neither the token, nor its team, nor one of the gateways that it may call names a wallet. Its requests are not paid by anybody and end only at the limits of the provider.',
    fix: 'Name a wallet in the token, or in every gateway that it may call.',
  },
  TOKEN_EXPIRES_FAR: {
    severity: 'medium',
    title: 'A token lives for more than 400 days',
    explain: 'Secrets that nobody must renew are forgotten, and are still valid when they leak years later.',
    fix: 'Set `expires` to at most 400 days from now and renew it with `tenantry token rotate`.',
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
  CREDENTIALS_EXPIRED: {
    severity: 'info',
    title: 'A credential has expired',
    explain: 'The secret no longer opens anything. The entry may stay for the record or be removed.',
    fix: 'Remove it with `tenantry token revoke` once nobody needs the record.',
  },
  WAIVER_EXPIRED: {
    severity: 'medium',
    title: 'A waiver has expired',
    explain: 'The exception has ended, so the finding that it accepted counts again.',
    fix: 'Repair the cause and delete the waiver, or have it approved anew with a later expiry.',
  },
  WAIVER_TOO_WIDE: {
    severity: 'high',
    title: 'A waiver accepts what no waiver may accept',
    explain:
      'A waiver names one finding of one object. It cannot accept critical findings, it cannot speak of whole kinds or of waivers, and it needs one platform owner as approver for a medium finding and two for a high one.',
    fix: 'Name one object and a finding below critical, and list the approvers; or repair the cause.',
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
    explain: 'The finding that the waiver names does not occur on its object.',
    fix: 'Delete the waiver, so that the finding counts when it comes back.',
  },
} as const satisfies CodeTable;
