import { type CommitId, FLEET_ORG, type Fleet, type OrgSlug } from '../core/model/index.ts';
import { type ApplyParts, openLanes, readSettings } from '../flows/index.ts';
import { type State, type StoreAlone, wireState, wireStateElsewhere, wireStore } from '../wire.ts';
import { type OpenedFleet, openFleet, orgsOf } from './fleet.ts';
import type { CommandContext, Flags } from './spec.ts';
import { CommandError, EXIT } from './terminal.ts';

/** fleet.yaml at a commit (or of the work tree), or a refusal that says what is wrong with it. */
export async function settingsOf(fleet: OpenedFleet, commit: CommitId | null): Promise<Fleet> {
  const tree = commit === null ? fleet.repository.workTree() : fleet.repository.treeAt(commit);
  const { fleet: settings, findings } = await readSettings(tree);
  if (settings !== null) return settings;
  const [first] = findings;
  if (first === undefined) throw new CommandError(EXIT.refused, 'FLEET_MISSING', 'expected fleet.yaml, found none');
  const { place, message, expected, found, fix } = first;
  const words = `${place.file}:${place.line}:${place.column}: ${message}: expected ${expected}, found ${found}. ${fix}`;
  throw new CommandError(EXIT.refused, first.code, words);
}

export type OpenedState = OpenedFleet & { readonly settings: Fleet; readonly state: State };
export type OpenedStore = OpenedFleet & { readonly settings: Fleet; readonly state: StoreAlone };

/**
 * The applied orgs that `--org` names, all of them without it. Refuses ORG_UNKNOWN for one that was never applied: nothing to
 * show is an answer, a typing error is not.
 */
export async function appliedOrgs({ state }: OpenedStore, flags: Flags): Promise<readonly OrgSlug[]> {
  const applied = (await state.store.heads()).map(({ org }) => org).filter((org) => org !== FLEET_ORG);
  const only = orgsOf(flags);
  const unknown = only?.find((org) => !applied.includes(org));
  if (unknown !== undefined) throw unknownOrg(unknown);
  return only === null ? applied : applied.filter((org) => only.includes(org));
}

export function unknownOrg(org: string): CommandError {
  const message = `expected an applied org, found ${org}; see \`tenantry status\``;
  return new CommandError(EXIT.refused, 'ORG_UNKNOWN', message);
}

/** The fleet with its store and nothing else, for what neither reads nor writes published files. Close the state when done. */
export async function openStore(context: CommandContext, commit: CommitId | null = null): Promise<OpenedStore> {
  const fleet = await openFleet(context);
  const settings = await settingsOf(fleet, commit);
  warnOfElsewhere(context, settings.spec.store.path);
  return { ...fleet, settings, state: await wireStore(fleet.dir, settings.spec, fleet.hash) };
}

/** The fleet with its store, publisher and signer; root seeds are looked for in `rootDirs` too. Close the state when done. */
export async function openState(
  context: CommandContext,
  commit: CommitId | null = null,
  rootDirs: readonly string[] = [],
): Promise<OpenedState> {
  const fleet = await openFleet(context);
  const settings = await settingsOf(fleet, commit);
  warnOfElsewhere(context, settings.spec.store.path);
  const state = await wireState(fleet.dir, { ...settings.spec, rootDirs }, fleet.hash);
  return { ...fleet, settings, state };
}

/** Of two work trees of one clone each has a state of its own, and `git worktree` links them for another reason. */
export function warnOfElsewhere({ dir, terminal }: CommandContext, path: string): void {
  const main = wireStateElsewhere(dir, path);
  if (main === undefined) return;
  terminal.log.warn(
    `this is a linked work tree, whose ${path} is not that of ${main}: nothing of that one is seen or changed here; pass -C ${main} for it`,
  );
}

/** What flows that write need; without a fence they only look. */
export function applyParts(
  context: CommandContext,
  opened: OpenedState,
  writing: Partial<Pick<ApplyParts, 'fence' | 'wake' | 'lanes'>> = {},
): ApplyParts {
  const { store, runtime, publisher, signer, firstRoots } = opened.state;
  return {
    fleet: opened.settings.metadata.name,
    repository: opened.repository,
    store,
    runtime,
    publisher,
    signer,
    firstRoots,
    hash: opened.hash,
    clock: opened.clock,
    zoneOffset: opened.zoneOffset,
    log: context.terminal.log,
    wake: () => undefined,
    lanes: openLanes(),
    fence: undefined,
    ...writing,
  };
}
