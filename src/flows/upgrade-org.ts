import {
  type Finding,
  finding,
  type Hash,
  type Manifest,
  type OrgSlug,
  ofKind,
  type RenderedOrg,
  type RepoPath,
  type Result,
  startOf,
} from '../core/model/index.ts';
import type { ConflictItem } from '../core/plan/index.ts';
import type { Migrations, RenderInput } from '../core/render/index.ts';
import type { Frame, LoadedTemplate } from './frame.ts';
import { type LoadedOrg, staleness } from './org.ts';
import { ringOfGateways } from './publish/index.ts';
import { conflictPath, conflictText, type Decisions, decisionsOf } from './upgrade-conflicts.ts';
import { upgradeInputs } from './upgrade-inputs.ts';
import {
  conflictItem,
  decideFloors,
  editOverlays,
  FLOOR_WORDS,
  generatedOf,
  type JudgedPatch,
  judgeOverlays,
} from './upgrade-overlays.ts';

/** One patch of one overlay in a report; no values, which may be sensitive. */
export interface OverlayLine {
  readonly file: RepoPath;
  readonly object: string;
  readonly path: string;
  readonly verdict: 'unchanged' | 'refreshed' | 'unnecessary' | 'conflict';
  /** The new template changed something there that the org does not get, because its overlay stays. */
  readonly hides: boolean;
}

/** What an upgrade means for one org, and every file that it would write; null: the file goes. */
export interface OrgUpgrade {
  readonly org: OrgSlug;
  /** The ring of its last gateway to be rolled out; null for an org without gateways. */
  readonly ring: string | null;
  readonly from: string;
  readonly result: 'clean' | 'overlays kept' | 'conflict' | 'refused';
  readonly overlays: readonly OverlayLine[];
  readonly conflicts: readonly Pick<ConflictItem, 'file' | 'path' | 'cause' | 'words'>[];
  readonly findings: readonly Finding[];
  readonly files: ReadonlyMap<RepoPath, string | null>;
}

export interface OrgWork {
  readonly loaded: LoadedOrg;
  readonly ring: string | null;
  /** The texts of org.yaml and the overlays. */
  readonly texts: ReadonlyMap<RepoPath, string>;
  /** The conflict file of a former run. */
  readonly conflict: Manifest | undefined;
  /** The versions between, oldest first; null where none lead to the new one. */
  readonly steps: readonly Migrations[] | null;
  readonly to: { readonly pin: string; readonly template: LoadedTemplate };
}

/** Upgrades one org in memory: a pure function of its files and the templates. */
export function upgradeOrg(frame: Frame, hash: Hash, work: OrgWork): OrgUpgrade {
  const { loaded, to, steps, ring } = work;
  const { org } = loaded;
  const outcome = { org, ring, from: loaded.template, overlays: [], conflicts: [], findings: [], files: new Map() };
  const refuse = (findings: readonly Finding[]): OrgUpgrade => ({ ...outcome, result: 'refused', findings });
  if (loaded.desired === null || loaded.input === null)
    return refuse(loaded.findings.filter(({ code }) => code !== 'UPGRADE_CONFLICT'));
  if (steps === null) return refuse([noPath(loaded.input.organization, to.pin)]);
  const edited = editedByHand(loaded, hash);
  if (edited.length > 0) return refuse(edited);
  const decided = decisionsOf(work.conflict, to.pin);
  const merged = mergeOrg({ frame, input: loaded.input, work: { ...work, steps }, decided: decided.ask });
  if (!merged.ok) return refuse(merged.findings);
  const { items, patches, desired } = merged.value;
  const overlays = patches.map(lineOf);
  const place = conflictPath(org, to.pin.split('@')[0] ?? '');
  if (items.length > 0 || desired === null) {
    const files = new Map([[place, conflictText(loaded, to.pin, { open: items, answered: decided.answered() })]]);
    // Values stay in the conflict file: a report goes to logs and terminals, and they may be sensitive.
    const conflicts = items.map(({ file, path, cause, words }) => ({ file, path, cause, words }));
    return { ...outcome, result: 'conflict', overlays, conflicts, files };
  }
  const files = new Map(merged.value.files);
  for (const [path, text] of generatedFiles({ ...loaded, desired }, hash)) files.set(path, text);
  if (work.conflict !== undefined) files.set(work.conflict.file, null);
  // The pin last: while it is the old one, a run that was cut short is taken up again.
  files.set(merged.value.organization.file, merged.value.text);
  return { ...outcome, result: overlays.length === 0 ? 'clean' : 'overlays kept', overlays, files };
}

