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
  type FleetSettings,
  fleetFactsOf,
  fleetSettings,
  leakWords,
  needsOf,
  type OrgContext,
  validateChange,
  validateGenerated,
  validateOrg,
  validateTree,
  waiverFacts,
} from '../core/validate/index.ts';
import type { ReadTree, Repository, TreeEntry } from '../ports/index.ts';
import { betweenOrgs } from './between-orgs.ts';
import { changeFacts } from './change-facts.ts';
import { type CheckedOrg, packed } from './checked-org.ts';
import { type Counters, type Frame, openFrame, unknownOrgs, zeroCounters } from './frame.ts';
import { inputDigest, type LoadedOrg, loadOrgs, staleness } from './org.ts';
import { inputSource } from './source.ts';
import { openTexts, type Texts } from './texts.ts';

/** What `check` found, and the exact work it took. */
export interface CheckReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly counters: Counters & { readonly orgsFromCache: number };
  /** Until when the same tree gives the same answer. */
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
  /** What the tree is a change of; absent: the change as such is not judged. */
  readonly base?: ReadTree;
}

const CACHED_FOR_MS = 60 * 60_000;

/** Shape, meaning, walls between orgs, and stale generated files of a tree. */
export async function check(parts: CheckParts, ask: CheckAsk): Promise<CheckReport> {
  const counters = zeroCounters();
  const isStrict = (entry: TreeEntry): boolean => ask.touched === null || ask.touched.has(entry.path);
  const texts = openTexts();
  const frame = await openFrame({ tree: ask.tree, isStrict, counters, inspect: texts.inspect });
  const orgs = ask.orgs ?? [...frame.orgTrees.keys()].sort(byCodeUnit);
  const cached = fromCache(parts, frame, orgs);
  const loaded = await loadOrgs(
    frame,
    orgs.filter((org) => !cached.has(org)),
    parts.hash,
  );
  const fresh = checkLoaded(parts, frame, { loaded, cached, texts });
  const checked = new Map([...cached, ...fresh]);
  const fleet = { frame, hash: parts.hash, nowMs: parts.clock.nowMs(), checked, loaded, texts };
  const wide = ask.orgs === null ? await betweenOrgs(fleet) : [];
  const change = ask.base === undefined ? [] : validateChange(await changeFacts(fleet, { ...ask, base: ask.base }));
  const all = [...checked.values()];
  const found = [...frame.findings, ...unknownOrgs(ask.orgs, frame.orgTrees.keys()), ...wide, ...change];
  const findings = waived(parts, ask, { found: [...found, ...all.flatMap((item) => item.findings)], all });
  counters.orgs = orgs.length;
  const untilMs = Math.min(parts.clock.nowMs() + CACHED_FOR_MS, ...all.map((item) => item.untilMs));
  return { ok: !findings.some(fails), findings, counters: { ...counters, orgsFromCache: cached.size }, untilMs };
}

/** The findings with those marked that a waiver accepts, in reading order. A waiver is unused only if its rule was asked. */
function waived(
  parts: CheckParts,
  ask: CheckAsk,
  { found, all }: { readonly found: readonly Finding[]; readonly all: readonly CheckedOrg[] },
): readonly Finding[] {
  const isAsked = (code: string): boolean => {
    const needs = needsOf(code);
    if (needs === 'change') return ask.base !== undefined;
    return ask.orgs === null || (needs !== 'fleet' && needs !== 'leak' && needs !== 'shared');
  };
  const waivers = all.flatMap((item) => item.waivers);
  return [...applyWaivers(found, waivers, parts.clock.nowMs(), isAsked)].sort(byPlace);
}

function fromCache(parts: CheckParts, frame: Frame, orgs: readonly OrgSlug[]): Map<OrgSlug, CheckedOrg> {
  const found = new Map<OrgSlug, CheckedOrg>();
  if (parts.cache === null) return found;
  const nowMs = parts.clock.nowMs();
  const keyOf = folderKeys(parts, frame);
  for (const org of orgs) {
    const checked = parts.cache.get(keyOf(org));
    const current = checked !== undefined && checked.untilMs > nowMs;
    if (current && templateKey(frame, checked.template) === checked.template) found.set(org, checked);
  }
  return found;
}

