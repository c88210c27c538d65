import type { CodeTable } from './entry.ts';

/** Why a rollout stands still or went back, and what overrides refuse. */
export const rolloutCodes = {
  ROLLOUT_REJECTED: {
    severity: 'high',
    title: 'Gateways of a ring refused the new content',
    explain:
      'More gateways of the ring than its budget allows answered that they cannot use the content, so it reaches no other ring. Where the ring says so, its gateways went back to the content that they had before.',
    fix: 'Look at `tenantry rollout status` for the codes that gateways gave, mend the change, and merge the mended one.',
  },
  ROLLOUT_SILENT: {
    severity: 'high',
    title: 'Gateways of a ring fell silent under the new content',
    explain:
      'Gateways that had acknowledged content before did not acknowledge this one within the answer time of their ring. A gateway that crashes while it loads a bundle looks like that from outside, and so does one whose network is gone.',
    fix: 'Look whether the gateways run and reach the control plane; resume the rollout if they do, mend the change if they do not.',
  },
  ROLLOUT_ERRORS: {
    severity: 'high',
    title: 'More requests fail under the new content',
    explain:
      'The share of requests that were answered with an error rose by more points than the ring allows, compared with the same gateways before, and with the rise in the ring before.',
    fix: 'Look at the events of the gateways, mend the change, and merge the mended one.',
  },
  ROLLOUT_BLOCKS: {
    severity: 'high',
    title: 'More requests are blocked under the new content',
    explain:
      'The share of requests that policies blocked rose by more points than the ring allows, compared with the same gateways before, and with the rise in the ring before. A policy that denies everybody is valid and shows like that.',
    fix: 'Look at the events of the gateways; resume the rollout if this is what was meant, mend the change if not.',
  },
  ROLLOUT_SIZE: {
    severity: 'high',
    title: 'The new content is many times as large as the old one',
    explain:
      'A generated file that multiplied is seldom meant, and limits at the gateway meet it too late. The ring is not opened before somebody looked.',
    fix: 'Look at `tenantry diff` for what grew; resume the rollout if this is what was meant.',
  },
  ROLLOUT_OPERATOR: {
    severity: 'info',
    title: 'Somebody stopped the rollout',
    explain: 'An operator paused or aborted it; the reason and the name stand in the history of the org.',
    fix: 'Run `tenantry rollout resume` when it may go on; an aborted one begins anew when its pin ends or is ended.',
  },
  ROLLOUT_HELD: {
    severity: 'high',
    title: 'A ring has nobody left to judge the new content by',
    explain:
      'An override holds every gateway of a ring that had not passed the content on yet, or they left the repository. Later rings would get it without that judgement, so the rollout waits, and so does one of a newer change. It goes on by itself when the override ends.',
    fix: 'Run `tenantry rollout abort` if the content is bad; mend the change and merge the mended one, or run `tenantry rollout resume` if later rings may have it.',
  },
  ROLLOUT_NONE: {
    severity: 'high',
    title: 'The org has no rollout that could be told so',
    explain: 'A rollout ends when its last ring has soaked, when it went back, or when another change took its place.',
    fix: 'Look at `tenantry rollout status`.',
  },
  DENY_UNKNOWN: {
    severity: 'high',
    title: 'The org has no token or gateway of this name to deny',
    explain:
      'A denial names one Token or one Gateway of what is applied to the org. Where both have the name, it must say which.',
    fix: 'Use one of the names that the message lists; write token/<name> or gateway/<name> where both stand.',
  },
  ROLLBACK_UNKNOWN: {
    severity: 'high',
    title: 'The content of that generation is not kept, or never was',
    explain:
      'A rollback is made from the content that the store kept when it was published: the newest twenty of each gateway. An older one, or one from before the store kept content, cannot be made again; one above the newest never was.',
    fix: 'Name a generation that `tenantry history` lists and that is kept; revert the commit for anything older.',
  },
  OVERRIDE_UNKNOWN: {
    severity: 'high',
    title: 'The org has no such override',
    explain: 'Overrides are named by their id, and one that has ended stays ended.',
    fix: 'Look at `tenantry override list`.',
  },
  OVERRIDE_EXPIRY: {
    severity: 'high',
    title: 'An override does not end in time',
    explain:
      'Overrides are exceptions to what the repository says, so each ends by itself: after now, and within ninety days.',
    fix: 'Give an instant such as 2027-01-31T00:00:00Z within ninety days.',
  },
  CONTENT_MISSING: {
    severity: 'critical',
    title: 'Kept content of a gateway cannot be read back',
    explain:
      'The store should hold the content that a rollout or a rollback keeps a gateway on, and does not, or holds bytes that are not those of its digest. Nothing is published for the org meanwhile, so its gateways keep what they have.',
    fix: 'Restore the store from a backup, or end the rollout or the override with `tenantry rollout abort` or `tenantry override end`.',
  },
} as const satisfies CodeTable;
