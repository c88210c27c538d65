import type { CommandSpec } from '../spec.ts';
import { DATA } from './formats.ts';

/** Secrets of machine access, keys of the fleet, and what is signed with them. */
export const keys: readonly CommandSpec[] = [
  ...(['issue', 'rotate', 'revoke'] as const).map(
    (verb): CommandSpec => ({
      usage: `token ${verb} <token>`,
      summary: {
        issue: 'A new secret, printed once',
        rotate: 'A new secret; the old ones run out',
        revoke: 'Take every secret away, or some of them',
      }[verb],
      example: `tenantry token ${verb} acme/support-app`,
      formats: DATA,
      ...(verb === 'revoke'
        ? {
            options: [
              ['--secret <id>', 'only the secret of this id'],
              ['--expired', 'only those that have run out'],
            ],
          }
        : {}),
      run: async (...all) => (await import('../commands/token.ts')).tokenCommand(verb, ...all),
    }),
  ),
  {
    usage: 'token receipt <token>',
    summary: 'What is proved of the newest revocation of a token: merged, published, acknowledged, last let in',
    example: 'tenantry token receipt acme/support-app',
    formats: DATA,
    run: async (...all) => (await import('../commands/token-receipt.ts')).tokenReceipt(...all),
  },
  {
    usage: 'token list <org>',
    summary: 'The tokens of an org and the validity of their secrets',
    example: 'tenantry token list acme',
    formats: DATA,
    run: async (...all) => (await import('../commands/token.ts')).tokenList(...all),
  },
  {
    usage: 'keys init',
    summary: 'Make the seeds of a fleet, and sign roots of orgs to come',
    example: 'tenantry keys init --root-seeds 3 --threshold 2 --pre-sign 100 --root-keys /media/a /media/b /media/c',
    formats: DATA,
    options: [
      ['--root-seeds <n>', 'independent root seeds, 1 to 8 (default 1)'],
      ['--root-keys <folder...>', 'where root seeds lie or are written: one folder for all, or one for each'],
      ['--print-root', 'show root seeds once instead of writing them'],
      ['--pre-sign <n>', 'mint so many org uids and sign their roots, so that onboarding needs no root seed'],
      ['--threshold <k>', 'with --pre-sign: how many root seeds must sign (default 1)'],
    ],
    run: async (...all) => (await import('../commands/keys.ts')).keysInit(...all),
  },
  {
    usage: 'keys show',
    summary: 'Per org and role: epoch, keys, threshold, expiry, and which seeds are at hand',
    example: 'tenantry keys show --org acme',
    formats: DATA,
    options: [
      ['--org <org...>', 'only these orgs'],
      ['--root-keys <folder...>', 'more folders with root seeds'],
    ],
    run: async (...all) => (await import('../commands/keys-rotate.ts')).keysShow(...all),
  },
  {
    usage: 'keys rotate',
    summary: 'Raise the keys of one role to a next epoch; gateways follow by themselves',
    example: 'tenantry keys rotate --role online --new-seed --root-keys /media/a /media/b',
    formats: DATA,
    options: [
      ['--role <role>', 'root, publish or online'],
      ['--org <org...>', 'only these orgs'],
      ['--new-seed', 'after a theft: derive the new keys from a new seed'],
      [
        '--root-keys <folder...>',
        'folders with root seeds; new ones go into the only one, or into the first ones, one each',
      ],
      ['--threshold <k>', 'with --role root: how many root seeds must sign from now on (default as before)'],
      ['--root-seeds <n>', 'with --role root --new-seed: how many root seeds there are to be (default as before)'],
      ['--reason <text>', 'why, for the history'],
    ],
    run: async (...all) => (await import('../commands/keys-rotate.ts')).keysRotate(...all),
  },
  {
    usage: 'drill <name>',
    summary: 'Rehearse a theft on a copy: stolen-online-key or stolen-publish-key',
    example: 'tenantry drill stolen-online-key',
    formats: DATA,
    options: [['--org <org...>', 'whose content to rehearse with (default the first org)']],
    run: async (...all) => (await import('../commands/drill.ts')).drillCommand(...all),
  },
  {
    usage: 'publish',
    summary: 'Publish what is applied and not published yet',
    example: 'tenantry publish',
    formats: DATA,
    options: [
      ['--refresh', 're-sign what is past half of its life, and timestamps older than an hour'],
      ['--prune', 'remove published files that nothing leads to any more'],
      ['--take-over <org...>', 'after a restore: learn what is published for these orgs, and go on above it'],
      ['--reason <text>', 'with --take-over: why, for the history'],
    ],
    run: async (...all) => (await import('../commands/publish.ts')).publishCommand(...all),
  },
];
