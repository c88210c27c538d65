import {
  byCodeUnit,
  type Clock,
  type Finding,
  fails,
  type Hash,
  type OrgSlug,
  type OrgUid,
  type Sha256Hex,
} from '../core/model/index.ts';
import { validateFleet } from '../core/validate/index.ts';
import type { ReadTree, Repository, TreeEntry } from '../ports/index.ts';
import { type Counters, type Frame, openFrame, type RenderersOf, unknownOrgs, zeroCounters } from './frame.ts';
import { CACHED_FOR_MS, type CheckedOrg, judgeLoaded, ownersIn, templateKey } from './judge.ts';
import { inputDigest, loadOrgs } from './org.ts';
import { judgeShards, type ShardThreads, startShards } from './shard.ts';

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
  /** More threads for checks of many orgs; null: this one alone. */
  readonly threads: ShardThreads | null;
  /** Absent: those that this program has. Only for a check in one thread. */
  readonly renderers?: RenderersOf;
}

export interface CheckAsk {
  readonly tree: ReadTree;
  /** Files that the change touches: both YAML readers must agree on them. null: on every file. */
  readonly touched: ReadonlySet<string> | null;
  /** null: every org, and the rules over the whole fleet. */
  readonly orgs: readonly OrgSlug[] | null;
}

/** Shape, meaning, walls between orgs, and stale generated files of a tree. */
export async function check(parts: CheckParts, ask: CheckAsk): Promise<CheckReport> {
  const counters = zeroCounters();
  const isStrict = (entry: TreeEntry): boolean => ask.touched === null || ask.touched.has(entry.path);
  const frame = await openFrame({ tree: ask.tree, isStrict, counters, renderers: parts.renderers });
  const orgs = ask.orgs ?? [...frame.orgTrees.keys()].sort(byCodeUnit);
  const cached = fromCache(parts, frame, orgs);
  const todo = orgs.filter((org) => !cached.has(org));
  const fresh = await checkShards(parts, { frame, ask, orgs: todo, cached });
  const all = [...cached.values(), ...fresh.values()];
  const fleetWide = ask.orgs === null ? validateFleet(all.flatMap((item) => item.facts)) : [];
  const unknown = unknownOrgs(ask.orgs, frame.orgTrees.keys());
  const findings = [...frame.findings, ...unknown, ...all.flatMap((item) => item.findings), ...fleetWide];
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

/** Below this many orgs, starting a thread costs more than it takes over. */
const ORGS_PER_THREAD = 100;

interface Shards {
  readonly frame: Frame;
  readonly ask: CheckAsk;
  readonly orgs: readonly OrgSlug[];
  readonly cached: ReadonlyMap<OrgSlug, CheckedOrg>;
}

/**
 * Checks orgs in equal shares, the first of them in this thread. Every share is read and rendered before any is judged:
 * a reference into another org is known by the uids of all.
 */
async function checkShards(parts: CheckParts, work: Shards): Promise<ReadonlyMap<OrgSlug, CheckedOrg>> {
  const { frame, ask, orgs, cached } = work;
  const { threads } = parts;
  const others = threads === null ? 0 : Math.min(threads.count, Math.floor(orgs.length / ORGS_PER_THREAD) - 1);
  const [own = [], ...shares] = sharesOf(orgs, Math.max(others, 0) + 1);
  const nowMs = parts.clock.nowMs();
  const asked = await startShards(threads, shares, ask);
  const [loaded, theirs] = await Promise.all([loadOrgs(frame, own, parts.hash), Promise.all(asked)]);
  const owners = new Map<OrgUid, OrgSlug>();
  for (const [org, checked] of cached) if (checked.uid !== null) owners.set(checked.uid, org);
  for (const [uid, org] of [...ownersIn(loaded), ...theirs.flat()]) owners.set(uid, org);
  const judging = judgeShards(threads, shares, { owners, nowMs });
  const checked = judgeLoaded(parts.hash, frame, { loaded, owners, nowMs });
  for (const shard of await judging) {
    for (const [name, count] of Object.entries(shard.counters)) frame.reading.counters[name as keyof Counters] += count;
    for (const [org, item] of shard.checked) checked.set(org, item);
  }
  for (const [org, item] of checked) parts.cache?.put(folderKey(parts, frame, org), item);
  return checked;
}

function sharesOf(orgs: readonly OrgSlug[], count: number): readonly (readonly OrgSlug[])[] {
  const size = Math.ceil(orgs.length / count);
  return Array.from({ length: count }, (_, index) => orgs.slice(index * size, (index + 1) * size));
}

function byPlace(a: Finding, b: Finding): number {
  return (
    byCodeUnit(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    byCodeUnit(a.code, b.code)
  );
}
