import { instantText, type OrgSlug, type Override, type RepoPath } from '../../core/model/index.ts';
import { overrideMarkdown, overrideTitle } from '../../core/report/index.ts';
import type { WriteTree } from '../../ports/index.ts';
import { lookThrough, type PullDone, type PullParts, standBranch, tellPull } from '../pulls/index.ts';
import type { Outcome } from '../tokens.ts';
import { type WriteBackParts, type WrittenBack, writeBack } from './write-back.ts';

export type OpenOverrideParts = PullParts & Omit<WriteBackParts, 'tree' | 'write'>;

export interface OpenOverrideAsk {
  readonly org: OrgSlug;
  readonly override: Override;
  /** The branch that the pull request goes to. */
  readonly base: string;
  /** Open another one where a person closed the last. */
  readonly reopen: boolean;
}

/** What was written, the branch, and what became of its pull request. */
export type OpenedOverride = WrittenBack & PullDone & { readonly branch: string };

/**
 * Opens the pull request that brings an override into Git, or brings the open one up to date. null where the remote has no
 * such base; refuses what `writeBack` refuses of the tree there. The work tree is never touched.
 */
export async function openOverride(
  parts: OpenOverrideParts,
  ask: OpenOverrideAsk,
): Promise<Outcome<OpenedOverride> | null> {
  const { org, override } = ask;
  const base = (await parts.branches.fetch([ask.base])).get(ask.base);
  if (base === undefined) return null;
  const files = new Map<RepoPath, string | null>();
  const write: WriteTree = {
    write: async (texts) => {
      for (const [path, text] of texts) files.set(path, text);
    },
  };
  const written = await writeBack({ ...parts, tree: parts.repository.treeAt(base), write }, org, override);
  if (!written.ok) return written;
  const branch = `tenantry/override/${org}/${override.id}`;
  const at = (done: PullDone): Outcome<OpenedOverride> => ({ ok: true, value: { ...written.value, branch, ...done } });
  if (files.size === 0) return at({ did: 'held', why: written.value.words, pull: null });
  const message = overrideTitle({ org, id: override.id });
  const whole = await parts.branches.commitOn({ parent: base, files, message });
  if ((await parts.repository.changed(base, whole, null)).length === 0)
    return at({ did: 'done', why: null, pull: null });
  const isOurs = ({ author }: { readonly author: string }): boolean => author === parts.self;
  const looked = lookThrough(await parts.forge.pullsFrom(branch, 'all'), isOurs);
  const { newest, current, foreign, closed } = looked;
  if (foreign !== null)
    return at(held(`#${foreign.number} of ${foreign.author} is open from ${branch}: close it`, foreign));
  if (newest !== null && current === null && !ask.reopen) {
    const why = newest.isMerged ? `was merged, but ${ask.base} does not say it` : 'was closed without being merged';
    return at(held(`#${newest.number} ${why}: --reopen opens another`, newest));
  }
  const stood = await standBranch(parts, { base, branch, files, message });
  if (stood.commit === null) return at({ did: stood.did, why: stood.why, pull: current?.number ?? null });
  const { id, actor, reason, expiresAt } = override;
  const { words } = written.value;
  const body = overrideMarkdown({ org, id, words, actor, reason, expires: instantText(expiresAt), closed });
  const told = { branch, base: ask.base, title: message, body };
  return at(await tellPull(parts, { current, told, isPushed: stood.isPushed, isOurs }));
}

function held(why: string, { number }: { readonly number: number }): PullDone {
  return { did: 'held', why, pull: number };
}
