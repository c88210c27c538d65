import type { CodeTable } from './entry.ts';

/** What the gateway says when it cannot enrol, start or activate a bundle (gateway/, rulings 23). */
export const gatewayCodes = {
  ENROL_CODE_INVALID: {
    severity: 'high',
    title: 'The enrolment code cannot be read.',
    explain: 'A code ends in a checksum, so one that was cut or mistyped is refused before anything is sent.',
    fix: 'Copy the whole code again, or ask for a new one with `tenantry gateway enroll <org>/<gateway>`.',
  },
  ENROL_REFUSED: {
    severity: 'high',
    title: 'The control plane refused the enrolment.',
    explain: 'A code works once and for a short time, for one gateway of one org.',
    fix: 'Ask for a new code with `tenantry gateway enroll <org>/<gateway>`.',
  },
  ENROL_UNREACHABLE: {
    severity: 'medium',
    title: 'The control plane could not be reached for the enrolment.',
    explain:
      'Whether the code was used is not known. The key that it was sent with lies in the state folder, and the control plane takes the code again from that key, also after it was used.',
    fix: 'Check the address given with --source and that this machine reaches it, then run the command again with the same code and the same --state.',
  },
  ENROL_IDENTITY_MISMATCH: {
    severity: 'critical',
    title: 'The answer to the enrolment names another fleet, org or gateway than the code.',
    explain:
      'The code pins who this gateway is. Somebody who answers with another identity may be trying to take it over.',
    fix: 'Do not go on: check the address given with --source and who answers there.',
  },
  ENROL_ROOT_MISMATCH: {
    severity: 'critical',
    title: 'The trust root that was sent is not the one that the enrolment code names.',
    explain: 'The code carries the SHA-256 of the root, so that who sits between cannot substitute it (bundles.md).',
    fix: 'Do not go on: check the address given with --source and who answers there.',
  },
  ENROL_STATE_EXISTS: {
    severity: 'high',
    title: 'The state folder already belongs to an enrolled gateway.',
    explain: 'An identity is pinned once. Overwriting it would lose the version floors that guard against old bundles.',
    fix: 'Use an empty folder with --state, or delete this one on purpose.',
  },
  GATEWAY_IDENTITY_INVALID: {
    severity: 'high',
    title: 'The state folder has no identity that can be read.',
    explain: 'identity.json and root.json are written by `enroll` and must fit each other.',
    fix: 'Run `tenantry-gateway enroll --code <code> --source <url> --state <dir>` with an empty folder.',
  },
  GATEWAY_STATE_UNUSABLE: {
    severity: 'high',
    title: 'The state folder cannot be read or written.',
    explain:
      'What the folder keeps is on the disk before anything hangs on it: the key of an enrolment before its code is used. The message has the word of the system: ENOSPC for a full disk, EROFS for one that is read-only, EACCES for a folder of another user, ENOTDIR for a file in the place of a folder.',
    fix: 'Make room, or name a folder that the user of the gateway may write to with --state; then run the command again. A code for enrolment stays good for this folder.',
  },
  GATEWAY_STATE_LOCKED: {
    severity: 'high',
    title: 'Another gateway runs on this state folder.',
    explain:
      'Two processes on one journal would break its chain and spend the same money twice. The lock is one of the operating system on running.lock in the folder: it ends with its process, however that ended, and holds between containers of one machine. A file system that has no locks is refused too.',
    fix: 'Stop the other process, or give each gateway its own --state, on a disk of its machine.',
  },
  GATEWAY_JOURNAL_BROKEN: {
    severity: 'critical',
    title: 'The journal of this gateway is damaged, or lines of it are gone.',
    explain:
      'A crash can tear the last write and that is repaired; anything else was changed or lost on disk. Going on would answer requests that nobody has evidence of and give back money that was spent, so a gateway does not start. One that finds it while it runs goes on writing, delivers nothing from there on, and is not ready.',
    fix: 'Keep the whole state folder as evidence, check the disk, and enrol the gateway again with an empty --state: that begins a new journal.',
  },
  GATEWAY_EVIDENCE_REFUSED: {
    severity: 'critical',
    title: 'The control plane has another journal of this gateway than the gateway itself.',
    explain:
      'Where its store was put back from a backup, the gateway delivers again what is missing there, from the last line that both have. Here both have no such line, or the gateway has deleted what follows it: its state folder was copied or put back, or the backup is too old.',
    fix: 'Compare the end that `events verify` prints with the journal in the state folder; then keep that folder as evidence and enrol the gateway again with an empty --state.',
  },
  GATEWAY_ADDRESS_INVALID: {
    severity: 'medium',
    title: 'An address for listening or connecting is not allowed.',
    explain:
      'Without enrolment a gateway listens on loopback only, a simulator is on loopback, and sources are https elsewhere.',
    fix: 'Use 127.0.0.1, ::1 or localhost, or https for another machine.',
  },
  GATEWAY_NOT_STARTED: {
    severity: 'high',
    title: 'A gateway of a local run ended before it listened.',
    explain:
      '`tenantry up` starts each gateway of the fleet on this machine. This one ended without a word of why; the others run, and it is tried again.',
    fix: 'Look at the end of its log, which the message names.',
  },
  GATEWAY_PORT_IN_USE: {
    severity: 'medium',
    title: 'The address to listen on is taken or not available.',
    explain: 'Another process listens there, or this machine does not have the address.',
    fix: 'Stop the other process or give another address with --listen.',
  },
  GATEWAY_EVENTS_FILE: {
    severity: 'medium',
    title: 'The file for events cannot be written or is of something else.',
    explain:
      'The evidence of one gateway goes on where its file ends, so the file must be one of its own, and its folder must be there.',
    fix: 'Name another file with --events-file, or move the one that is there away.',
  },
  GATEWAY_OTLP_INVALID: {
    severity: 'medium',
    title: 'The collector of traces is not named as it should be.',
    explain: 'Spans go to a base address by OTLP over HTTP; secrets for it stand in the environment and nowhere else.',
    fix: 'Give --otlp an address like http://127.0.0.1:4318, and headers as name=value in OTEL_EXPORTER_OTLP_HEADERS.',
  },
  GATEWAY_POLICY_REFUSED: {
    severity: 'high',
    title: 'The policy document cannot be enforced by this gateway.',
    explain: 'It uses something that is not supported or not valid; the last known good configuration keeps running.',
    fix: 'Correct what the message names, see docs/policy-compatibility.md.',
  },
  GATEWAY_BUNDLE_STALE: {
    severity: 'high',
    title: 'The configuration of this gateway has not been confirmed for a day.',
    explain: 'It keeps serving what it verified last; after three days it is expired.',
    fix: 'Check that the gateway reaches its source and that the timestamp is renewed.',
  },
  GATEWAY_BUNDLE_EXPIRED: {
    severity: 'critical',
    title: 'The configuration of this gateway has expired.',
    explain: 'Nothing newer could be verified within its lifetime; onExpired says whether requests are refused.',
    fix: 'Check that the gateway reaches its source and that the timestamp is renewed.',
  },
} as const satisfies CodeTable;