interface Merging {
  readonly frame: Frame;
  readonly input: RenderInput;
  readonly work: OrgWork & { readonly steps: readonly Migrations[] };
  readonly decided: Decisions;
}

interface MergedOrg {
  readonly organization: Manifest;
  readonly text: string;
  readonly patches: readonly JudgedPatch[];
  readonly items: readonly ConflictItem[];
  readonly files: ReadonlyMap<RepoPath, string | null>;
  /** null while something is to be decided. */
  readonly desired: RenderedOrg | null;
}

/** Inputs, then overlays against what old and new template generate, then the whole rendered. */
function mergeOrg({ frame, input, work, decided }: Merging): Result<MergedOrg> {
  const { texts, steps, to } = work;
  const text = texts.get(input.organization.file) ?? '';
  const inputs = upgradeInputs({ organization: input.organization, text, steps, to, decided });
  if (!inputs.ok) return inputs;
  const { organization, items } = inputs.value;
  const nothing = { patches: [], files: new Map<RepoPath, string | null>(), desired: null };
  const begun = { organization, text: inputs.value.text, items };
  const template = to.template.compiled;
  if (items.length > 0 || template === null) return { ok: true, value: { ...begun, ...nothing }, findings: [] };
  const bare = { overlays: [], custom: [], credentials: null, waivers: [], pins: [] };
  const render = (from: RenderInput): Result<RenderedOrg> =>
    frame.renderer?.renderOrg(from) ?? { ok: false, findings: frame.findings };
  const base = render({ ...input, ...bare });
  const theirs = render({ ...bare, organization, template });
  if (!base.ok || !theirs.ok) return { ok: false, findings: [...base.findings, ...theirs.findings] };
  const sides = { base: generatedOf(base.value.objects), theirs: generatedOf(theirs.value.objects) };
  const judge = (ask: Decisions) => decideFloors(judgeOverlays(input.overlays, sides, ask), decided);
  const rendered = (overlays: readonly Manifest[]) => render({ ...input, organization, template, overlays });
  const patches = judge(decided);
  const open = patches.filter(({ verdict }) => verdict.type === 'conflict').map(conflictItem);
  if (open.length > 0) {
    const items = withinFloors(open, { input, texts, decided, judge, rendered });
    return { ok: true, value: { ...begun, ...nothing, patches, items }, findings: [] };
  }
  const overlays = editOverlays(input.overlays, patches, texts);
  if (!overlays.ok) return overlays;
  const whole = rendered(overlays.value.overlays);
  const done = { ...begun, patches, files: overlays.value.files };
  if (whole.ok) return { ok: true, value: { ...done, desired: whole.value }, findings: [] };
  const refused = refusedByFloor(whole.findings, patches, overlays.value.overlays);
  if (refused.length === 0) return { ok: false, findings: whole.findings };
  return { ok: true, value: { ...done, items: refused.map(conflictItem), desired: null }, findings: [] };
}

interface Proposing extends Pick<OrgWork, 'texts'> {
  readonly input: RenderInput;
  readonly decided: Decisions;
  readonly judge: (ask: Decisions) => readonly JudgedPatch[];
  readonly rendered: (overlays: readonly Manifest[]) => Result<RenderedOrg>;
}

