import type { CommandSpec } from '../spec.ts';
import { DATA } from './formats.ts';

/** Gateways, roll-outs and overrides. */
export const gateways: readonly CommandSpec[] = [
  {
    usage: 'gateway enroll <gateway>',
    summary: 'A one-time code for a new gateway',
    example: 'tenantry gateway enroll acme/support-production',
    formats: DATA,
    run: async (...all) => (await import('../commands/gateway.ts')).enrollCommand(...all),
  },
  {
    usage: 'gateway list',
    summary: 'Who is enrolled',
    example: 'tenantry gateway list --org acme',
    formats: DATA,
    options: [['--org <org...>', 'only these orgs']],
    run: async (...all) => (await import('../commands/gateway.ts')).listCommand(...all),
  },
  {
    usage: 'gateway revoke <gateway>',
    summary: 'Take a gateway its identity',
    example: 'tenantry gateway revoke acme/support-production',
    formats: DATA,
    run: async (...all) => (await import('../commands/gateway.ts')).revokeCommand(...all),
  },
  {
    usage: 'rollout status',
    summary: 'Rings and overrides of each org',
    example: 'tenantry rollout status --org acme',
    formats: DATA,
    options: [['--org <org...>', 'only these orgs']],
    run: async (...all) => (await import('../commands/rollout.ts')).rolloutStatusCommand(...all),
  },
  ...(['pause', 'resume', 'skip', 'abort'] as const).map(
    (verb): CommandSpec => ({
      usage: `rollout ${verb} <org>`,
      summary: {
        pause: 'Open no further ring of the rollout of an org',
        resume: 'Go on, after a pause or a halt that somebody looked at',
        skip: 'Take the present ring as done',
        abort: 'Give every gateway of the rollout the older content back',
      }[verb],
      example: `tenantry rollout ${verb} acme --reason "agreed with the customer"`,
      formats: DATA,
      options: [['--reason <text>', 'why; it stands in the history']],
      run: async (...all) => (await import('../commands/rollout.ts')).rolloutVerbCommand(verb, ...all),
    }),
  ),
  {
    usage: 'rollback',
    summary: 'Hold the gateways of an org on the content of an earlier generation, at once',
    example: 'tenantry rollback --org acme --to 4 --reason "refuses every order" --expires 2027-01-31T00:00:00Z',
    formats: DATA,
    options: [
      ['--org <org>', 'the org'],
      ['--to <generation>', 'the generation whose content holds'],
      ['--gateway <name>', 'only this gateway'],
      ['--reason <text>', 'why; it stands in the history'],
      ['--expires <when>', 'when it ends by itself, within ninety days: an instant, or a day, at its end in UTC'],
    ],
    run: async (...all) => (await import('../commands/rollout.ts')).rollbackCommand(...all),
  },
  {
    usage: 'deny <org> <name>',
    summary: 'Cut a token or a gateway off at once',
    example: 'tenantry deny acme support-app --reason "leaked in a log"',
    formats: DATA,
    options: [
      ['--reason <text>', 'why; it stands in the history'],
      [
        '--expires <when>',
        'when it ends by itself, within ninety days: an instant, or a day, at its end in UTC (default in thirty days)',
      ],
    ],
    run: async (...all) => (await import('../commands/rollout.ts')).denyCommand(...all),
  },
  {
    usage: 'override list',
    summary: 'Denials and rollbacks that hold, the ones that end first in front',
    example: 'tenantry override list --org acme',
    formats: DATA,
    options: [['--org <org...>', 'only these orgs']],
    run: async (...all) => (await import('../commands/rollout.ts')).overrideList(...all),
  },
  {
    usage: 'override end <org> <id>',
    summary: 'End a denial or a rollback before its time',
    example: 'tenantry override end acme rollback-7 --reason "mended"',
    formats: DATA,
    options: [['--reason <text>', 'why; it stands in the history']],
    run: async (...all) => (await import('../commands/rollout.ts')).overrideEnd(...all),
  },
  {
    usage: 'override write <org> <id>',
    summary: 'Bring an override into Git: as files in the work tree, or as a pull request',
    example: 'tenantry override write acme rollback-7 --open',
    formats: DATA,
    options: [
      ['--open', 'instead of writing here: a pull request on GitHub'],
      ['--base <branch>', 'with --open: where it goes to (default main)'],
      ['--remote <name>', 'with --open: where its branch is pushed to (default origin)'],
      ['--dry-run', 'with --open: say what would happen, push and open nothing'],
      ['--reopen', 'with --open: open another where somebody closed the last'],
      ['--as <login>', 'with --open: whose pull requests are ours (default github-actions[bot])'],
    ],
    run: async (...all) => (await import('../commands/rollout.ts')).overrideWrite(...all),
  },
];
