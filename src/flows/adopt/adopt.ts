import { idOfPath } from '../../core/kinds/index.ts';
import {
  type Finding,
  FLEET_ORG,
  fails,
  type Hash,
  instantText,
  type ObjectKey,
  type ObjectSide,
  type OrgSlug,
  objectKey,
  type RepoPath,
} from '../../core/model/index.ts';
import { parseManifest } from '../../core/parse/index.ts';
import type { OrgHead, TreeEntry, WriteTree } from '../../ports/index.ts';
import { appliedObjects } from '../applied.ts';
import type { Drift, DriftParts } from '../drift.ts';
import { FILE_LIMIT_BYTES, type Frame, openFrame, zeroCounters } from '../frame.ts';
import { checkOrg } from '../judge.ts';
import { isReadManifest, type LoadedOrg, loadOrgs, staleness } from '../org.ts';
import { isTampered, rehashed } from '../plan.ts';
import { type Draft, tried } from './draft.ts';
import { proposals } from './proposals.ts';
import {
  type Found,
  type NotAdopted,
  type Rendered,
  reconciled,
  type Wanted,
  wantedOfManifest,
  wantedOfRows,
} from './wanted.ts';

/** One value that a file says from now on. */
export interface Adopted {
  readonly org: OrgSlug;
  readonly object: ObjectKey;
  /** In keyed form; empty: the whole object. */
  readonly path: string;
  readonly file: RepoPath;
}

export interface AdoptReport {
  readonly adopted: readonly Adopted[];
  readonly notAdopted: readonly ({ readonly org: OrgSlug } & NotAdopted)[];
  readonly written: readonly RepoPath[];
  /** Of the drifts, those that files do not say. */
  readonly left: readonly Drift[];
}

export interface AdoptAsk {
  readonly drifts: readonly Drift[];
  /** Why, for new overlays; null: that it was found. */
  readonly reason: string | null;
  readonly write: WriteTree;
}

/**
 * Writes what was found in rows and in edited manifests to where the repository says it: into the input that a value is, the
 * overlay or manifest that says it, or a new overlay; then what is rendered from that. Nothing else of the org changes, and it
 * checks afterwards: else that stays as it was. The store is not touched.
 */
export async function adopt(parts: DriftParts, { drifts, reason, write }: AdoptAsk): Promise<AdoptReport> {
  const heads = new Map((await parts.store.heads()).map((head) => [head.org, head] as const));
  const orgs = [...new Set(drifts.filter(isAdoptable).map(({ org }) => org))].filter((org) => org !== FLEET_ORG);
  const frame = await openFrame({ tree: parts.repository.workTree(), isStrict: () => true, counters: zeroCounters() });
  const words = reason ?? `Found outside of Git on ${instantText(parts.clock.nowMs()).slice(0, 10)}, and adopted.`;
  const adopted: Adopted[] = [];
  const notAdopted: ({ readonly org: OrgSlug } & NotAdopted)[] = [];
  const written: RepoPath[] = [];
  const whole = new Set<OrgSlug>();
  for (const loaded of await loadOrgs(frame, orgs)) {
    const { org } = loaded;
    const done = await adoptOrg(parts, frame, { loaded, head: heads.get(org), reason: words });
    if (done === null) continue;
    await write.write(done.files);
    if (done.notAdopted.length === 0) whole.add(org);
    adopted.push(...done.adopted.map((item) => ({ org, ...item })));
    notAdopted.push(...done.notAdopted.map((item) => ({ org, ...item })));
    written.push(...done.files.keys());
  }
  return { adopted, notAdopted, written, left: drifts.filter((item) => !isAdoptable(item) || !whole.has(item.org)) };
}

const isAdoptable = ({ where }: Drift): boolean => where === 'store' || where === 'repository';

interface OrgAsk {
  readonly loaded: LoadedOrg;
  /** undefined: the org was never applied. */
  readonly head: OrgHead | undefined;
  readonly reason: string;
}

interface OrgDone extends Pick<Found, 'notAdopted'> {
  readonly adopted: readonly Omit<Adopted, 'org'>[];
  readonly files: ReadonlyMap<RepoPath, string | null>;
}

