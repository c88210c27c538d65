import { readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isName, type OrgSlug, orgSlug, parseJson, type RepoPath } from '../../core/model/index.ts';
import { addOrg, newestTemplate, newFleet } from '../../flows/index.ts';
import { wireFramework, wireHost, wireNewRepository } from '../../wire.ts';
import { answerWith } from '../fleet.ts';
import { makeFolder } from '../make-folder.ts';
import type { CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

const EXAMPLE = orgSlug('orchid') as OrgSlug;
const TEMPLATE = 'msp-standard';
/** Until there is a package to install, step 2 needs one that somebody built. */
const UNPUBLISHED =
  '     No registry has it yet: build one with `npm pack` in a checkout of the framework, and begin again with --framework <file>';
const PACKAGE = 'package.json' as RepoPath;

/** `tenantry init [dir]`: a new fleet repository, with one example org, that passes `check`. */
export const initCommand: CommandSpec['run'] = async (context, [given = '.'], flags) => {
  const dir = resolve(context.folder, given);
  const platform = typeof flags['platform'] === 'string' ? flags['platform'] : '@your-org/platform';
  const owners = typeof flags['customers'] === 'string' ? flags['customers'] : '@your-org/customers';
  const clear = requireEmpty(dir);
  const framework = await wireFramework();
  const template = newestTemplate(framework, TEMPLATE);
  if (template === undefined) throw new Error(`the framework has no template ${TEMPLATE}`);
  const install = typeof flags['framework'] === 'string' ? flags['framework'] : versionOf(framework.get(PACKAGE));
  const files = newFleet({ framework, name: nameOf(dir), platform, install });
  const added = await begin(dir, files, { template, owners }).catch((cause: unknown) => {
    clear();
    throw cause;
  });
  const all = [...new Set([...files.keys(), ...added])].sort();
  answerWith(context, { schema: 'tenantry/init/v1', dir, files: all, template }, () =>
    [
      `${dir} is a fleet: ${all.length} files, one example org from ${template}.`,
      'Next:',
      `  1. put your teams into fleet.yaml and orgs/${EXAMPLE}/org.yaml (now ${platform}, ${owners}), then tenantry render --write`,
      `  2. npm install --package-lock-only --ignore-scripts   # the lockfile that the workflows install from (tenantry: ${install})`,
      ...(flags['framework'] === undefined ? [UNPUBLISHED] : []),
      '  3. git add -A && git commit -m "Begin the fleet"; protect main as docs/github.md of the framework says',
      '  4. tenantry keys init, then tenantry apply; docs/first-fleet.md of the framework goes on to a first request',
    ].join('\n'),
  );
  return EXIT.ok;
};

/** The repository with its files and the example org; the paths of that org. */
async function begin(
  dir: string,
  files: ReadonlyMap<RepoPath, string>,
  { template, owners }: { readonly template: string; readonly owners: string },
): Promise<readonly RepoPath[]> {
  const { repository, write } = await wireNewRepository(dir);
  await write.write(files);
  const roots = { uids: async () => [] };
  const parts = { tree: repository.workTree(), write, roots, ...(await wireHost()) };
  const sets = ['displayName=Orchid Trading', `owners=${JSON.stringify([owners])}`];
  const added = await addOrg(parts, { org: EXAMPLE, template, sets });
  if (!added.ok) throw new CommandError(EXIT.refused, added.code, added.message);
  return added.value.files;
}

/**
 * Makes the folder where it is not there; answers how to leave nothing of what comes into it. A repository that was made or
 * cloned empty is an empty folder.
 */
function requireEmpty(dir: string): () => void {
  const made = makeFolder(dir);
  const before = new Set(readdirSync(dir));
  const found = [...before].filter((name) => name !== '.git');
  if (found.length === 0)
    return () => {
      for (const name of readdirSync(dir)) if (!before.has(name)) rmSync(join(dir, name), { recursive: true });
      if (made !== undefined) rmSync(made, { recursive: true });
    };
  throw new CommandError(
    EXIT.refused,
    'DIRECTORY_NOT_EMPTY',
    `expected an empty folder, found ${found.slice(0, 3).join(', ')}${found.length > 3 ? ` and ${found.length - 3} more` : ''} in ${dir}; name a new one`,
  );
}

function nameOf(dir: string): string {
  const name = basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return isName(name) ? name : 'fleet';
}

function versionOf(text: string | undefined): string {
  return (parseJson(text ?? '{}') as { readonly version?: string }).version ?? '*';
}
