import {
  byCodeUnit,
  type Clock,
  type Finding,
  fails,
  type Hash,
  type ObjectSide,
  type OrgSlug,
  type OrgUid,
  type RepoPath,
  type Sha256Hex,
} from '../core/model/index.ts';
import {
  applyWaivers,
  type FleetFact,
  fleetFactsOf,
  type OrgContext,
  validateFleet,
  validateGenerated,
  validateOrg,
  validateTree,
  waiverFacts,
} from '../core/validate/index.ts';
import type { ReadTree, Repository, TreeEntry } from '../ports/index.ts';
import { type Counters, type Frame, openFrame, unknownOrgs, zeroCounters } from './frame.ts';
import { inputDigest, type LoadedOrg, loadOrgs, staleness } from './org.ts';
import { checkOwners, ownersIn } from './owners.ts';
import { inputSource } from './source.ts';

/** What `check` found, and the exact work it took. */
export interface CheckReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly counters: Counters & { readonly orgsFromCache: number };
  /** Until when the same tree gives the same answer. */
  readonly untilMs: number;
}

/** What a check of one org gave and until when that stands; kept per org so that an unchanged one costs a look-up. */
export interface CheckedOrg {
  readonly template: string;
  readonly uid: OrgUid | null;
  /** Of org.yaml; null where it cannot be read. */
  readonly owners: readonly string[] | null;
  readonly findings: readonly Finding[];
  readonly facts: readonly FleetFact[];
  /** Rules look at dates, so an answer is only good for a while. */
  readonly untilMs: number;
}

/** Answers of former checks by input digest. A local convenience: CI never reads one (rulings 24). */
export interface CheckCache {
  get(key: Sha256Hex): CheckedOrg | undefined;
  put(key: Sha256Hex, checked: CheckedOrg): void;
}

export interface CheckParts {
  readonly repository: Repository;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly cache: CheckCache | null;
}

export interface CheckAsk {
  readonly tree: ReadTree;
  /** Files that the change touches: both YAML readers must agree on them. null: on every file. */
  readonly touched: ReadonlySet<string> | null;
  /** null: every org, and the rules over the whole fleet. */
  readonly orgs: readonly OrgSlug[] | null;
}

const CACHED_FOR_MS = 60 * 60_000;

/** Shape, meaning, walls between orgs, and stale generated files of a tree. */
export async function check(parts: CheckParts, ask: CheckAsk): Promise<CheckReport> {
  const counters = zeroCounters();
  const isStrict = (entry: TreeEntry): boolean => ask.touched === null || ask.touched.has(entry.path);
  const frame = await openFrame({ tree: ask.tree, isStrict, counters });
  const orgs = ask.orgs ?? [...frame.orgTrees.keys()].sort(byCodeUnit);
  const cached = fromCache(parts, frame, orgs);
  const loaded = await loadOrgs(
    frame,
    orgs.filter((org) => !cached.has(org)),
    parts.hash,
  );
  const fresh = checkLoaded(parts, frame, { loaded, cached });
  const all = [...cached.values(), ...fresh.values()];
  const fleetWide = ask.orgs === null ? validateFleet(all.flatMap((item) => item.facts)) : [];
  const unknown = unknownOrgs(ask.orgs, frame.orgTrees.keys());
  const checked = new Map([...cached, ...fresh]);
  const owners =
    ask.orgs === null ? await checkOwners(frame, new Map([...checked].map(([org, of]) => [org, of.owners]))) : [];
  const findings = [...frame.findings, ...unknown, ...all.flatMap((item) => item.findings), ...fleetWide, ...owners];
  findings.sort(byPlace);
  counters.orgs = orgs.length;
  const untilMs = Math.min(parts.clock.nowMs() + CACHED_FOR_MS, ...all.map((item) => item.untilMs));
  return { ok: !findings.some(fails), findings, counters: { ...counters, orgsFromCache: cached.size }, untilMs };
}

function fromCache(parts: CheckParts, frame: Frame, orgs: readonly OrgSlug[]): Map<OrgSlug, CheckedOrg> {
  const found = new Map<OrgSlug, CheckedOrg>();
  if (parts.cache === null) return found;
  const nowMs = parts.clock.nowMs();
  for (const org of orgs) {
    const checked = parts.cache.get(folderKey(parts, frame, org));
    const current = checked !== undefined && checked.untilMs > nowMs;
    if (current && templateKey(frame, checked.template) === checked.template) found.set(org, checked);
  }
  return found;
}

/** The part of an org's identity that is known before its org.yaml is read: its folder, and what all orgs share. */
function folderKey(parts: CheckParts, frame: Frame, org: OrgSlug): Sha256Hex {
  return inputDigest(frame, { org, template: '', settings: '' }, parts.hash);
}

