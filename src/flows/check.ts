import {
  byCodeUnit,
  type Clock,
  type Finding,
  fails,
  type Hash,
  type OrgSlug,
  type OrgUid,
  type Sha256Hex,
  type ZoneOffset,
} from '../core/model/index.ts';
import { starterFindings } from '../core/render/index.ts';
import { applyWaivers, needsOf, validateChange } from '../core/validate/index.ts';
import type { ReadTree, Repository, TreeEntry } from '../ports/index.ts';
import { betweenOrgs, type FactsOf } from './between-orgs.ts';
import { type ChangeTrees, changeFacts } from './change-facts.ts';
import { type CheckedOrg, type JudgedOrg, type KeptOrg, type PackedFacts, unpacked } from './checked-org.ts';
import { type Counters, type Frame, openFrame, type RenderersOf, unknownOrgs, zeroCounters } from './frame.ts';
import { CACHED_FOR_MS, isOfFrame, judgeLoaded, ownersIn } from './judge.ts';
import { inputDigest, type LoadedOrg, loadOrgs, orgOf } from './org.ts';
import { checkOwners } from './owners.ts';
import { pastFindings } from './past-texts.ts';
import { judgeShards, type ShardThreads, startShards } from './shard.ts';
import { openTexts, type Texts } from './texts.ts';
import { newestOfEach } from './versions.ts';

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
  get(key: Sha256Hex): KeptOrg | undefined;
  /** The large part of an answer, read where it is needed; undefined where it is damaged. */
  facts(key: Sha256Hex): PackedFacts | undefined;
  put(key: Sha256Hex, checked: KeptOrg, facts: PackedFacts): void;
}

export interface CheckParts {
  readonly repository: Repository;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly zoneOffset: ZoneOffset;
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
  /** What the tree is a change of; absent: the change as such is not judged. */
  readonly base?: ReadTree;
  /** All files below `CHANGE_PATHS` that can differ from the base; absent: both sides are listed to know them. */
  readonly differing?: ReadonlySet<string>;
}

/** Shape, meaning, walls between orgs, and stale generated files of a tree. */
export async function check(parts: CheckParts, ask: CheckAsk): Promise<CheckReport> {
  const counters = zeroCounters();
  const isStrict = (entry: TreeEntry): boolean => ask.touched === null || ask.touched.has(entry.path);
  const texts = openTexts();
  const frame = await openFrame({
    tree: ask.tree,
    isStrict,
    counters,
    inspect: texts.inspect,
    renderers: parts.renderers,
  });
  const orgs = ask.orgs ?? [...frame.orgTrees.keys()].sort(byCodeUnit);
  const cached = fromCache(parts, frame, { orgs, touched: ask.touched });
  const todo = orgs.filter((org) => !cached.has(org));
  const { fresh, loaded } = await checkShards(parts, { frame, ask, orgs: todo, cached, texts });
  const checked = inOrder(orgs, (org) => fresh.get(org) ?? cached.get(org));
  const factsOf = factsFrom(parts, frame, fresh);
  const fleet = { frame, nowMs: parts.clock.nowMs(), checked, factsOf, loaded, texts };
  const wide = ask.orgs === null ? await betweenOrgs(fleet) : [];
  if (wide === undefined) return check({ ...parts, cache: unread(parts.cache, cached) }, ask);
  const owners =
    ask.orgs === null ? await checkOwners(frame, new Map([...checked].map(([org, of]) => [org, of.owners]))) : [];
  const change =
    ask.base === undefined ? [] : await changeFindings(parts, fleet, { differing: null, ...ask, base: ask.base });
  const all = [...checked.values()];
  const templates = ask.orgs === null ? await templateFindings(frame, ask.touched) : [];
  const shared = [...frame.findings, ...templates, ...unknownOrgs(ask.orgs, frame.orgTrees.keys())];
  const found = [...shared, ...wide, ...owners, ...change];
  const findings = waived(parts, ask, { found: [...found, ...all.flatMap((item) => item.findings)], all });
  counters.orgs = orgs.length;
  const untilMs = Math.min(parts.clock.nowMs() + CACHED_FOR_MS, ...all.map((item) => item.untilMs));
  return { ok: !findings.some(fails), findings, counters: { ...counters, orgsFromCache: cached.size }, untilMs };
}

/** The same whatever came from where: what is told of many orgs that collide begins with the first of them. */
function inOrder<Value>(
  orgs: readonly OrgSlug[],
  of: (org: OrgSlug) => Value | undefined,
): ReadonlyMap<OrgSlug, Value> {
  return new Map(
    orgs.flatMap((org) => {
      const value = of(org);
      return value === undefined ? [] : [[org, value] as const];
    }),
  );
}

function factsFrom(parts: CheckParts, frame: Frame, fresh: ReadonlyMap<OrgSlug, JudgedOrg>): FactsOf {
  const keyOf = folderKeys(parts, frame);
  return (org) => {
    const facts = fresh.get(org)?.facts ?? parts.cache?.facts(keyOf(org));
    return facts === undefined ? undefined : unpacked(org, facts);
  };
}

/** A cache that turned out to be damaged: written anew, and not read. */
function unread(cache: CheckCache | null, read: ReadonlyMap<OrgSlug, CheckedOrg>): CheckCache {
  if (cache === null || read.size === 0) throw new Error('Expected marks and facts that were just made to be whole.');
  return { get: () => undefined, facts: () => undefined, put: (...answer) => cache.put(...answer) };
}

