import type { CommandSpec } from '../spec.ts';
import { DATA, REPORTS } from './formats.ts';

/** What runs and how it came about: plans, applies, drift, reasons, approvals. */
export const state: readonly CommandSpec[] = [
  {
    usage: 'plan',
    summary: 'What apply would do to the store',
    example: 'tenantry plan --out .tenantry/plan.json',
    formats: REPORTS,
    options: [
      ['--org <org...>', 'only these orgs'],
      ['--commit <ref>', 'the commit to plan (default HEAD)'],
      ['--out <file>', 'write the plan as JSON'],
      ['--exit-code', 'exit 2 when something would change'],
    ],
    run: async (...all) => (await import('../commands/plan.ts')).planCommand(...all),
  },
  {
    usage: 'apply',
    summary: 'Execute the plan and publish',
    example: 'tenantry apply --expect 3f9c… --yes',
    formats: DATA,
    options: [
      ['--org <org...>', 'only these orgs'],
      ['--commit <ref>', 'the commit to apply (default HEAD)'],
      ['--plan <file>', 'the plan that was looked at'],
      ['--expect <planDigest>', 'the digest of the plan that was looked at'],
      ['--yes', 'do not ask'],
    ],
    run: async (...all) => (await import('../commands/plan.ts')).applyCommand(...all),
  },
  {
    usage: 'drift',
    summary: 'Is everything as it was last applied?',
    example: 'tenantry drift --heal',
    formats: DATA,
    options: [
      ['--org <org...>', 'only these orgs'],
      ['--heal', 'bring it back to what was last applied'],
      ['--adopt', 'write what was found in the store and in manifests into inputs and overlays, for review'],
      ['--reason <text>', 'with --adopt: why, for new overlays'],
    ],
    run: async (...all) => (await import('../commands/drift.ts')).driftCommand(...all),
  },
  {
    usage: 'status',
    summary: 'Per gateway: wanted, published, acknowledged',
    example: 'tenantry status --org acme',
    formats: DATA,
    options: [['--org <org...>', 'only these orgs']],
    run: async (...all) => (await import('../commands/status.ts')).statusCommand(...all),
  },
  {
    usage: 'history',
    summary: 'What was applied to an org, by whom, from which commit',
    example: 'tenantry history --org acme',
    formats: DATA,
    options: [
      ['--org <org>', 'the org'],
      ['--limit <n>', 'at most this many entries (default 50)'],
    ],
    run: async (...all) => (await import('../commands/status.ts')).historyCommand(...all),
  },
  {
    usage: 'why <org> <object> <field>',
    summary: 'Where a value comes from: template line, input line, overlay',
    example: 'tenantry why acme Wallet/support spec.limit',
    formats: DATA,
    run: async (...all) => (await import('../commands/why.ts')).whyCommand(...all),
  },
  {
    usage: 'explain <code>',
    summary: 'What a finding means and what to do',
    example: 'tenantry explain HAZARD_OPEN',
    formats: DATA,
    run: async (...all) => (await import('../commands/why.ts')).explainCommand(...all),
  },
  {
    usage: 'approve <changeDigest>',
    summary: 'Write an Approval of the hazards of a change, to be committed by somebody else than its author',
    example: 'tenantry approve 3f9c… --base HEAD~1 --as @msp/otto --reason "agreed with the customer"',
    formats: DATA,
    options: [
      ['--base <ref>', 'the commit before the change'],
      ['--head <ref>', 'the commit of the change (default HEAD)'],
      ['--as <handle>', 'who accepts, with its @'],
      ['--reason <text>', 'why'],
      ['--days <n>', 'how long it holds (default 7)'],
    ],
    run: async (...all) => (await import('../commands/approve.ts')).approveCommand(...all),
  },
  {
    usage: 'waiver add <waiver>',
    summary: 'Write an exception to one finding about one object: orgs/<org>/waivers/<name>.yaml',
    example:
      'tenantry waiver add acme/scanner --code TOKEN_EXPIRES_FAR --object Token/scanner --owner @msp/ana --approver @msp/otto --reason "fixed firmware"',
    formats: DATA,
    options: [
      ['--code <code>', 'the code of the finding'],
      ['--object <object>', 'what it is about, as Kind/name or Kind/environment/name'],
      [
        '--found <text...>',
        'what the finding says, where it is not there yet (default: what it says in the work tree)',
      ],
      ['--owner <handle>', 'who answers for it'],
      ['--approver <handle...>', 'platform owners who agreed: one for medium findings, two for high ones'],
      ['--reason <text>', 'why'],
      ['--days <n>', 'how long it holds (default 90)'],
    ],
    run: async (...all) => (await import('../commands/waiver.ts')).waiverAdd(...all),
  },
  {
    usage: 'waiver list',
    summary: 'Exceptions, the ones that end first in front',
    example: 'tenantry waiver list --org acme',
    formats: DATA,
    options: [['--org <org...>', 'only these orgs']],
    run: async (...all) => (await import('../commands/waiver.ts')).waiverList(...all),
  },
];
