import type { CommandSpec } from '../spec.ts';
import { DATA } from './formats.ts';

/** Pull requests, and the processes that follow a repository. */
export const forge: readonly CommandSpec[] = [
  {
    usage: 'pr check',
    summary: 'Judge a pull request from git alone, and write what it found for other jobs',
    example: 'tenantry pr check --base origin/main --head HEAD --out report',
    formats: ['human', 'json', 'markdown', 'github'],
    options: [
      ['--base <ref>', 'where the change is to go'],
      ['--head <ref>', 'the change (default HEAD); it is read, not checked out'],
      [
        '--out <folder>',
        'for check.json, diff.json, pr.json, junit.xml, check.sarif, summary.md (default .tenantry/pr)',
      ],
    ],
    run: async (...all) => (await import('../commands/pr.ts')).prCheck(...all),
  },
  {
    usage: 'pr comment',
    summary: 'Tell the pull request of this run what its check found: comment, check run, labels, reviewers',
    example: 'tenantry pr comment --in report --sarif',
    formats: DATA,
    options: [
      ['--in <folder>', 'what `pr check` wrote (default .tenantry/pr)'],
      ['--scope <name>', 'which of several fleets of one repository this is (default fleet)'],
      ['--sarif', 'upload findings to code scanning too'],
      ['--as <login>', 'whose comments are ours (default github-actions[bot])'],
      ['--pull <number>', 'outside GitHub Actions: the pull request'],
      ['--head <sha>', 'outside GitHub Actions: the commit that was judged'],
      ['--conclusion <success|failure>', 'outside GitHub Actions: how the check ended'],
      ['--order <n>', 'outside GitHub Actions: a number that rises from run to run'],
    ],
    run: async (...all) => (await import('../commands/pr.ts')).prComment(...all),
  },
  {
    usage: 'forge drift',
    summary: 'One issue for each org that drifts: opened, updated, closed',
    example: 'tenantry forge drift --in drift.json',
    formats: DATA,
    options: [
      ['--in <file>', 'what `drift --format json` or the controller said'],
      ['--as <login>', 'whose issues are ours (default github-actions[bot])'],
    ],
    run: async (...all) => (await import('../commands/pr.ts')).forgeDrift(...all),
  },
  {
    usage: 'controller',
    summary: 'Apply every new commit, and serve the control plane',
    example: 'tenantry controller',
    formats: [],
    options: [
      ['--listen <host:port>', 'instead of the address in fleet.yaml'],
      ['--allow-private <host...>', 'hosts of webhooks that may be at a private or loopback address'],
    ],
    run: async (...all) => (await import('../commands/controller.ts')).controllerCommand(...all),
  },
  {
    usage: 'serve',
    summary: 'Serve the control plane, and apply a commit when it is asked for',
    example: 'tenantry serve',
    formats: [],
    options: [
      ['--listen <host:port>', 'instead of the address in fleet.yaml'],
      ['--allow-private <host...>', 'hosts of webhooks that may be at a private or loopback address'],
    ],
    run: async (...all) => (await import('../commands/controller.ts')).serveCommand(...all),
  },
  {
    usage: 'up',
    summary: 'Controller, control plane and every gateway, on this machine',
    example: 'tenantry up --simulator http://127.0.0.1:4190',
    formats: [],
    options: [
      ['--listen <host:port>', 'instead of the address in fleet.yaml'],
      ['--allow-private <host...>', 'hosts of webhooks that may be at a private or loopback address'],
      ['--simulator <url>', 'stands in for providers without a key'],
      ['--report <file>', 'write what runs where, when it runs'],
      ['--until-stdin-ends', 'stop when standard input ends, so as never to outlive the program that started this one'],
    ],
    run: async (...all) => (await import('../commands/up.ts')).upCommand(...all),
  },
];
