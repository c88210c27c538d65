import { type Finding, type Organization, type OrgSlug, ofKind, type RepoPath } from '../core/model/index.ts';
import { isOwnerFileOurs, type Ownership, ownerFile } from '../core/render/index.ts';
import { validateOwners } from '../core/validate/index.ts';
import { FILE_LIMIT_BYTES, type Frame, readManifests } from './frame.ts';
import type { LoadedOrg } from './org.ts';

/** Where a forge looks first; what lies elsewhere counts for nothing then. */
export const OWNER_FILE = '.github/CODEOWNERS';
/** The forge ignores a larger one; one byte more is read, so that the rule can say so. */
const OWNER_FILE_BYTES = 16 * FILE_LIMIT_BYTES;

/** Owners by org; null where org.yaml cannot be read. */
export type OwnersByOrg = ReadonlyMap<OrgSlug, readonly string[] | null>;

/** The owners that the org's org.yaml names; null when it does not stand. */
export function namedOwners({ input }: Pick<LoadedOrg, 'input'>): readonly string[] | null {
  return input === null ? null : (ofKind([input.organization], 'Organization')[0]?.document.spec.owners ?? null);
}

/** The owners that each org's org.yaml names, without rendering. */
export async function ownersOf(frame: Frame, orgs: readonly OrgSlug[]): Promise<OwnersByOrg> {
  const found = await specsOf(frame, orgs);
  return new Map([...found].map(([org, spec]) => [org, spec?.owners ?? null] as const));
}

/** What the org.yaml of each org says, without rendering; null where it cannot be read. */
export async function specsOf(
  frame: Frame,
  orgs: readonly OrgSlug[],
): Promise<ReadonlyMap<OrgSlug, Organization['spec'] | null>> {
  const paths = orgs.map((org) => `orgs/${org}/org.yaml` as RepoPath);
  const { entries } = paths.length === 0 ? { entries: [] } : await frame.reading.tree.list(paths);
  const { manifests } = await readManifests(frame.reading, entries);
  const found = new Map(ofKind(manifests, 'Organization').map(({ id, document }) => [id.name, document.spec] as const));
  return new Map(orgs.map((org) => [org, found.get(org) ?? null] as const));
}

interface OwnerText {
  readonly path: RepoPath;
  readonly text: string;
}

async function readOwnerText({ forge, reading }: Frame): Promise<OwnerText | null> {
  const entry = forge.find((item) => item.path === OWNER_FILE);
  if (entry === undefined) return null;
  const bytes = (await reading.tree.read([entry], OWNER_FILE_BYTES)).get(entry.path);
  reading.counters.blobsRead += 1;
  return {
    path: entry.path,
    text: bytes === null || bytes === undefined ? ' '.repeat(OWNER_FILE_BYTES) : decode(bytes),
  };
}

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);

/** Judges the owner file. What is made from the same owners need not be looked at path by path. */
export async function checkOwners(frame: Frame, owners: OwnersByOrg): Promise<readonly Finding[]> {
  if (frame.forge.length === 0 || frame.fleet === null) return [];
  const file = await readOwnerText(frame);
  const known = ownershipOf(frame, owners);
  if (file !== null && known.isWhole && file.text === ownerFile(file.text, known.ownership)) return [];
  const { entries } = file === null ? { entries: [] } : await frame.reading.tree.list(['orgs' as RepoPath]);
  return validateOwners({ file, ...known.ownership, paths: entries.map(({ path }) => path) });
}

/** True when the owner file is what the owners of `head` make of that of `base`: what people wrote in it is as it was. */
export async function isOwnerFileMade(base: Frame, head: Frame): Promise<boolean> {
  const [before, after] = await Promise.all([readOwnerText(base), readOwnerText(head)]);
  if (after === null || head.fleet === null) return false;
  const { isWhole, ownership } = ownershipOf(head, await ownersOf(head, [...head.orgTrees.keys()]));
  return isWhole && after.text === ownerFile(before?.text ?? '', ownership);
}

/** The owner file as it should be, when it is ours and is not so; null: leave it. */
export async function staleOwnerFile(frame: Frame, owners: OwnersByOrg): Promise<ReadonlyMap<RepoPath, string> | null> {
  const file = await readOwnerText(frame);
  const { isWhole, ownership } = ownershipOf(frame, owners);
  if (file === null || !isWhole || frame.fleet === null || !isOwnerFileOurs(file.text)) return null;
  const wanted = ownerFile(file.text, ownership);
  return wanted === file.text ? null : new Map([[file.path, wanted]]);
}

function ownershipOf(frame: Frame, owners: OwnersByOrg): { readonly isWhole: boolean; readonly ownership: Ownership } {
  const orgs = new Map([...owners].flatMap(([org, of]) => (of === null ? [] : [[org, of] as const])));
  const platform = frame.fleet?.document.spec.owners.platform ?? [];
  return { isWhole: orgs.size === owners.size, ownership: { platform, orgs } };
}
