import type { CodeTable } from './entry.ts';

/** Escalations: what `check` says of queues, and what reviewers are refused. */
export const reviewCodes = {
  ESCALATION_WITHOUT_REVIEW: {
    severity: 'high',
    title: 'Requests are handed to people where nobody decides',
    explain:
      'A policy escalates, or a wallet holds, and the org has no Review. The control plane denies such an escalation at once, so every request that is meant is refused.',
    fix: 'Add a Review with the teams that decide, or let the policy or the wallet block.',
  },
  REVIEW_CHANNEL: {
    severity: 'medium',
    title: 'Reviewers cannot be told through this channel',
    explain:
      'A webhook is signed with a secret of the machine of the control plane, which `secretEnv` names (WEBHOOK_…), and it is reached over https; no message goes to addresses that are reserved, link-local, or of a metadata service. A channel without one of them fails each time. Mail has no secret.',
    fix: 'Give the webhook an https URL and a secretEnv, and set that variable for the controller.',
  },
  REVIEW_SECOND: {
    severity: 'medium',
    title: 'A second Review, which is never asked',
    explain:
      'An org has one queue: that of its first Review by name. Policies do not choose among queues, so the reviewers of another one would never see anything.',
    fix: 'Join the two: the teams of both may stand in one Review.',
  },
  ESCALATION_NOT_REVIEWER: {
    severity: 'high',
    title: 'This token does not review',
    explain:
      'Only consoles whose team stands in `reviewers.teams` of the Review see escalations and decide about them.',
    fix: 'Use a token of a reviewing team, or add its team to the Review.',
  },
  ESCALATION_NO_REVIEW: {
    severity: 'high',
    title: 'The org has no review queue',
    explain: 'Without a Review nobody decides, and the control plane denies what is escalated at once.',
    fix: 'Add a Review to the org.',
  },
  ESCALATION_OWN_REQUEST: {
    severity: 'high',
    title: 'Nobody decides about a request of their own',
    explain: 'Four eyes: the token that made the request neither claims nor resolves its escalation.',
    fix: 'Let another reviewer decide.',
  },
  ESCALATION_RESOLVED: {
    severity: 'high',
    title: 'The escalation is decided already',
    explain:
      'A decision is final. Without one in time the `onTimeout` of the queue holds, and a gateway that stops waiting ends it too: `reason` says which it was.',
    fix: 'Look at its log with `tenantry escalations show <id> --org <org>`.',
  },
  ESCALATION_CLAIMED: {
    severity: 'high',
    title: 'Another reviewer has the escalation claimed',
    explain: 'One claims it, and that one alone resolves it or gives it back.',
    fix: 'Ask them to decide, or to give it back with `tenantry escalations unclaim`.',
  },
  ESCALATION_NOT_CLAIMED: {
    severity: 'high',
    title: 'The escalation is not claimed',
    explain: 'Who decides claims it first, so that two do not read the same request.',
    fix: 'Run `tenantry escalations claim <id> --org <org>` first.',
  },
  ESCALATION_STATE: {
    severity: 'high',
    title: 'There is no such state of escalations',
    explain: 'An escalation is queued, claimed or resolved.',
    fix: 'Ask for queued, claimed, resolved or all.',
  },
  IDEMPOTENCY_KEY: {
    severity: 'high',
    title: 'The idempotency key cannot be used',
    explain: 'It is kept beside what it did: 1 to 100 letters, digits and ._:- and a letter or digit first.',
    fix: 'Use a UUID, for example.',
  },
  IDEMPOTENCY_KEY_USED: {
    severity: 'high',
    title: 'The idempotency key was used for something else',
    explain: 'The same key with the same content gets the same answer again; with other content it is a mistake.',
    fix: 'Use a new key for each decision.',
  },
  CONTROL_PLANE_AWAY: {
    severity: 'high',
    title: 'No control plane answers',
    explain: 'Reviewers work through the API of the running control plane.',
    fix: 'Start `tenantry controller`, or name its address with --url.',
  },
} as const satisfies CodeTable;
