import type { CodeTable } from './entry.ts';

/** What stands in the way of a whole repository or command. */
export const commandCodes = {
  FLEET_MISSING: {
    severity: 'critical',
    title: 'The repository has no usable fleet.yaml',
    explain:
      'fleet.yaml names the fleet, its renderer, its limits and its owners. Without it nothing can be rendered or judged, and an empty or wrong folder would look like a fleet without customers.',
    fix: 'Run the command in a fleet repository, or make one with `tenantry init`.',
  },
  ORG_NAME: {
    severity: 'high',
    title: 'An org directory has a name that cannot be used',
    explain:
      'The directory name of an org appears in paths, host names, URLs and reports. Names outside lower-case letters, digits and inner hyphens, and names that file systems or the product reserve, collide or hide.',
    fix: 'Rename the directory and metadata.org to a plain name.',
  },
  ORG_MISSING: {
    severity: 'high',
    title: 'An org directory has no org.yaml',
    explain:
      'Every directory below orgs/ is one customer and is described by its org.yaml. A directory without one has no identity, so nothing in it can belong to anybody.',
    fix: 'Add org.yaml; or remove the directory and list the org with its uid under `retiredOrgs` in fleet.yaml.',
  },
  TEMPLATE_UNKNOWN: {
    severity: 'high',
    title: 'An org pins a template that does not exist',
    explain:
      'spec.template pins one immutable version of one template. When that folder is missing the org cannot be rendered at all.',
    fix: 'Pin one of the versions below templates/.',
  },
  FLEET_RENDERER: {
    severity: 'critical',
    title: 'fleet.yaml names a renderer that this program does not have',
    explain:
      'renderVersion says which renderer made the committed manifests. A program without it cannot verify a single one of them, so it says nothing rather than something wrong.',
    fix: 'Install the version of tenantry that has this renderer.',
  },
  ORG_UNKNOWN: {
    severity: 'high',
    title: 'There is no such org here',
    explain: 'The name is no directory below orgs/, or nothing of it was applied yet.',
    fix: 'Look at `tenantry org list`.',
  },
  EVIDENCE_PACK_UNPUBLISHED: {
    severity: 'medium',
    title: 'The org has no keys that could sign its evidence',
    explain:
      'A pack of evidence is signed with a key that the roots of the org name, so that whoever has pinned the first root can say whose it is. An org of which nothing was ever published has no roots.',
    fix: 'Publish the org first: `tenantry publish`.',
  },
  EVIDENCE_PACK_EXISTS: {
    severity: 'medium',
    title: 'There is something where the evidence is to be written',
    explain: 'A pack is a folder of its own, written whole or not at all, and never over another one.',
    fix: 'Name another folder with --out.',
  },
  EVIDENCE_PACK_MISSING: {
    severity: 'high',
    title: 'The folder is no evidence pack of this org',
    explain:
      'A pack has a list of checksums whose first line names the org, its uid and the period. Without it, or with the name of another org, there is nothing that could be judged.',
    fix: 'Name the folder that `tenantry evidence` wrote, and the org that it is of.',
  },
  EVIDENCE_PACK_CHANGED: {
    severity: 'critical',
    title: 'An evidence pack is not what the org signed',
    explain:
      'The checksums are signed with a key that the newest root names, and each root is signed by the one before. That does not hold, or a file has another checksum, is gone, or was added. Whatever else the pack says, this is not what was made.',
    fix: 'Ask whoever made it for the pack again, by another way than it came.',
  },
  RING_UNKNOWN: {
    severity: 'high',
    title: 'There is no such ring',
    explain: 'Rings are those of fleet.yaml. Nobody is in another one, so what was asked for would do nothing.',
    fix: 'Name one of the rings of fleet.yaml.',
  },
  ORG_EXISTS: {
    severity: 'high',
    title: 'An org of this name stands already',
    explain:
      'Onboarding never writes over a customer. Names are not reused, also not after an offboarding, because digests, paths and words carry them.',
    fix: 'Pick another name.',
  },
  OFFBOARD_DIRTY: {
    severity: 'high',
    title: 'Files that an offboarding would write have uncommitted changes',
    explain:
      'Each of its two steps is a change of its own, made from a commit: what somebody was about to say of the org would go with it unseen, and an org that is not retired in any commit was not retired before.',
    fix: 'Commit or undo the changes to the org, fleet.yaml and the owner file, then run `tenantry org offboard` again.',
  },
  OFFBOARD_PINNED: {
    severity: 'high',
    title: 'A pin holds a gateway of the org that is about to be retired',
    explain:
      'Retiring takes every gateway away, and a pin may name none that is not there. Pins are of the platform team alone, so that a rollback which holds is not ended in passing by who offboards.',
    fix: 'Have the platform team take the pin away in a change of its own, then run `tenantry org offboard` again.',
  },
  OFFBOARD_UNEDITABLE: {
    severity: 'high',
    title: 'A file is laid out so that an offboarding cannot write into it',
    explain:
      'org.yaml and fleet.yaml are edited in place, so that comments and order stay. What comes out is read again, and refused where it says anything else than meant.',
    fix: 'Write the field by hand (`retired` in org.yaml, `retiredOrgs` and `rings` in fleet.yaml), or lay the map out as a block.',
  },
  OFFBOARD_NOT_APPLIED: {
    severity: 'high',
    title: 'The store does not show the org as retired yet',
    explain:
      'The directory of an org goes only after it was retired and that was applied: until then its tokens work and its gateways serve, and evidence and money are still on their way.',
    fix: 'Merge the change that retires it, have its hazards approved and apply it. Where the store of this folder is not that of the fleet, work in a clone without one.',
  },
  OFFBOARD_NOT_PUBLISHED: {
    severity: 'high',
    title: 'A gateway of the retired org is still published, or the publication without any is still due',
    explain:
      'Gateways stop when they read, signed and fresh, that they are not listed any more. Until that is published they go on with what they have.',
    fix: 'Run `tenantry publish`; see `tenantry drift` if it does not go out.',
  },
  WAIVER_EXISTS: {
    severity: 'high',
    title: 'A waiver of this name stands already',
    explain: 'One file is one exception. Writing over it would change what others approved.',
    fix: 'Edit the file, or give the new waiver another name.',
  },
  APPROVAL_STANDS: {
    severity: 'high',
    title: 'Somebody else has accepted this change already',
    explain:
      'One file is one acceptance, with who it is of, why and until when. Writing over it would make it look as if nobody else had been asked. Its own approver may write it anew, and everybody where it has run out or accepts less than all hazards.',
    fix: 'Commit the Approval that stands, or remove its file before you write another.',
  },
  APPROVAL_NEEDLESS: {
    severity: 'high',
    title: 'The change has no hazards to accept',
    explain: 'An Approval accepts hazards. A change without one is applied without an Approval.',
    fix: 'Apply the change; if you meant another one, name its base and head.',
  },
  OBJECT_UNKNOWN: {
    severity: 'high',
    title: 'The org has no such object',
    explain: 'Objects are named Kind/name, or Kind/environment/name where the kind has environments.',
    fix: 'Use one of the names that the message lists.',
  },
  OBJECT_FIELD_UNKNOWN: {
    severity: 'high',
    title: 'The object has no field at this path',
    explain: 'Fields are given as spec.limit or as a JSON pointer in keyed form, as diff prints them.',
    fix: 'Use one of the fields that are listed.',
  },
  TOKEN_UNKNOWN: {
    severity: 'high',
    title: 'The org has no such Token',
    explain:
      'A secret is issued for a Token manifest, which says who owns it, what it may do and until when. Without one there is nothing to bind it to.',
    fix: 'Add the Token to the inputs of org.yaml or under custom/, then issue its secret.',
  },
  TOKEN_PAST_EXPIRY: {
    severity: 'high',
    title: 'The Token has expired, so no secret of it would work',
    explain: 'A secret works no longer than its Token. One that is issued after that end opens nothing.',
    fix: 'Move the expiry of the Token in the inputs of org.yaml, render, then issue the secret.',
  },
  TOKEN_NOT_REVOKED: {
    severity: 'high',
    title: 'No secret of the token was ever taken away',
    explain:
      'A receipt proves when a revocation took effect: when it was merged, published and acknowledged, and what was let in until then. In the history of the org no applied commit removes a secret of this token, and no order denies it.',
    fix: 'Revoke it with `tenantry token revoke`, commit and apply; or look at the name with `tenantry token list`.',
  },
  GATEWAY_UNKNOWN: {
    severity: 'high',
    title: 'The org has no such Gateway',
    explain: 'Codes are made for gateways that were applied, so that an enrolled gateway always has a bundle to pull.',
    fix: 'Look at `tenantry gateway list`; a Gateway that is new is applied first, then enrolled.',
  },
  GATEWAY_DENIED: {
    severity: 'high',
    title: 'The gateway is denied',
    explain:
      'While a denial of a gateway holds, no code makes it anew and none that was made before is taken: whoever has its host may have a code too.',
    fix: 'End the denial with `tenantry override end` once the host is yours again, then enrol it.',
  },
  NOT_PUBLISHED: {
    severity: 'high',
    title: 'Nothing is published for the org',
    explain: "An enrolment code carries the hash of the org's root metadata, which the first publication makes.",
    fix: 'Run `tenantry apply` first. If it was published once and the files are gone, `tenantry drift --heal` puts them again.',
  },
  ROOTS_USED_UP: {
    severity: 'high',
    title: 'Every pre-signed uid is in use',
    explain:
      'Where a ceremony signed roots in advance, a new org takes one of their uids, so that no offline key is needed to publish it. All of them belong to orgs by now.',
    fix: 'Run `tenantry keys init --pre-sign <n>` where the root seed is, and copy the new files here.',
  },
  ROTATION_SEEDS: {
    severity: 'high',
    title: 'The number of root seeds does not fit the threshold',
    explain:
      'Several root seeds need a threshold that lives in root metadata alone, so it is said at each ceremony; it is at least 1 and at most the number of seeds.',
    fix: 'Give --threshold a number from 1 to the number of root seeds.',
  },
  SEEDS_ELSEWHERE: {
    severity: 'high',
    title: 'The fleet is published with seeds that are not here',
    explain:
      'Gateways trust the roots that the first seeds signed. Signatures of other seeds would be refused by every one of them, so none are made beside a store that has publications.',
    fix: 'Copy the seeds of this fleet here, or name their folder in TENANTRY_KEYS_DIR. If some are lost, rotate them with the others: docs/keys.md.',
  },
  SET_MALFORMED: {
    severity: 'high',
    title: 'A --set is not path=value',
    explain:
      'Paths start below spec of org.yaml and use dots; list items are numbers. Values that are JSON are taken as JSON, others as text.',
    fix: 'Write --set inputs.workload=support, for example.',
  },
} as const satisfies CodeTable;