/** `name@version#tree`: a cached answer holds only for the template bytes it was made with. */
function templateKey(frame: Frame, template: string): string {
  const pin = template.split('#')[0] ?? '';
  return `${pin}#${frame.templateTrees.get(pin) ?? ''}`;
}

function checkLoaded(
  parts: CheckParts,
  frame: Frame,
  work: { readonly loaded: readonly LoadedOrg[]; readonly cached: ReadonlyMap<OrgSlug, CheckedOrg> },
): ReadonlyMap<OrgSlug, CheckedOrg> {
  const nowMs = parts.clock.nowMs();
  const uids = new Map<OrgSlug, OrgUid>();
  for (const [org, checked] of work.cached) if (checked.uid !== null) uids.set(org, checked.uid);
  for (const item of work.loaded) if (item.desired !== null) uids.set(item.org, item.desired.uid);
  const owners = new Map([...uids].map(([org, uid]) => [uid as string, org] as const));
  const others = ({ org }: LoadedOrg): Neighbours => ({
    slugs: { has: (name) => name !== org && frame.orgTrees.has(name as OrgSlug) },
    uids: { has: (name) => owners.has(name) && owners.get(name) !== org },
  });
  const results = new Map<OrgSlug, CheckedOrg>();
  for (const item of work.loaded) {
    const judged = judge(parts, item, { neighbours: others(item), nowMs });
    const checked: CheckedOrg = {
      template: templateKey(frame, item.template),
      uid: item.desired?.uid ?? null,
      owners: ownersIn(item),
      findings: judged.findings,
      facts: judged.facts,
      untilMs: nowMs + CACHED_FOR_MS,
    };
    results.set(item.org, checked);
    parts.cache?.put(folderKey(parts, frame, item.org), checked);
  }
  return results;
}

type Neighbours = OrgContext['otherOrgs'];

/**
 * The findings of one org that was read already, as apply asks for them: an applied org's exceptions are those that were
 * applied, so that a change cannot bring its own (rulings 7). `applied` is null before the first apply.
 */
export function checkOrg(
  parts: Pick<CheckParts, 'hash' | 'clock'>,
  frame: Frame,
  org: { readonly item: LoadedOrg; readonly applied: readonly ObjectSide[] | null },
): readonly Finding[] {
  const { item, applied } = org;
  const slugs = { has: (name: string) => name !== item.org && frame.orgTrees.has(name as OrgSlug) };
  const around = { neighbours: { slugs, uids: { has: () => false } }, nowMs: parts.clock.nowMs() };
  const judged = judge(parts, item, applied === null ? around : { ...around, waiving: applied });
  return [...frame.findings, ...judged.findings];
}

interface Around {
  readonly neighbours: Neighbours;
  readonly nowMs: number;
  /** Where the waivers are; absent: among the org's own objects. */
  readonly waiving?: readonly ObjectSide[];
}

function judge(
  parts: Pick<CheckParts, 'hash'>,
  item: LoadedOrg,
  around: Around,
): { readonly findings: readonly Finding[]; readonly facts: readonly FleetFact[] } {
  const tree = validateTree({ entries: item.entries, odd: item.odd });
  if (item.desired === null || item.input === null) return { findings: [...item.findings, ...tree], facts: [] };
  const context: OrgContext = {
    org: item.org,
    uid: item.desired.uid,
    objects: item.desired.objects,
    otherOrgs: around.neighbours,
    nowMs: around.nowMs,
    sourceOf: inputSource(item.input, parts.hash),
  };
  const stale = validateGenerated({ org: item.org, ...staleness(item, parts.hash) });
  const found = [...item.findings, ...tree, ...stale, ...validateOrg(context)];
  const waivers = waiverFacts(item.org, around.waiving ?? item.desired.objects);
  return {
    findings: applyWaivers(found, waivers, around.nowMs),
    facts: fleetFactsOf(context),
  };
}

function byPlace(a: Finding, b: Finding): number {
  return (
    byCodeUnit(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    byCodeUnit(a.code, b.code)
  );
}

/** The files that differ between two commits, removed ones too, for `touched`. */
export async function touchedFiles(
  base: ReadTree,
  head: ReadTree,
  folders: readonly RepoPath[],
): Promise<ReadonlySet<string>> {
  const [before, after] = await Promise.all([base.list(folders), head.list(folders)]);
  const ids = new Map(before.entries.map((entry) => [entry.path, entry.id]));
  const touched = new Set(after.entries.filter((entry) => ids.get(entry.path) !== entry.id).map((entry) => entry.path));
  for (const entry of after.entries) ids.delete(entry.path);
  for (const path of ids.keys()) touched.add(path);
  return touched;
}
