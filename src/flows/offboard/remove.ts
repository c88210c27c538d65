import { type Fleet, type JsonObject, type Manifest, ofKind, type RepoPath } from '../../core/model/index.ts';
import { parseManifest } from '../../core/parse/index.ts';
import { sameJson } from '../../core/plan/index.ts';
import { edited, editYaml, type YamlEdit } from '../../core/render/index.ts';
import { ownersOf, staleOwnerFile } from '../owners.ts';
import type { Outcome } from '../tokens.ts';
import { refusedBy, type Standing, type StepFiles } from './parts.ts';
import { textOf, uneditable } from './texts.ts';

const FLEET_FILE = 'fleet.yaml' as RepoPath;

/**
 * The second step: the directory goes, and what all orgs share names the org no more but in `retiredOrgs`, which keeps its
 * name and uid from coming back.
 */
export async function remove(standing: Standing, retired: string): Promise<Outcome<StepFiles>> {
  const { org, frame, loaded } = standing;
  const shared = frame.shared.find(({ id }) => id.kind === 'Fleet');
  if (shared === undefined) return refusedBy(frame.findings, org);
  const settings = settingsWithout(standing, { shared, retired, text: await textOf(frame, FLEET_FILE) });
  if (!settings.ok) return settings;
  const others = [...frame.orgTrees.keys()].filter((name) => name !== org);
  const ownerFile = await staleOwnerFile(frame, await ownersOf(frame, others));
  const files = new Map<RepoPath, string | null>([
    ...loaded.entries.map(({ path }): [RepoPath, null] => [path, null]),
    [FLEET_FILE, settings.value],
    ...(ownerFile ?? []),
  ]);
  return { ok: true, value: files };
}

/** fleet.yaml with the org among those that are gone, and in no ring. */
function settingsWithout(
  { org, uid }: Standing,
  { shared, retired, text }: { readonly shared: Manifest; readonly retired: string; readonly text: string },
): Outcome<string> {
  const { rings, retiredOrgs = [] } = shared.spec as unknown as Fleet['spec'];
  const edits = [...ringEdits(rings, org), ...goneEdits(retiredOrgs, { uid, org, retired })];
  const next = editYaml(text, edits);
  const parsed = next === undefined ? undefined : parseManifest(next, FLEET_FILE, { mode: 'strict' });
  const wanted = edits.reduce(edited, shared.document);
  return next !== undefined && parsed?.ok === true && sameJson(parsed.value.document, wanted)
    ? { ok: true, value: next }
    : uneditable(FLEET_FILE);
}

function ringEdits(rings: Fleet['spec']['rings'], org: string): readonly YamlEdit[] {
  return rings.flatMap(({ orgs = [] }, ring): readonly YamlEdit[] => {
    const at = orgs.indexOf(org);
    if (at < 0) return [];
    return [{ op: 'remove', path: `/spec/rings/${ring}/orgs${orgs.length === 1 ? '' : `/${at}`}` }];
  });
}

function goneEdits(
  gone: NonNullable<Fleet['spec']['retiredOrgs']>,
  entry: { readonly uid: string; readonly org: string; readonly retired: string } & JsonObject,
): readonly YamlEdit[] {
  if (gone.some(({ uid }) => uid === entry['uid'])) return [];
  if (gone.length === 0) return [{ op: 'set', path: '/spec/retiredOrgs', value: [entry] }];
  return [{ op: 'set', path: `/spec/retiredOrgs/${gone.length}`, value: entry }];
}

/** When fleet.yaml says that an org of this name was retired; undefined: it names none. */
export function goneSince({ shared }: Pick<Standing['frame'], 'shared'>, org: string): string | undefined {
  const listed = ofKind(shared, 'Fleet').flatMap(({ document }) => document.spec.retiredOrgs ?? []);
  return listed.find((item) => item.org === org)?.retired;
}