/** The questions with no suggestion that a floor of the new template refuses, as far as that shows: it is tried. */
function withinFloors(open: readonly ConflictItem[], how: Proposing): readonly ConflictItem[] {
  const { input, texts, decided, judge, rendered } = how;
  const proposed = judge((item) => decided(item) ?? item.suggestion);
  const overlays = editOverlays(input.overlays, proposed, texts);
  const whole = overlays.ok ? rendered(overlays.value.overlays) : null;
  if (whole === null || whole.ok || !overlays.ok) return open;
  const floors = whole.findings.filter(({ code }) => FLOORS.has(code));
  const refused = refusedByFloor(floors, proposed, overlays.value.overlays).map(conflictItem);
  return open.map((item) => {
    if (item.suggestion.take !== 'ours' || !refused.some(({ file, path }) => file === item.file && path === item.path))
      return item;
    return { ...item, words: `${item.words}; ${FLOOR_WORDS}`, suggestion: { take: 'theirs' } };
  });
}

const FLOORS: ReadonlySet<string> = new Set(['FLOOR_LOOSENED', 'OVERLAY_FLOOR']);

/** The patches that floors of the new template do not let through; empty when something else is wrong too. */
function refusedByFloor(
  findings: readonly Finding[],
  patches: readonly JudgedPatch[],
  overlays: readonly Manifest[],
): readonly JudgedPatch[] {
  const found = findings.map(({ code, place }) => {
    if (!FLOORS.has(code)) return undefined;
    const overlay = overlays.find(({ file }) => file === place.file);
    const own = patches.filter((item) => item.overlay.file === place.file && item.verdict.type !== 'unnecessary');
    // Patches that went are no longer in the text: the places are those of the ones that are left.
    return own.findLast((_, index) => (overlay?.placeOf(`/spec/patches/${index}`).line ?? 0) <= place.line);
  });
  const known = found.filter((item) => item !== undefined);
  return known.length === findings.length ? [...new Set(known)] : [];
}

function generatedFiles(loaded: LoadedOrg & { readonly desired: RenderedOrg }, hash: Hash) {
  const { missing, differing, extra } = staleness(loaded, hash);
  const wanted = new Set([...missing, ...differing]);
  const written = loaded.desired.objects.filter(({ path }) => wanted.has(path));
  return new Map<RepoPath, string | null>([
    ...written.map(({ path, text }) => [path, text] as const),
    ...extra.map((path) => [path, null] as const),
  ]);
}

function lineOf({ overlay, object, patch, verdict }: JudgedPatch): OverlayLine {
  const hides = verdict.type === 'refreshed' && verdict.hides;
  return { file: overlay.file, object, path: patch.path, verdict: verdict.type, hides };
}

/** Generated files that are not what org.yaml renders to: an upgrade would take what somebody wrote there away unseen. */
function editedByHand(loaded: LoadedOrg, hash: Hash): readonly Finding[] {
  const { missing, extra, differing } = staleness(loaded, hash);
  return [...differing, ...missing, ...extra].map((path) =>
    finding('GENERATED_STALE', {
      org: loaded.org,
      place: startOf(path),
      message: `${path} is not what org.yaml renders to`,
      expected: `what ${loaded.template} generates, before another version does`,
      found: 'something else in the commit',
      fix: 'Write what is meant into org.yaml or an overlay, run `tenantry render --write`, commit, then upgrade.',
    }),
  );
}

function noPath(organization: Manifest, to: string): Finding {
  const from = String(organization.spec['template']);
  return finding('UPGRADE_PATH', {
    org: organization.org,
    place: organization.placeOf('/spec/template'),
    message: `no migrations lead from ${from} to ${to}`,
    expected: `versions whose migrations.from lead back from ${to} to ${from}`,
    found: 'a gap',
  });
}

/** The ring of an org: of its gateways, the one that the fleet rolls out last. */
export function ringOf(frame: Frame, { desired }: LoadedOrg, hash: Hash): string | null {
  if (desired === null) return null;
  const fleet = frame.fleet?.document.spec ?? null;
  const order = (fleet?.rings ?? []).map(({ name }) => name);
  const ringOfGateway = ringOfGateways({ hash }, desired, { fleet });
  const own = ofKind(desired.objects, 'Gateway').map(({ id }) => ringOfGateway(id.name));
  return order.findLast((name) => own.includes(name)) ?? null;
}