/** What is wrong with template versions that the change touches, also where no org pins them yet. */
async function templateFindings(frame: Frame, touched: CheckAsk['touched']): Promise<readonly Finding[]> {
  const changed = new Set([...(touched ?? [])].map((path) => path.split('/').slice(0, 3).join('/')));
  const pins = [...frame.templateTrees.keys()].filter(
    (pin) => touched === null || changed.has(`templates/${pin.replace('@', '/')}`),
  );
  const loaded = await Promise.all(pins.map(async (pin) => ({ pin, ...(await frame.template(pin)) })));
  // A version on main stays as it is; a starter of one that others followed can be mended no more.
  const judged = new Set(touched === null ? newestOfEach(pins) : pins);
  return loaded.flatMap(({ pin, compiled, manifest, findings }) => [
    ...findings,
    ...(compiled === null || manifest === null || !judged.has(pin) ? [] : starterFindings(compiled, manifest)),
  ]);
}

/** What is wrong with a change as such, and with texts that it brought and took away again. */
async function changeFindings(
  parts: CheckParts,
  fleet: Parameters<typeof changeFacts>[0],
  trees: ChangeTrees,
): Promise<readonly Finding[]> {
  return [...validateChange(await changeFacts(fleet, trees)), ...(await pastFindings(parts.repository, trees))];
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
  return [...applyWaivers(distinct(found), waivers, parts.clock.nowMs(), isAsked)].sort(byPlace);
}

/** Once each: what is wrong with a template is found by every org that pins it. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const keyOf = ({ code, place, object, message }: Finding): string =>
    `${code} ${place.file} ${place.line} ${place.column} ${object} ${message}`;
  return [...new Map(findings.map((item) => [keyOf(item), item])).values()];
}

function fromCache(
  parts: CheckParts,
  frame: Frame,
  { orgs, touched }: { readonly orgs: readonly OrgSlug[]; readonly touched: CheckAsk['touched'] },
): Map<OrgSlug, CheckedOrg> {
  const found = new Map<OrgSlug, CheckedOrg>();
  if (parts.cache === null) return found;
  const nowMs = parts.clock.nowMs();
  const keyOf = folderKeys(parts, frame);
  const isStrict = strictOrgs(touched);
  for (const org of orgs) {
    const checked = parts.cache.get(keyOf(org));
    const current = checked !== undefined && checked.untilMs > nowMs && (checked.isStrict || !isStrict(org));
    if (current && isOfFrame(frame, checked)) found.set(org, checked);
  }
  return found;
}

/** The orgs of which a file must be read strictly: an answer from less is none. */
function strictOrgs(touched: CheckAsk['touched']): (org: OrgSlug) => boolean {
  if (touched === null || [...touched].some((path) => path.startsWith('templates/'))) return () => true;
  const orgs = new Set<string>([...touched].map(orgOf));
  return (org) => orgs.has(org);
}

/** The part of an org's identity that is known before its org.yaml is read: its folder, and what all orgs share. */
function folderKeys(parts: CheckParts, frame: Frame): (org: OrgSlug) => Sha256Hex {
  const { staff, rings, hosts, runtimes, owners, signingKeys } = frame.fleet?.document.spec ?? {};
  const settings = JSON.stringify([staff, rings?.map(({ name }) => name), hosts, runtimes, owners, signingKeys]);
  return (org) => inputDigest(frame, { org, template: '', settings }, parts.hash);
}

/** Below this many orgs, starting a thread costs more than it takes over. */
const ORGS_PER_THREAD = 100;

interface Shards {
  readonly frame: Frame;
  readonly ask: CheckAsk;
  readonly orgs: readonly OrgSlug[];
  readonly cached: ReadonlyMap<OrgSlug, CheckedOrg>;
  readonly texts: Texts;
}

interface FreshOrgs {
  readonly fresh: ReadonlyMap<OrgSlug, JudgedOrg>;
  /** The share of this thread. */
  readonly loaded: readonly LoadedOrg[];
}

/**
 * Checks orgs in equal shares, the first of them in this thread. Every share is read and rendered before any is judged:
 * a reference into another org is known by the uids of all.
 */
async function checkShards(parts: CheckParts, work: Shards): Promise<FreshOrgs> {
  const { frame, ask, orgs, cached, texts } = work;
  // Another thread has the renderers of this program and no others.
  const threads = parts.renderers === undefined ? parts.threads : null;
  const others = threads === null ? 0 : Math.min(threads.count, Math.floor(orgs.length / ORGS_PER_THREAD) - 1);
  const [own = [], ...shares] = sharesOf(orgs, Math.max(others, 0) + 1);
  const nowMs = parts.clock.nowMs();
  const asked = await startShards(threads, shares, ask);
  const [loaded, theirs] = await Promise.all([loadOrgs(frame, own), Promise.all(asked)]);
  const owners = new Map<OrgUid, OrgSlug>();
  for (const [org, checked] of cached) if (checked.uid !== null) owners.set(checked.uid, org);
  for (const [uid, org] of [...ownersIn(loaded), ...theirs.flat()]) owners.set(uid, org);
  const judging = judgeShards(threads, shares, { owners, nowMs });
  const fresh = judgeLoaded(parts, frame, { loaded, texts, owners, nowMs });
  for (const shard of await judging) {
    for (const [name, count] of Object.entries(shard.counters)) frame.reading.counters[name as keyof Counters] += count;
    for (const [org, item] of shard.checked) fresh.set(org, item);
  }
  const keyOf = folderKeys(parts, frame);
  for (const [org, { facts, standsAlone, ...item }] of fresh)
    if (standsAlone) parts.cache?.put(keyOf(org), { ...item, isStrict: ask.touched === null }, facts);
  return { fresh, loaded };
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
