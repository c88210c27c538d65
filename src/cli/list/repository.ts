import type { CommandSpec } from '../spec.ts';
import { DATA, REPORTS } from './formats.ts';

/** What is in the repository: orgs, templates, what they render to and how it changes. */
export const repository: readonly CommandSpec[] = [
  {
    usage: 'init [dir]',
    summary: 'A new fleet repository: workflows, owner file, an example org, editor settings',
    example: 'tenantry init my-fleet --platform @my-org/platform --customers @my-org/customers',
    formats: DATA,
    options: [
      ['--platform <handle>', 'the team that owns the fleet (default @your-org/platform)'],
      ['--customers <handle>', 'the team that owns the example org (default @your-org/customers)'],
      ['--framework <spec>', 'what npm installs as tenantry: a version, an address, a file (default this version)'],
    ],
    run: async (...all) => (await import('../commands/init.ts')).initCommand(...all),
  },
  {
    usage: 'org add <slug>',
    summary: 'Onboard a customer: org.yaml, its manifests, ready to commit',
    example: 'tenantry org add delta --template msp-standard@1.1.0 --set displayName="Delta GmbH"',
    formats: DATA,
    options: [
      ['--template <name@version>', 'the template to pin'],
      ['--set <path=value...>', 'a value of org.yaml: displayName, domains.0, inputs.…'],
    ],
    run: async (...all) => (await import('../commands/org.ts')).add(...all),
  },
  {
    usage: 'org list',
    summary: 'The customers of this repository',
    example: 'tenantry org list',
    formats: DATA,
    run: async (...all) => (await import('../commands/org.ts')).list(...all),
  },
  {
    usage: 'template list',
    summary: 'Which org runs which version of which template',
    example: 'tenantry template list',
    formats: DATA,
    run: async (...all) => (await import('../commands/template.ts')).list(...all),
  },
  {
    usage: 'template upgrade <name>',
    summary: 'Move orgs to another version of their template, three-way, org by org',
    example: 'tenantry template upgrade msp-standard --to 1.1.0 --ring canary --commit --per ring',
    formats: DATA,
    options: [
      ['--to <version>', 'the version to move to'],
      ['--from <version>', 'only orgs at this version'],
      ['--orgs <selector>', 'names (with *) and labels (key=value), separated by commas'],
      ['--ring <ring>', 'only orgs whose last gateway is in this ring'],
      ['--limit <count>', 'at most this many orgs in this run'],
      ['--dry-run', 'say what would happen, write nothing'],
      ['--commit', 'commit what was written'],
      ['--per <group>', 'one commit per org or per ring (default org)'],
      ['--open', 'instead of writing here: one pull request per ring on GitHub, the next when the last is merged'],
      ['--base <branch>', 'with --open: where they go to (default main)'],
      ['--remote <name>', 'with --open: where branches are pushed to (default origin)'],
      ['--max-open <count>', 'with --open: open none while so many of upgrades are open (default 2)'],
      ['--reopen', 'with --open: open another where somebody closed the last'],
      ['--as <login>', 'with --open: whose pull requests are ours (default github-actions[bot])'],
    ],
    run: async (...all) => (await import('../commands/template.ts')).upgrade(...all),
  },
  {
    usage: 'render',
    summary: 'Are the committed manifests what the inputs render to?',
    example: 'tenantry render --write',
    formats: DATA,
    options: [
      ['--org <org...>', 'only these orgs'],
      ['--write', 'make them so'],
      ['--exit-code', 'exit 2 when something differs'],
    ],
    run: async (...all) => (await import('../commands/render.ts')).renderCommand(...all),
  },
  {
    usage: 'check',
    summary: 'Shape, meaning, isolation and stale manifests',
    example: 'tenantry check --base origin/main --format github',
    formats: ['human', 'json', 'sarif', 'junit', 'github', 'markdown'],
    options: [
      ['--org <org...>', 'only these orgs, without the rules over the whole fleet'],
      ['--base <ref>', 'what the change is measured from'],
      ['--no-cache', 'look at everything, whatever a former check found'],
    ],
    run: async (...all) => (await import('../commands/check.ts')).checkCommand(...all),
  },
  {
    usage: 'diff',
    summary: 'What changes for whom between two commits',
    example: 'tenantry diff --base origin/main',
    formats: REPORTS,
    options: [
      ['--base <ref>', 'the commit before'],
      ['--head <ref>', 'the commit after (default HEAD)'],
      ['--all', 'every change, however long'],
      ['--exit-code', 'exit 2 when something differs'],
    ],
    run: async (...all) => (await import('../commands/diff.ts')).diffCommand(...all),
  },
];
