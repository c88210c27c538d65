import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clone that a local run works on: the user's tree and history are never touched. */
export interface LocalFleet {
  readonly dir: string;
  /** True when a former run made it. */
  readonly continued: boolean;
}

export function git(dir: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const IDENTITY: readonly (readonly [string, string])[] = [
  ['user.name', 'Tenantry local run'],
  ['user.email', 'local-run@tenantry.example'],
  ['commit.gpgsign', 'false'],
];

/** Clones the checkout's HEAD into .tenantry/fleet, or brings an older clone up to it. */
export function prepareFleet(root: string): LocalFleet {
  const dir = join(root, '.tenantry/fleet');
  const continued = existsSync(join(dir, '.git'));
  if (!continued) {
    mkdirSync(join(root, '.tenantry'), { recursive: true, mode: 0o700 });
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, dir], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (const [name, value] of IDENTITY) git(dir, 'config', name, value);
    withoutSoak(root, dir);
    return { dir, continued };
  }
  git(dir, 'fetch', '--quiet', root, 'HEAD');
  try {
    git(dir, 'merge', '--quiet', '--no-edit', 'FETCH_HEAD');
  } catch {
    git(dir, 'merge', '--abort');
    process.stderr.write(
      'The local fleet has changes of its own that conflict with HEAD; it goes on as it is. Remove .tenantry to start anew.\n',
    );
  }
  withoutSoak(root, dir);
  return { dir, continued };
}

/**
 * Nobody wants to look at a local run for an hour: in the clone, rings neither soak nor judge. Committed there, as whatever
 * the controller applies is.
 */
function withoutSoak(root: string, dir: string): void {
  const committed = git(root, 'show', 'HEAD:fleet.yaml');
  writeFileSync(join(dir, 'fleet.yaml'), `${committed.replaceAll(/soakMinutes: \d+/g, 'soakMinutes: 0')}\n`);
  commitAll(dir, 'Let the rings of a local run not soak');
}

/** Commits everything that is uncommitted in the clone; nothing when there is nothing. */
export function commitAll(dir: string, message: string): void {
  git(dir, 'add', '-A');
  if (git(dir, 'status', '--porcelain') !== '') git(dir, 'commit', '--quiet', '--no-verify', '-m', message);
}

/** Secrets of the demo tokens by `<org>/<token>`, kept beside the clone with mode 0600 so that a second run has them. */
export type DemoTokens = Readonly<Record<string, string>>;

const tokensPath = (root: string): string => join(root, '.tenantry/demo-tokens.json');

export function readDemoTokens(root: string): DemoTokens {
  try {
    return JSON.parse(readFileSync(tokensPath(root), 'utf8')) as DemoTokens;
  } catch {
    return {};
  }
}

export function writeDemoTokens(root: string, tokens: DemoTokens): void {
  writeFileSync(tokensPath(root), `${JSON.stringify(tokens, null, 2)}\n`, { mode: 0o600 });
}
