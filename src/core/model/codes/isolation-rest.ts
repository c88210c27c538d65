import type { CodeTable } from './entry.ts';

/** Findings of the isolation catalogue, I-30 to I-62. */
export const moreIsolationCodes = {
  ISO_I30_REGION_OUTSIDE: {
    severity: 'high',
    title: 'Data would be outside the regions of the org',
    explain:
      "The region of a gateway, of the machine that it runs on, or of an account that it uses, is not one in which the customer's data may be, or the machine stands elsewhere than the gateway says. Fallback targets count, since each has its account here.",
    fix: 'Use accounts and machines in the regions of the org, or agree on another region with the customer.',
  },
  ISO_I31_CHANNEL_SHARED: {
    severity: 'high',
    title: 'Two orgs tell people in one place',
    explain: 'The same mail address or webhook is notified about escalations of two orgs. Who reads there sees both.',
    fix: 'Give each org a channel of its own, or list the address as staff in fleet.yaml.',
  },
  ISO_I32_SINK_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'Data of an org is sent to a place of another org',
    explain: 'A sink or a notification goes to a host or a mail domain that another org claims.',
    fix: 'Send to a place of this customer or of the service provider.',
  },
  ISO_I34_SINK_NESTED: {
    severity: 'critical',
    title: 'Evidence of two orgs goes to one place',
    explain:
      "Two orgs send evidence to the same URL, or one to a path below the other's. Whoever may read the upper one reads both.",
    fix: 'Give each org a path that is neither above nor below another one.',
  },
  ISO_I36_WILDCARD_TOOL: {
    severity: 'high',
    title: 'A role may use every tool',
    explain: '`*` allows tools that do not exist yet, so nobody can know what is allowed.',
    fix: 'List the tools by name.',
  },
  ISO_I38_TOKEN_LOOSER_THAN_TEAM: {
    severity: 'high',
    title: 'A token is less limited than its team',
    explain:
      "The wallet of the token is neither that of its team nor below it, so what it spends is not counted against the team's budget.",
    fix: 'Name the wallet of the team, or one below it; or leave the wallet out.',
  },
  ISO_I38_TOKEN_WITHOUT_WALLET: {
    severity: 'high',
    title: 'Nothing limits what a token may spend',
    explain:
      'Neither the token, nor its team, nor one of the gateways that it may call names a wallet. Its requests are not paid by anybody and end only at the limits of the provider.',
    fix: 'Name a wallet in the token, or in every gateway that it may call.',
  },
  ISO_I39_WALLET_LOOSER_THAN_PARENT: {
    severity: 'high',
    title: 'A wallet allows more than the one above it',
    explain:
      'The limit is higher than that of the parent for a period that is not longer, or the wallet lets requests pass when it is used up although its parent does not. The looser one misleads whoever reads it, and with first-that-can-pay it is the one that counts.',
    fix: 'Lower the limit, or raise that of the parent on purpose.',
  },
  ISO_I42_SHARED_HOLDS_IDENTITY: {
    severity: 'critical',
    title: 'A file that all orgs share holds a value of one org',
    explain:
      'A template, fleet.yaml, a price book or an approval holds the uid, a domain, an account, an address or a secret path of one org. Templates reach every customer. Values are also found in base64, behind percent signs and in other spellings.',
    fix: "Take the value from the org's inputs.",
  },
  ISO_I42_SHARED_HOLDS_NAME: {
    severity: 'medium',
    title: 'A file that all orgs share holds the name of one org',
    explain:
      'A template or price book holds the slug or display name of an org. It may be a common word; then a waiver in that org, on its Organization, says so.',
    fix: 'Take the name from the org (`org.slug`, `org.displayName`), or waive it where it is a common word.',
  },
  ISO_I43_IDENTITY_OF_ANOTHER_ORG: {
    severity: 'critical',
    title: 'A rendered object holds a value of another org',
    explain:
      'The uid, a domain, an account, an address or a secret path of another org stands somewhere in what is rendered for this one: the catch-all for whatever no other rule knows. Values are also found in base64, behind percent signs and in other spellings.',
    fix: 'Remove the value; if both orgs really share it, list it with neither.',
  },
  ISO_I43_NAME_OF_ANOTHER_ORG: {
    severity: 'medium',
    title: 'A rendered object holds the name of another org',
    explain:
      "The slug or display name of another org stands in what is rendered for this one. It may be a common word that happens to be a customer's name.",
    fix: 'Remove it, or waive it where it is a common word.',
  },
  ISO_I46_NAME_COLLISION: {
    severity: 'high',
    title: 'Two org names look the same',
    explain:
      'The slug or display name of one org looks like that of another, once case, signs, marks and spaces are left out and characters that look alike are read as one. People approve the wrong one.',
    fix: 'Rename the newer org before it is applied for the first time.',
  },
  ISO_I47_CASE_COLLISION: {
    severity: 'critical',
    title: 'Two paths differ only in case',
    explain:
      'On file systems that ignore case both paths are one file, so a checkout there reads one content under two names, perhaps of two orgs.',
    fix: 'Rename one of the two.',
  },
  ISO_I47_ODD_MODE: {
    severity: 'critical',
    title: 'A file is a symbolic link, a submodule or executable',
    explain:
      'Links and submodules lead out of the directory of an org, so that the content that was reviewed is not the content that is read. Executable manifests have no use. The mode is taken from the commit, not from the checkout.',
    fix: 'Commit the content itself as a normal file: `git update-index --chmod=-x <file>`, or replace the link by a file.',
  },
  ISO_I47_ODD_PATH: {
    severity: 'critical',
    title: 'A path is not a plain repository path',
    explain:
      'The path holds control characters, backslashes, `..`, bytes that are no UTF-8, a name that some file systems reserve, or an org directory whose name is reserved or no name at all. Such paths mean different files on different machines.',
    fix: 'Rename the file to lower-case letters, digits, dots and hyphens.',
  },
  ISO_I48_UNKNOWN_FILE: {
    severity: 'high',
    title: 'A file stands where no manifest belongs',
    explain:
      'Only the files of the documented layout may stand below orgs/, templates/, prices/ and approvals/. A file that nothing reads looks as if it took effect, or hides what a later version would read.',
    fix: 'Move the file to the path of its kind, or delete it.',
  },
  ISO_I50_CHANGE_SPANS_ORGS: {
    severity: 'high',
    title: 'One change touches several orgs, or an org and what all share',
    explain:
      'A reviewer of one customer cannot judge the others, and a fault reaches all of them at once. Generated manifests are not counted, and neither are orgs whose template pin alone moved: that is a campaign, which needs an Approval.',
    fix: 'Make one change for each org, and one for what all share.',
  },
  ISO_I52_OTHER_ORG_CHANGED: {
    severity: 'critical',
    title: 'An org comes out differently that the change does not touch',
    explain:
      "The org's files and its template pin are the same as before, and its rendered objects are not: a released template version was edited.",
    fix: 'Put the edit into a new template version and move the pins that are meant.',
  },
  ISO_I53_CHECKS_CHANGED_WITH_ORG: {
    severity: 'high',
    title: 'A change brings its own judge',
    explain:
      'Checks, workflows, code owners or waivers change together with what they judge, so the new ones would pass the change that the old ones refuse. Apply looks at the waivers of the last applied commit anyway.',
    fix: 'Merge the checks or the waiver first, in a change of their own.',
  },
  ISO_I54_UNSAFE_WORKFLOW: {
    severity: 'critical',
    title: 'A workflow gives strangers secrets or rights',
    explain:
      'A run that anybody can start by a pull request or a comment either meets code of that change or holds secrets and rights of the repository, never both: whoever opens a pull request would otherwise read the secrets of every customer, or write to the branch that they are served from. Pull requests from branches of the repository get secrets too, before anybody has reviewed them.',
    fix: 'Judge the change as data with the framework of the base, without secrets (`pr check`), and do what needs rights in a workflow that checks nothing of the change out.',
  },
  ISO_I55_ORG_WITHOUT_TOMBSTONE: {
    severity: 'high',
    title: 'An org is removed and its uid is not kept from use',
    explain:
      'The directory is gone and fleet.yaml does not list the org under retiredOrgs, so nothing stops the same uid or name from coming back while evidence and retention duties exist. A rename is a removal and a new org.',
    fix: 'Remove orgs with `tenantry org offboard`, or add the org with its uid to `retiredOrgs` in fleet.yaml.',
  },
  ISO_I55_RETIRED_ORG_REUSED: {
    severity: 'high',
    title: 'A name or uid of a retired org is used again',
    explain:
      '`retiredOrgs` of fleet.yaml lists orgs that are gone. Their uid is in keys, published paths and evidence, their name in history and bills; a new org with either is taken for the old one.',
    fix: 'Give the org a new name and, with `tenantry org add`, a new uid.',
  },
  ISO_I58_RUNTIME_REFUSED: {
    severity: 'critical',
    title: 'A gateway is meant to run a version that is refused',
    explain: 'fleet.yaml lists versions that must not run, because they are known to be unsafe.',
    fix: 'Use a version that is tested.',
  },
  ISO_I58_RUNTIME_UNTESTED: {
    severity: 'medium',
    title: 'A gateway is meant to run a version that was not tested',
    explain: 'fleet.yaml lists the versions that were tested with this fleet, and this is none of them.',
    fix: 'Use a tested version, or test this one and list it.',
  },
  ISO_I60_WAIVER_APPROVER: {
    severity: 'high',
    title: 'An exception was approved by somebody who is no platform owner',
    explain:
      'Platform owners are those of `owners.platform` in fleet.yaml and those whose keys `signingKeys` lists; a team counts as one. Approvals of anybody else do not count.',
    fix: 'Have platform owners approve it, or name those who are in fleet.yaml first, in a change of its own.',
  },
  ISO_I60_WAIVER_EXPIRED: {
    severity: 'high',
    title: 'A waiver has expired',
    explain: 'The exception has ended, so the finding that it accepted counts again.',
    fix: 'Repair the cause and delete the waiver, or have it approved anew with a later expiry.',
  },
  ISO_I60_WAIVER_SELF_APPROVED: {
    severity: 'high',
    title: 'An exception was approved by those who want it',
    explain: 'The owner of a waiver, or an owner of the org, is among its approvers. Such approvals do not count.',
    fix: 'Have platform owners approve it who are neither.',
  },
  ISO_I60_WAIVER_TOO_WIDE: {
    severity: 'high',
    title: 'A waiver accepts what no waiver may accept',
    explain:
      'A waiver names one finding of one object, and what it said when it was accepted. It cannot accept critical findings, it cannot speak of whole kinds or of waivers, and it needs one platform owner as approver for a medium finding and two for a high one.',
    fix: 'Name one object and a finding below critical with what it says, and list the approvers; or repair the cause.',
  },
  ISO_I62_POLICY_CHOSEN_BY_CLIENT: {
    severity: 'critical',
    title: 'The client decides whether a policy runs',
    explain:
      'A chain entry has a condition on a request header, which the client may leave out or change. Only what the token proves may select a policy.',
    fix: 'Remove `when.header`; use `targeting`, or run the policy always.',
  },
} as const satisfies CodeTable;