/** null: the org cannot be rendered, which its drift says. */
async function adoptOrg(parts: DriftParts, frame: Frame, ask: OrgAsk): Promise<OrgDone | null> {
  const { loaded, head, reason } = ask;
  const begun = await begin(frame, loaded);
  if (begun === null) return null;
  const found = await findAll(parts, frame, { loaded, head });
  let draft = begun;
  const adopted: Omit<Adopted, 'org'>[] = [];
  const notAdopted = [...found.notAdopted];
  for (const wanted of found.wanted) {
    const { key: object, pointer: path } = wanted;
    const said = say(frame, draft, { wanted, reason });
    if ('draft' in said) {
      draft = said.draft;
      adopted.push({ object, path, file: said.file });
    } else notAdopted.push({ object, path, words: said.refused });
  }
  if (adopted.length === 0) return { adopted: [], notAdopted, files: new Map() };
  const left = new Set(notAdopted.map(({ object }) => object));
  const files = filesOf(loaded, { draft, left, hash: parts.hash });
  const fault = faultOf(parts, frame, { loaded, draft, files, applied: found.applied });
  if (fault === undefined) return { adopted, notAdopted, files };
  const words = `the org would not check: ${fault.code}: ${fault.message}`;
  return {
    adopted: [],
    notAdopted: [...notAdopted, ...adopted.map(({ object, path }) => ({ object, path, words }))],
    files: new Map(),
  };
}

type Said = { readonly draft: Draft; readonly file: RepoPath } | { readonly refused: string };

/** The draft with what is wanted in the first file that can say it; else why the first one cannot that would say it alone. */
function say(
  frame: Frame,
  draft: Draft,
  { wanted, reason }: { readonly wanted: Wanted; readonly reason: string },
): Said {
  const reasons: { readonly refused: string; readonly elsewhere: boolean }[] = [];
  for (const proposal of proposals(draft, wanted, reason)) {
    const next = tried(frame, draft, { proposal, wanted });
    if ('draft' in next) return { draft: next.draft, file: proposal.file };
    reasons.push(next);
  }
  const why = reasons.find(({ elsewhere }) => !elsewhere) ?? reasons[0];
  return { refused: why?.refused ?? 'only what templates generate, and org.yaml, is adopted' };
}

/** The org as it stands. */
async function begin(frame: Frame, loaded: LoadedOrg): Promise<Draft | null> {
  const { org, input, desired, entries } = loaded;
  if (input === null || desired === null) return null;
  const texts = await textsOf(
    frame,
    entries.filter(({ path }) => isReadManifest(org, path)),
  );
  return { input, desired, texts, files: new Map() };
}

async function textsOf(frame: Frame, entries: readonly TreeEntry[]): Promise<ReadonlyMap<RepoPath, string>> {
  const bodies = await frame.reading.tree.read(entries, FILE_LIMIT_BYTES);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return new Map(
    [...bodies].flatMap(([path, bytes]) => (bytes === null ? [] : [[path, decoder.decode(bytes)] as const])),
  );
}

interface AllFound extends Found {
  /** What was applied last; null before the first apply. */
  readonly applied: readonly ObjectSide[] | null;
}

async function findAll(
  parts: DriftParts,
  frame: Frame,
  { loaded, head }: Pick<OrgAsk, 'loaded' | 'head'>,
): Promise<AllFound> {
  const rendered: Rendered = new Map(loaded.desired?.objects.map((object) => [objectKey(object.id), object]));
  const stored = head === undefined ? undefined : await parts.store.observe(head.org);
  const applied = head === undefined ? null : await appliedObjects(parts, head);
  const isEdited = stored !== undefined && isTampered(stored, parts.hash);
  const rows = isEdited
    ? [wantedOfRows(rehashed(stored, parts.hash).objects, { applied: applied ?? [], rendered })]
    : [];
  const manifests = await findInManifests(parts, frame, { loaded, rendered, applied: applied ?? [] });
  return { ...reconciled([...rows, ...manifests]), applied };
}