/** The part of an org's identity that is known before its org.yaml is read: its folder, and what all orgs share. */
function folderKeys(parts: CheckParts, frame: Frame): (org: OrgSlug) => Sha256Hex {
  const { staff, rings, hosts, runtimes } = frame.fleet?.document.spec ?? {};
  const settings = JSON.stringify([staff, rings?.map(({ name }) => name), hosts, runtimes]);
  return (org) => inputDigest(frame, { org, template: '', settings }, parts.hash);
}

/** `name@version#tree`: a cached answer holds only for the template bytes it was made with. */
function templateKey(frame: Frame, template: string): string {
  const pin = template.split('#')[0] ?? '';
  return `${pin}#${frame.templateTrees.get(pin) ?? ''}`;
}

function checkLoaded(
  parts: CheckParts,
  frame: Frame,
  work: {
    readonly loaded: readonly LoadedOrg[];
    readonly cached: ReadonlyMap<OrgSlug, CheckedOrg>;
    readonly texts: Texts;
  },
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
  const settings = fleetSettings(frame.fleet?.document ?? null);
  const keyOf = folderKeys(parts, frame);
  for (const item of work.loaded) {
    const judged = judge(parts, item, { neighbours: others(item), nowMs, settings });
    const objects = item.desired?.objects ?? [];
    const checked: CheckedOrg = {
      template: templateKey(frame, item.template),
      uid: item.desired?.uid ?? null,
      findings: [...judged.findings, ...work.texts.findingsOf(item.org)],
      facts: packed(judged.context === null ? [] : fleetFactsOf(judged.context)),
      waivers: waiverFacts(item.org, objects),
      words: leakWords(objects, work.texts.wordsOf(item.template)),
      untilMs: nowMs + CACHED_FOR_MS,
    };
    results.set(item.org, checked);
    parts.cache?.put(keyOf(item.org), checked);
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
  const nowMs = parts.clock.nowMs();
  const settings = fleetSettings(frame.fleet?.document ?? null);
  const { findings } = judge(parts, item, { neighbours: { slugs, uids: { has: () => false } }, nowMs, settings });
  const waivers = waiverFacts(item.org, applied ?? item.desired?.objects ?? []);
  return [...frame.findings, ...applyWaivers(findings, waivers, nowMs)];
}

interface Around {
  readonly neighbours: Neighbours;
  readonly nowMs: number;
  readonly settings: FleetSettings;
}

/** The findings of one org before waivers, and what the rules looked at; null where it does not render. */
function judge(
  parts: Pick<CheckParts, 'hash'>,
  item: LoadedOrg,
  around: Around,
): { readonly findings: readonly Finding[]; readonly context: OrgContext | null } {
  const tree = validateTree({ entries: item.entries, odd: item.odd });
  if (item.desired === null || item.input === null) return { findings: [...item.findings, ...tree], context: null };
  const context: OrgContext = {
    org: item.org,
    uid: item.desired.uid,
    objects: item.desired.objects,
    otherOrgs: around.neighbours,
    fleet: around.settings,
    nowMs: around.nowMs,
    sourceOf: inputSource(item.input, parts.hash),
  };
  const stale = validateGenerated({ org: item.org, ...staleness(item, parts.hash) });
  return { findings: [...item.findings, ...tree, ...stale, ...validateOrg(context)], context };
}

function byPlace(a: Finding, b: Finding): number {
  return (
    byCodeUnit(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    byCodeUnit(a.code, b.code)
  );
}

/** The files that differ between two commits, for `touched`. */
export async function touchedFiles(
  base: ReadTree,
  head: ReadTree,
  folders: readonly RepoPath[],
): Promise<ReadonlySet<string>> {
  const [before, after] = await Promise.all([base.list(folders), head.list(folders)]);
  const ids = new Map(before.entries.map((entry) => [entry.path, entry.id]));
  return new Set(after.entries.filter((entry) => ids.get(entry.path) !== entry.id).map((entry) => entry.path));
}
