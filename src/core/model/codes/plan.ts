import type { CodeTable } from './entry.ts';

export const planCodes = {
  MASS_CHANGE: {
    severity: 'high',
    title: 'One change reaches unusually many orgs or objects',
    explain:
      'The change touches more orgs of the fleet, or deletes more objects of one org, than limits in fleet.yaml allow without a person looking. Most outages of whole fleets are one small edit of something shared. The limits are those of the last applied commit, so a change cannot raise its own limit. Creating an org is not counted.',
    fix: 'Make the change smaller, or let a platform owner accept it with `tenantry approve`.',
  },
  CAMPAIGN: {
    severity: 'high',
    title: 'A change moves only template pins or the renderer, for several orgs',
    explain:
      'Nothing but template pins, or renderVersion in fleet.yaml, changed, for more than one org: this is a template campaign. It is allowed, in rings, but it is one decision about many customers and therefore needs an Approval.',
    fix: 'Read the grouped diff and its outliers, then let a platform owner accept it with `tenantry approve`.',
  },
  HISTORY_REWRITTEN: {
    severity: 'high',
    title: 'The commit does not come from what was applied',
    explain:
      'An org of the plan was applied from a commit that is not among the ancestors of the new one: the branch was rewritten (a force push, a reset), or the clone is shallow. The plan then takes back what somebody reviewed and merged, and no pull request says so.',
    fix: 'Bring the applied commit back into the history (in a shallow clone: `git fetch --unshallow origin`), or let a platform owner accept the change with `tenantry approve`.',
  },
  WALLET_REMOVED: {
    severity: 'high',
    title: 'A wallet is removed',
    explain:
      'Requests that this wallet paid for are paid by another wallet or refused, and money that is leased or spent in the current period loses its limit. Where the ledger is known only wallets with a balance are dangerous; from Git alone every removal is.',
    fix: 'Move spending to another wallet and wait for the end of the period, or let a platform owner accept the removal.',
  },
  LAST_TOKEN_REMOVED: {
    severity: 'high',
    title: 'No machine of the org can call a gateway any more',
    explain: 'The change removes the last token of an org that keeps gateways. Every request is refused after it.',
    fix: 'Add the token that replaces it in the same change, or let a platform owner accept the removal.',
  },
  ROTATION_WITHOUT_OVERLAP: {
    severity: 'high',
    title: 'A rotation cuts off everybody who has the old secret',
    explain:
      'A rotation gives the old secrets of a token an end, `rotationOverlapHours` after `tenantry token rotate` was called; the new secret works from the apply on. The commit came to the main branch after that end, so no moment is left in which both work. Until the change is applied, the old secrets work as they are applied.',
    fix: 'Take `credentials.yaml` as it is applied, rotate again and merge within the overlap (or raise rotationOverlapHours). Where nobody uses the old secret, or it must go, let a platform owner accept it with `tenantry approve`.',
  },
  LAST_REVIEWER_REMOVED: {
    severity: 'high',
    title: 'Nobody is left to decide about escalated requests',
    explain:
      'The change takes the last reviewer from a review queue: by removing the queue, its teams, or the members and leads of its teams. Escalated requests then end by timeout.',
    fix: 'Name another team with members in the Review, or let a platform owner accept it.',
  },
  PLATFORM_ACCESS: {
    severity: 'critical',
    title: "The fleet's own protection is loosened",
    explain:
      'The change removes a platform owner, a signing key or a freeze, raises a safety limit, or adds a credential of the fleet scope. Each of these decides who can change every customer, so it never takes effect without an Approval judged by the settings before the change.',
    fix: 'Let a platform owner who did not write the change accept it with `tenantry approve`.',
  },
  TEMPLATE_LOOSENS: {
    severity: 'high',
    title: 'A limit that may only be tightened is loosened together with a template pin',
    explain:
      'A field whose schema says that it may only be tightened gets looser in an org whose template pin moves down or to another template. This is how a floor of a newer template is left behind without anybody naming it.',
    fix: 'Keep the newer template version, or let a platform owner accept the loosened fields by name.',
  },
  CAP_LOOSENED: {
    severity: 'high',
    title: 'A wallet bounds less than before, though its limit may read the same',
    explain:
      'The wallet above this one is gone from above it (what it allows is then compared with nothing), the same limit starts anew more often (a limit of a month that becomes one of a day may be spent 31 times), another anchor day or currency begins a balance of nothing so that what was spent counts no more, the wallet lets requests through when it is exhausted, or wallets above it need not pass any more. A limit that is merely raised is no hazard: the change says by how much. What a wallet of more than one period allows is compared by how often the new period can begin in the longest of the old ones.',
    fix: 'Keep parent, period, currency, whenExhausted and paymentRule, or lower the limit with the period; else let a platform owner accept it with `tenantry approve`.',
  },
  FAIL_OPEN: {
    severity: 'high',
    title: 'What refused while nobody answers lets requests through instead',
    explain:
      'Gateways of the org go on serving when their configuration has expired (`onExpired: keep-serving`), or requests that nobody decided about in time are approved (`onTimeout: approve`). Until then an outage, or a queue that nobody reads, refuses; after it both let through. Of the whole fleet PLATFORM_ACCESS tells the same.',
    fix: 'Keep block and deny, or let a platform owner accept it with `tenantry approve`.',
  },
  TEMPLATE_DOWNGRADE: {
    severity: 'high',
    title: 'An org moves to an older template version or to another template',
    explain:
      'Template versions only go up in normal work. Going down takes back every protection that a later version added, and going to another template replaces the baseline.',
    fix: 'Pin the newest version of the same template, or let a platform owner accept the move.',
  },
  AUDIENCE_CHANGED: {
    severity: 'critical',
    title: 'Who a bundle is for, or where it is accepted, changes',
    explain:
      "The uid, isolation class or domains of an org, or the environment of a gateway, change. Keys, token digests, published paths and gateways' identities hang on them: a mistake here hands one customer's configuration to another.",
    fix: 'Check with the customer, then let a platform owner accept it with `tenantry approve`.',
  },
  GATEWAY_REMOVED: {
    severity: 'high',
    title: 'A gateway is removed',
    explain:
      'The next publication of the org does not list the gateway any more. It refuses every request as soon as it reads that, and one that cannot be reached when what it has expires.',
    fix: 'Stop its clients first, then let a platform owner accept the removal.',
  },
  ORG_OFFBOARDED: {
    severity: 'critical',
    title: 'A whole org is removed',
    explain:
      'Every object of the org is removed; one more publication, without any gateway, ends what it had. Offboarding has two steps: first the org is retired (its tokens and gateways go, and evidence, ledger and reviews can still be worked with), in a later change its files are deleted.',
    fix: 'Run `tenantry org offboard` once for each step: it retires the org, and when that is merged and applied it removes its directory and lists it with its uid under `retiredOrgs` in fleet.yaml. Let a platform owner accept each.',
  },
} as const satisfies CodeTable;
