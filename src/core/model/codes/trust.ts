import type { CodeTable } from './entry.ts';

/** Codes of signing, publishing and verifying; every refusal of a gateway has one of its own per kind of attack. */
export const trustCodes = {
  TRUST_ROOT_IDENTITY: {
    severity: 'critical',
    title: 'A root file names another fleet or organisation.',
    explain:
      'Every root file names the fleet and the organisation whose keys it lists. A root that names another one was served to the wrong gateway, by mistake or on purpose, and is refused before its keys are looked at.',
    fix: 'Check which organisation the source URL serves; the gateway keeps its last verified configuration meanwhile.',
  },
  TRUST_SIGNATURE: {
    severity: 'critical',
    title: 'A metadata file is not signed by enough of the keys that the root names.',
    explain:
      'The file was changed after signing, signed with other keys, or belongs to another organisation. A poll in the middle of a key rotation can see this once; the gateway then retries by itself.',
    fix: 'If it lasts, compare the key ids in the published root with `tenantry keys show`, and look for who can write to the published files.',
  },
  TRUST_ROLLBACK: {
    severity: 'critical',
    title: 'A metadata file is older than one that was verified before.',
    explain:
      'Versions only rise. An older file is a replay, a mirror that lags far behind, or a publisher that was restored from a backup.',
    fix: 'Publish again so that versions rise above the last ones; do not restore published files from a backup.',
  },
  TRUST_SAME_VERSION: {
    severity: 'critical',
    title: 'A metadata file has a known version but other bytes.',
    explain:
      'One version has one content. Two contents under one version come from two publishers at work at once, or from someone who shows different gateways different files.',
    fix: 'Find the second publisher and stop it, then publish again: the next version is accepted.',
  },
  TRUST_EXPIRED: {
    severity: 'high',
    title: 'The newest metadata that the source offers has expired.',
    explain:
      'Nobody re-signed it in time, or someone keeps newer files away from the gateway (a freeze attack), or the clock of the gateway is ahead.',
    fix: 'Check that the controller runs and re-signs (`tenantry publish --refresh`), and the clock of the gateway.',
  },
  TRUST_CLOCK: {
    severity: 'high',
    title: 'The signed time is far ahead of the clock of the gateway.',
    explain:
      'The timestamp says that it was signed more than a day after the present, as the gateway knows it. Its clock was set back, or the key that signs timestamps is in wrong hands.',
    fix: 'Correct the clock of the gateway, or that of the controller, which then signs anew by itself; if both are right, rotate the online key.',
  },
  TRUST_HASH: {
    severity: 'critical',
    title: 'A downloaded file does not have the SHA-256 that its signed metadata states.',
    explain: 'The file was damaged or exchanged on the way or at the place where it is published.',
    fix: 'Publish again; if it lasts, look for who can write to the published files.',
  },
  TRUST_LENGTH: {
    severity: 'critical',
    title: 'A downloaded file is longer or shorter than allowed or stated.',
    explain: 'The file was cut, has something appended, or is an attempt to make the gateway read without end.',
    fix: 'Publish again; if it lasts, look for who can write to the published files.',
  },
  TRUST_AUDIENCE: {
    severity: 'critical',
    title: 'A bundle is for another fleet, organisation, gateway or environment.',
    explain:
      'What the signed target says, what the bundle says of itself and what was pinned at enrolment must be the same; here they are not.',
    fix: 'Check that the gateway was enrolled for the right organisation and that bundles were not copied between folders.',
  },
  TRUST_GENERATION_FELL: {
    severity: 'critical',
    title: 'The generation of a target is below one that was verified before.',
    explain:
      'A deliberate rollback is a new, higher generation that carries older content. A lower number means that older content is passed off as new.',
    fix: 'Use `tenantry rollback`, which raises the generation; never republish an old target as it was.',
  },
  TRUST_ARCHIVE: {
    severity: 'critical',
    title: 'A bundle is not the one form of archive that the publisher writes.',
    explain:
      'A bundle is a plain archive of exactly three regular files. Links, other names, other types, compression, padding and anything after the end are refused without being unpacked.',
    fix: 'Publish with this version of Tenantry, and nothing else in between that repacks archives.',
  },
  TRUST_BUNDLE_SHAPE: {
    severity: 'high',
    title: 'A file inside a bundle does not have the shape that its name promises.',
    explain: 'The bundle is signed but holds fields that this gateway does not know, or values outside their bounds.',
    fix: 'Update the gateway if the controller is newer; otherwise report the detail as a defect of the publisher.',
  },
  TRUST_CONTENT_DIGEST: {
    severity: 'critical',
    title: 'The content of a bundle is not the one that its signed target states.',
    explain:
      'The digest over the three files differs from the signed one, so publisher and gateway disagree about what is active.',
    fix: 'Publish again with the same version of Tenantry on both sides.',
  },
  TRUST_DUPLICATE_KEY: {
    severity: 'critical',
    title: 'A root file lists one public key under two key ids.',
    explain: 'A threshold counts keys; one key listed twice would count as two.',
    fix: 'Create the root again with as many different keys as the threshold asks for.',
  },
  TRUST_KEY_ID: {
    severity: 'critical',
    title: 'A root file has a key whose id is not the hash of the key, or that cannot be used.',
    explain: 'Key ids are hashes, so that an id cannot be moved to another key; only Ed25519 keys are used.',
    fix: 'Create the root again with `tenantry keys rotate`.',
  },
  TRUST_DATE: {
    severity: 'critical',
    title: 'An expiry or signing time is not an RFC 3339 instant in UTC.',
    explain: 'A date that a program cannot read exactly may never expire, so it is refused.',
    fix: 'Publish with this version of Tenantry.',
  },
  TRUST_VERSION: {
    severity: 'critical',
    title: 'A version number is not the one expected, or no number that can be counted on.',
    explain:
      'Versions are whole numbers within bounds, a new root is exactly one above the last, and a file has the version under which another one names it.',
    fix: 'Publish with this version of Tenantry; if a stolen key pushed versions up, rotate that key.',
  },
  TRUST_METADATA: {
    severity: 'critical',
    title: 'A metadata file does not have the shape that Tenantry publishes.',
    explain: 'It is no JSON, of another type, or a part of it is not what a file of its role holds.',
    fix: 'Publish with this version of Tenantry, and check that the source URL serves published files and not a page.',
  },
  TRUST_UNPINNED: {
    severity: 'critical',
    title: 'A metadata file names another file without its exact length and SHA-256.',
    explain:
      'What is named without length and SHA-256 could be exchanged without a signature changing; another hash does not count.',
    fix: 'Publish with this version of Tenantry.',
  },
  TRUST_DELEGATION: {
    severity: 'critical',
    title: 'A targets file hands targets on to other keys.',
    explain:
      'Only the publish key of the organisation signs targets. A delegation would let keys in that no root names.',
    fix: 'Publish with this version of Tenantry, and find out who signed the delegation: they hold the publish key.',
  },
  TRUST_THRESHOLD: {
    severity: 'critical',
    title: 'A root file asks for no signature of a role, or for more than the role has keys.',
    explain:
      'A threshold is a whole number from one to the number of keys. Below it nothing is verified; above it nothing ever would be.',
    fix: 'Create the root again with as many keys as the threshold asks for.',
  },
  TRUST_MISSING: {
    severity: 'high',
    title: 'A file that should be published is not there.',
    explain:
      'The source answered that there is no such file: a wrong URL, an incomplete copy, or files that were pruned too early.',
    fix: 'Check the source URL, then publish again.',
  },
  TRUST_UNREACHABLE: {
    severity: 'medium',
    title: 'The source of bundles could not be reached.',
    explain: 'Network, name resolution, TLS, refusal or time-out; nothing is wrong with what was verified before.',
    fix: 'Check the connection from the gateway to the control plane; the gateway retries with back-off.',
  },
  TRUST_SLOW: {
    severity: 'high',
    title: 'The source of bundles sends so slowly that it was given up.',
    explain:
      'A body that brings less than about a kibibyte a second is a broken link, or an attempt to keep the gateway from newer files without ever failing.',
    fix: 'Check the link between gateway and control plane; the gateway retries with back-off.',
  },
  TRUST_DEADLINE: {
    severity: 'high',
    title: 'All files of one poll together took too long.',
    explain:
      'Each file kept the least pace, and together they still took more than five minutes: a link that is too slow, or a source that holds the gateway up with one file after the other.',
    fix: 'Check the link between gateway and control plane; the gateway retries with back-off.',
  },
  TRUST_REDIRECT: {
    severity: 'high',
    title: 'The source of bundles answers with a redirect.',
    explain:
      'A gateway asks the source that was pinned at enrolment and no other; a redirect is a moved server, a captive portal, or somebody in between.',
    fix: 'Serve the files at the address that the gateway was enrolled with, or enrol it again with the new one.',
  },
  TRUST_ENCODING: {
    severity: 'high',
    title: 'A published file arrives in an encoding that nobody asked for.',
    explain:
      'The gateway asks for files as they are. A compressed answer is not unpacked, because what comes out of it has no bound.',
    fix: 'Turn off compression for published files on the server or proxy in between.',
  },
  TRUST_NOT_ASKED: {
    severity: 'high',
    title: 'The source says that nothing changed, to a question that did not say what is known.',
    explain:
      'An answer of 304 is for a cache. The gateway had none for this file, so it learned nothing: a broken proxy, or an attempt to keep it where it is.',
    fix: 'Look for a cache between gateway and control plane that answers 304 by itself.',
  },
  TRUST_AMBIGUOUS: {
    severity: 'critical',
    title: 'A metadata file is JSON that two programs could read differently.',
    explain:
      'A field stands there twice, a number or a text is spelled in an unusual way, or a field has a name that some programs treat as more than a name. What one reader verifies, another might not see.',
    fix: 'Publish with this version of Tenantry, and find out who wrote the file: it was not made by it.',
  },
  TRUST_NOT_LISTED: {
    severity: 'critical',
    title: 'The verified publication of the organisation does not list this gateway any more.',
    explain: 'The gateway was removed or revoked. The statement is signed and fresh, so the gateway stops serving.',
    fix: 'Restore the Gateway manifest if this was not meant, or take the gateway down.',
  },
  TRUST_STATE: {
    severity: 'critical',
    title: 'The verified state on disk cannot be used.',
    explain:
      'The state directory is damaged or lost its version floors. Going on would forget what was verified before, and an older publication could be replayed.',
    fix: 'Restore nothing from a backup: use an empty state directory and enrol the gateway again.',
  },
  TRUST_DISK: {
    severity: 'high',
    title: 'What was verified could not be kept on disk.',
    explain:
      'The disk is full or fails. The gateway goes on with the configuration that it has, takes no new one, and lowers no version floor. One that is listed no more stops all the same (TRUST_NOT_LISTED), and writes that down when there is room.',
    fix: 'Make room on the disk of the state folder, or replace it; the gateway retries by itself.',
  },
  TRUST_STATE_FOREIGN: {
    severity: 'critical',
    title: 'The verified state on disk belongs to another enrolment.',
    explain:
      'Fleet, organisation, gateway and first root of the state are not those that this gateway was enrolled with, so its floors say nothing here.',
    fix: 'Give each gateway a state directory of its own, and enrol it there.',
  },
  TRUST_SUPERSEDED: {
    severity: 'medium',
    title: 'A candidate was to be kept after a newer one had been.',
    explain: 'Between the poll and the commit another commit or a withdrawal took place. Nothing was changed.',
    fix: 'Nothing needs to be done: the next poll offers the newest candidate.',
  },
  PUBLISH_CONFLICT: {
    severity: 'high',
    title: 'An immutable published file exists with other bytes.',
    explain:
      'Two publishers wrote at the same time, or a published file was changed. Immutable files are never overwritten.',
    fix: 'Run one controller only, then publish again: it goes on with the next version by itself.',
  },
  PUBLISH_OVERTAKEN: {
    severity: 'high',
    title: 'What is published is of a higher generation than what was to be published.',
    explain:
      'Another publisher with another store, or one that went on while this one slept, has published the organisation meanwhile. Writing over it would take gateways back.',
    fix: 'Run one controller only, on the store that is ahead. After a restore from a backup, and with no other controller left, apply the newest commit, run `tenantry publish --take-over` for the organisation, and take denials again that are younger than the backup.',
  },
  PUBLISH_DAMAGED: {
    severity: 'high',
    title: 'A published file is missing or changed, or cannot be read.',
    explain:
      'It was cut or written over, or a link, a folder, or something that the controller may not open lies in its place. Nothing is signed or removed on the strength of such a file; other organisations go on.',
    fix: 'Run `tenantry drift` to see which files, and `tenantry drift --heal` to put them again; take away by hand what is no file, and restore roots from a copy.',
  },
  PUBLISH_OVERLONG: {
    severity: 'high',
    title: 'A published file is longer than any that is published.',
    explain:
      'Somebody else put it there: no file of an organisation has more than 8 MiB. It is not read to its end and says nothing. A timestamp is replaced by the next publication; other organisations go on.',
    fix: 'Find out who can write to the published files, and run `tenantry drift --heal` to put them again; restore roots from a copy.',
  },
  PUBLISH_UNREACHABLE: {
    severity: 'high',
    title: 'The place where bundles are published does not answer as it should.',
    explain:
      'It was away or busy in every try, or answered with something else than the operation allows. Nothing that gateways see has changed.',
    fix: 'Look at the address in fleet.yaml and at the store behind it, then publish again: it goes on where it stopped.',
  },
  PUBLISH_FOLDER: {
    severity: 'high',
    title: 'The folder where bundles are published cannot be used.',
    explain:
      'It is no folder, this user may not read or write in it, or its disk is full or fails. What was decided stands in the store, and gateways go on with what was published before.',
    fix: 'Mend the folder that `publisher.path` of fleet.yaml names: its kind, its owner, its mode, or room on its disk. Then publish again: it goes on where it stopped.',
  },
  PUBLISH_REFUSED: {
    severity: 'high',
    title: 'The place where bundles are published refuses the credentials.',
    explain: 'They are missing, wrong, expired, or do not allow the operation on the bucket or registry.',
    fix: 'Give the controller credentials that may read, write, list and delete below its prefix.',
  },
  PUBLISH_PLACE: {
    severity: 'high',
    title: 'The place in fleet.yaml is none where bundles can be published.',
    explain:
      'Addresses are https, or http on loopback, without user and query; names and prefixes are plain. An object store is asked at `<endpoint>/<bucket>`, so an endpoint that names the bucket too has no bucket there, which the store says when it is asked for a list.',
    fix: 'Correct `spec.publisher` in fleet.yaml.',
  },
  PUBLISH_UNCONDITIONAL: {
    severity: 'critical',
    title: 'The object store ignores conditions on writes.',
    explain:
      'It overwrites a file that was to be created only, so two publishers could both win and one organisation could lose a version.',
    fix: 'Use a store that honours If-None-Match and If-Match on writes.',
  },
  PUBLISH_CLAIMED: {
    severity: 'high',
    title: 'Other publishers are at work in the repository of the organisation.',
    explain:
      'A registry overwrites tags without conditions, so publishers put a claim before they write, and give way to the claims of others. Theirs stood for as long as this one waited; the claim of a publisher that died stands for a minute.',
    fix: 'Run one controller only, and publish again: it goes on where it stopped.',
  },
  PUBLISH_UNSEEN: {
    severity: 'critical',
    title: 'The registry does not list a tag that was just put.',
    explain:
      'Publishers see each other in the list of tags. Where that list lags behind, from a cache or a replica, two of them could both write and one organisation could lose a version, so nothing is written.',
    fix: 'Use the address of the registry itself and not that of a mirror or cache, or a registry whose lists are current.',
  },
  PUBLISH_UNLEASED: {
    severity: 'high',
    title: 'Who wanted to publish does not hold the lease of the store.',
    explain:
      'The place where bundles are published cannot refuse the later of two writers by itself, so only the one process with the lease writes there.',
    fix: 'Publish through the controller or with `tenantry publish`; both take the lease.',
  },
  PUBLISH_FOREIGN: {
    severity: 'critical',
    title: 'What the registry gives is not what was published.',
    explain:
      'Bytes do not have the digest or the size under which they were asked for, or a tag of ours points at something that no publisher of ours put there. It was damaged, pushed by somebody else, or the registry does not say the truth.',
    fix: 'Look for who else can push to the repository of the organisation, delete the tag that is named, and publish again.',
  },
  PUBLISH_ELSEWHERE: {
    severity: 'critical',
    title: 'The registry or object store sends the publisher to another place.',
    explain:
      'It names a token server, a place to upload to, a next page or a redirect at a host that fleet.yaml and the environment do not name, or without https. The password and tokens of a registry are shown to no other host. No redirect of an object store is followed: it answers with one where the region or the bucket has another address.',
    fix: 'For an object store, correct `endpoint` and `region` of `spec.publisher` in fleet.yaml. If the token server of a registry is at another host, name that host in TENANTRY_REGISTRY_TOKEN_HOST; behind a proxy, let the registry know the address that it has from outside.',
  },
  PUBLISH_UNDELETABLE: {
    severity: 'medium',
    title: 'The registry deletes nothing.',
    explain:
      'It answers that it does not support deletes, so old published files stay. Nothing else of the organisation is wrong.',
    fix: 'Allow deletes in the registry (docker-registry: storage.delete.enabled), or leave out `--prune` and let the registry clean up by its own rules.',
  },
  PUBLISH_PATH: {
    severity: 'critical',
    title: 'A published path would leave the folder of its organisation.',
    explain:
      'Paths are relative, without empty, `.` or `..` steps and without links; anything else could reach another organisation.',
    fix: 'Report this as a defect with the path shown.',
  },
  PUBLISH_SIGNER: {
    severity: 'critical',
    title: 'The signer does not hold the keys that the root of the organisation names.',
    explain:
      'Seeds or epochs differ from those the root was created with; gateways would refuse everything signed with them.',
    fix: 'Point the controller at the seeds that the fleet was set up with, or rotate the keys with the root seed.',
  },
  PUBLISH_ROOT_MISSING: {
    severity: 'high',
    title: 'The organisation has no published root.',
    explain: 'Every published file hangs on a root that was signed in a ceremony or at the first apply.',
    fix: 'Create seeds with `tenantry keys init` if the fleet has none yet; else bring the root seed, roots signed with `--pre-sign`, or the published root files of the organisation.',
  },
  PUBLISH_ROOT_CHANGED: {
    severity: 'critical',
    title: 'A published root is not the one that was published.',
    explain:
      'Gateways pin the first root when they are enrolled and follow the others, so another one in its place would give new gateways to whoever put it there. The store knows the roots by their SHA-256; nothing is signed for the organisation, and no gateway of it is enrolled, while the published one differs.',
    fix: 'Find out who can write to the published files. Then put the root file back from a copy (a backup of the files, the ceremony for a pre-signed one, `root.json` of a gateway for the first), and enrol gateways again that were enrolled meanwhile.',
  },
  PUBLISH_EXPIRES: {
    severity: 'info',
    title: 'The root of an organisation expires within sixty days.',
    explain:
      'A root lives for a year and is renewed by a rotation, which needs root seeds that lie offline. When it has expired, gateways take nothing new and stop as their timestamp runs out.',
    fix: 'Renew it with `tenantry keys rotate --role root` while the root seeds are at hand.',
  },
  PUBLISH_EXPIRED: {
    severity: 'high',
    title: 'What is published for an organisation has expired.',
    explain:
      'One of the signed files is past its expiry. Gateways refuse the publication (TRUST_EXPIRED), go on with what they have until its timestamp runs out, and then do what `onExpired` says.',
    fix: 'For a root run `tenantry keys rotate --role root` with the root seeds; for other files run the controller, or `tenantry publish --refresh`.',
  },
  PUBLISH_CLOCK: {
    severity: 'info',
    title: 'The clock stands far from the newest time that was signed.',
    explain:
      'Either nothing was signed for more than a day, or the clock of this machine is wrong, or it was when that was signed. Gateways refuse signing times that are more than a day ahead (TRUST_CLOCK) and files that have expired by their clock.',
    fix: 'Compare the clock of the controller with another one. Where it is wrong, set it and run `tenantry publish --refresh`: what is signed ahead of the clock is signed anew.',
  },
  PUBLISH_ROOT_THRESHOLD: {
    severity: 'high',
    title: 'Fewer root keys are at hand than must sign.',
    explain:
      'A root is signed by as many of the root keys before it as that root asks for, and new root keys replace all of the former ones together. Seeds that lie elsewhere sign nothing here.',
    fix: 'Bring the folders of enough root seeds and name each with `--root-keys`; for a root seed that is lost, replace all with `--new-seed`.',
  },
  PUBLISH_ROOT_UNUSABLE: {
    severity: 'critical',
    title: 'A pre-signed root would be refused by gateways.',
    explain:
      'A first root is published once and for good. This one is damaged, has expired, is for another fleet or organisation, or names keys of seeds that were replaced since the ceremony.',
    fix: 'Sign more roots with `tenantry keys init --pre-sign`, and give the new organisation one of their uids before it is applied.',
  },
  PUBLISH_ROTATION_PENDING: {
    severity: 'high',
    title: 'A key rotation of the organisation was interrupted.',
    explain:
      'The new root is published, and the store does not know of it yet. What hangs on it is signed with the keys before and after, so gateways verify it and go on; nothing new is published for the organisation meanwhile.',
    fix: 'Run `tenantry keys rotate` for the organisation again: it goes on where it stopped.',
  },
  SIGNER_SEED_MISSING: {
    severity: 'high',
    title: 'The seed for a role is not here.',
    explain:
      'Each seed lives where its role is used: root offline, publish with the controller, online with the control plane.',
    fix: 'Run the command where the seed is, or create seeds with `tenantry keys init`.',
  },
  SIGNER_SEED_UNUSABLE: {
    severity: 'critical',
    title: 'A seed cannot be used.',
    explain:
      'A seed is 64 hexadecimal digits, in a regular file that only its owner can read. A file that others can read, or that is a link, is refused.',
    fix: 'Set the mode with `chmod 600`, or restore the seed from its sealed copy.',
  },
  SIGNER_SEED_FOLDERS: {
    severity: 'high',
    title: 'The folders do not fit the number of root seeds.',
    explain:
      'New root seeds go into one folder, or into one folder each. With fewer folders than seeds, some of them would lie on the same medium, and who takes that may have as many as must sign.',
    fix: 'Name one folder with `--root-keys`, or one for each root seed; nothing was written.',
  },
  ROOT_KEYS_MISSING: {
    severity: 'high',
    title: 'A folder that --root-keys names is not there.',
    explain:
      'Where root seeds are only read, a folder that is not there is a typing error or a medium that is not in. Going on without it would sign with fewer seeds than were meant, or with others.',
    fix: 'Correct the name, or bring the medium in; then run the command again.',
  },
  SIGNER_SEEDS_EXIST: {
    severity: 'high',
    title: 'There are seeds already.',
    explain: 'New seeds would make every published file of every organisation unverifiable.',
    fix: 'Keep them; use `tenantry keys rotate` to change keys.',
  },
  SIGNER_PROGRAM: {
    severity: 'critical',
    title: 'The program that signs did not answer as it should.',
    explain:
      'It took too long, ended with an error, said more than an answer needs, or gave a signature that its own public key does not verify. Nothing of its answer is repeated here, since it could hold a secret.',
    fix: 'Run the program by hand with the request that docs/keys.md shows, and look at what stands behind it.',
  },
  SIGNER_PROGRAM_UNUSABLE: {
    severity: 'critical',
    title: 'The program that signs is not there, or others could have changed it.',
    explain:
      'fleet.yaml says the name of the program alone; which file that is, the machine decides: it lies in the folder that TENANTRY_SIGNERS_DIR names, and nobody but its owner may write to either.',
    fix: 'Set TENANTRY_SIGNERS_DIR to an absolute path, and take write access to folder and program from group and others.',
  },
  SIGNER_ROOT_FILE: {
    severity: 'high',
    title: 'The file of a pre-signed root holds something else.',
    explain:
      'Each ceremony writes roots for new uids, so a file of that name with other bytes was put there by somebody.',
    fix: 'Move the file away, and run the ceremony again.',
  },
  REQUEST_HEADERS: {
    severity: 'medium',
    title: 'A gateway request lacks a signature header, or one is malformed.',
    explain: 'Gateways sign every request with the headers tenantry-gateway, -time, -sequence and -signature.',
    fix: 'Use tenantry-gateway, or send all four headers.',
  },
  REQUEST_SIGNATURE: {
    severity: 'high',
    title: 'The signature of a gateway request does not fit.',
    explain: 'The request was changed on the way, or signed with a key that is not the one from enrolment.',
    fix: 'Enrol the gateway again if its key was replaced; check proxies that rewrite paths or bodies.',
  },
  REQUEST_TIME: {
    severity: 'medium',
    title: 'The signed time of a gateway request is too far from the present.',
    explain: 'A read is accepted within one minute of its signing, so that a recorded one is of no use later.',
    fix: 'Correct the clock of the gateway or of the control plane.',
  },
  ENROLMENT_CODE: {
    severity: 'medium',
    title: 'An enrolment code was cut or mistyped, or is none.',
    explain:
      'A code carries check bytes, so that a typing error is told apart from a code that was used or has expired.',
    fix: 'Copy the whole code again, or ask for a new one with `tenantry gateway enroll`.',
  },
  BUNDLE_REFERENCE: {
    severity: 'high',
    title: 'Something that a gateway needs is not there.',
    explain:
      'A bundle holds the policy of the gateway and the wallets that it reaches; one of them is named but does not exist.',
    fix: 'Add the object, or correct the name that refers to it.',
  },
  BUNDLE_VALUE: {
    severity: 'high',
    title: 'A value cannot be put into a bundle.',
    explain: 'An instant, an amount or a price does not exist in the form that gateways compute with.',
    fix: 'Correct the value shown.',
  },
} as const satisfies CodeTable;