/** What generated manifests say that were edited, came or went by hand; one that is only not rendered anew is none of them. */
async function findInManifests(
  parts: DriftParts,
  frame: Frame,
  {
    loaded,
    rendered,
    applied,
  }: Pick<OrgAsk, 'loaded'> & { readonly rendered: Rendered; readonly applied: readonly ObjectSide[] },
): Promise<readonly Found[]> {
  const { missing, extra, differing } = staleness(loaded, parts.hash);
  if (missing.length + extra.length + differing.length === 0) return [];
  const commit = await parts.repository.head();
  const committed = commit === undefined ? [] : await appliedObjects(parts, { org: loaded.org, commit });
  const made = new Set([...committed, ...applied].map(({ path, digest }) => `${path} ${digest}`));
  const texts = await textsOf(
    frame,
    loaded.entries.filter(({ path }) => differing.includes(path) || extra.includes(path)),
  );
  const gone = missing.map((path): Found => {
    const object = loaded.desired?.objects.find((item) => item.path === path);
    const words = 'its manifest is gone, and no input or overlay removes an object that a template generates';
    const isNew = object === undefined || !applied.some((side) => objectKey(side.id) === objectKey(object.id));
    return { wanted: [], notAdopted: isNew ? [] : [{ object: objectKey(object.id), path: '', words }] };
  });
  const edited = [...texts].map(([path, text]): Found => {
    const object = keyOf(path);
    const refuse = (words: string): Found => ({ wanted: [], notAdopted: [{ object, path: '', words }] });
    if (made.has(`${path} ${parts.hash.sha256(text)}`))
      return refuse('its manifest is what the inputs rendered to before; run `tenantry render --write`');
    const manifest = parseManifest(text, path, { mode: 'strict' });
    if (manifest.ok) return wantedOfManifest(manifest.value, rendered);
    const [first] = manifest.findings;
    return refuse(first === undefined ? 'its manifest cannot be read' : `${first.code}: ${first.message}`);
  });
  return [...gone, ...edited];
}

function keyOf(path: RepoPath): ObjectKey {
  const meaning = idOfPath(path);
  return meaning?.type === 'manifest' ? objectKey(meaning.id) : (path as string as ObjectKey);
}

interface Outcome {
  readonly draft: Draft;
  /** Objects of which a difference stays: their manifests are left as they are. */
  readonly left: ReadonlySet<ObjectKey>;
  readonly hash: Hash;
}

/** What people and commands write, then what is rendered from it. */
function filesOf(loaded: LoadedOrg, { draft, left, hash }: Outcome): ReadonlyMap<RepoPath, string | null> {
  const { missing, extra, differing } = staleness({ ...loaded, desired: draft.desired }, hash);
  const due = new Set([...missing, ...differing]);
  const rendered = draft.desired.objects.filter(({ path, id }) => due.has(path) && !left.has(objectKey(id)));
  const gone = extra.filter((path) => !left.has(keyOf(path)));
  return new Map<RepoPath, string | null>([
    ...draft.files,
    ...rendered.map(({ path, text }) => [path, text] as const),
    ...gone.map((path) => [path, null] as const),
  ]);
}

interface Judged {
  readonly loaded: LoadedOrg;
  readonly draft: Draft;
  readonly files: ReadonlyMap<RepoPath, string | null>;
  readonly applied: readonly ObjectSide[] | null;
}

/** The first thing that `check` would find of the org, other than that a manifest that stays is not what is rendered. */
function faultOf(parts: DriftParts, frame: Frame, { loaded, draft, files, applied }: Judged): Finding | undefined {
  const kept = loaded.entries.filter(({ path }) => !files.has(path));
  const made = [...files].flatMap(([path, text]): readonly TreeEntry[] =>
    text === null ? [] : [{ path, mode: '100644', id: parts.hash.gitBlobId(text) }],
  );
  const item: LoadedOrg = { ...loaded, input: draft.input, desired: draft.desired, entries: [...kept, ...made] };
  const { missing, extra, differing } = staleness(item, parts.hash);
  const stays = new Set([...missing, ...extra, ...differing]);
  return checkOrg(parts, frame, { item, applied }).find((found) => fails(found) && !stays.has(found.place.file));
}
