import type { CodeTable } from './entry.ts';

/** Why apply leaves an org, or the whole commit, as it is. */
export const applyCodes = {
  PLAN_STALE: {
    severity: 'high',
    title: 'The plan is not the one that was looked at',
    explain:
      'Apply recomputes every plan from git and the store. When the digest differs from the expected one, another change came between the look and the apply, or the store moved on. What is left of the expected plan after an apply of it was cut short is not another one, and neither is nothing, where all of it is applied already.',
    fix: 'Run `tenantry plan` again, look at it, and apply with its digest.',
  },
  DRIFT_FIRST: {
    severity: 'high',
    title: 'The store is not what was last applied',
    explain:
      'The stored rows of an org no longer hash to the content digest of its last apply: somebody changed them behind the reconciler. Applying over that would silently keep or lose what they did.',
    fix: 'Look at `tenantry drift`; `tenantry drift --adopt` writes what is worth keeping into the repository. Then run `tenantry drift --heal`.',
  },
  HAZARD_OPEN: {
    severity: 'high',
    title: 'A danger was not accepted by anybody',
    explain:
      'The change deletes, loosens or reaches so much that a person other than its author must accept it. Acceptance is a file, approvals/<digest>.yaml, owned by the platform team; no flag replaces it.',
    fix: 'Let a platform owner write an Approval with `tenantry approve <changeDigest>`, or make the change smaller.',
  },
  APPLY_FROZEN: {
    severity: 'high',
    title: 'Changes are frozen now',
    explain:
      'The last applied fleet.yaml declares a window in which nothing is applied. A change cannot lift a freeze that was in force before it.',
    fix: 'Wait for the end of the window.',
  },
  COMMIT_OFF_BRANCH: {
    severity: 'high',
    title: 'The commit is not on the branch that is applied',
    explain:
      'The last applied fleet.yaml names in `ci.ref` the branch that customers are served from. This commit is not on it, as far as this clone knows: nobody has merged it, so its checks and reviews prove nothing.',
    fix: 'Merge it, fetch, and apply the merged commit.',
  },
  APPLY_INVALID: {
    severity: 'high',
    title: 'The org cannot be rendered at this commit',
    explain:
      'A manifest of the org, or the template it pins, does not stand. The org is held as it is; the other orgs go on.',
    fix: 'Run `tenantry check --org <org>` and mend what it names.',
  },
  CONTROLLER_RUNNING: {
    severity: 'high',
    title: 'Another controller holds the lease',
    explain:
      'Only one process writes desired state and bundles. On SQLite a second one refuses to start, so that two never publish over each other. What a process left that was killed is taken over at once on the same machine; of one in another container nobody can tell that it is gone, and its lease runs out after 30 seconds.',
    fix: 'Let the running controller do it, or stop it first. Beside `tenantry serve`, which follows no branch, `tenantry apply` is done by it.',
  },
  CONTROLLER_SILENT: {
    severity: 'high',
    title: 'The controller of this folder does not answer',
    explain:
      'Its process is there and its address takes connections, but no answer comes: it was stopped, or works on something that lets nothing else run. While it may still hold the lease, nobody else writes. Where the process is another program that got the number of one that was killed, and the address is that of another one, the file .tenantry/controller.json is all that is left of it.',
    fix: 'Let the process go on, or end it; or remove .tenantry/controller.json where it is no controller. Then run the command again.',
  },
  CONTROLLER_GONE: {
    severity: 'high',
    title: 'The controller ended before it answered',
    explain:
      'It had taken what was asked, and the connection ended without an answer: it may be done, or not. What was done stands in the history of the org; adjustments of wallets are booked once per id.',
    fix: 'Look at `tenantry history --org <org>`, start the controller, then run the command again where it was not done.',
  },
} as const satisfies CodeTable;
