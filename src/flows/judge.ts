import type { Clock, Finding, Hash, ObjectSide, OrgSlug, OrgUid } from '../core/model/index.ts';
import {
  applyWaivers,
  type FleetFact,
  fleetFactsOf,
  type OrgContext,
  validateGenerated,
  validateOrg,
  validateTree,
  waiverFacts,
} from '../core/validate/index.ts';
import type { Frame } from './frame.ts';
import { type LoadedOrg, staleness } from './org.ts';
import { namedOwners } from './owners.ts';
import { inputSource } from './source.ts';

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

export const CACHED_FOR_MS = 60 * 60_000;

/** `name@version#tree`: a cached answer holds only for the template bytes it was made with. */
export function templateKey(frame: Frame, template: string): string {
  const pin = template.split('#')[0] ?? '';
  return `${pin}#${frame.templateTrees.get(pin) ?? ''}`;
}

/** The uids of the orgs that stand. */
export function ownersIn(loaded: readonly LoadedOrg[]): readonly (readonly [OrgUid, OrgSlug])[] {
  return loaded.flatMap(({ org, desired }) => (desired === null ? [] : [[desired.uid, org] as const]));
}

export interface Judging {
  readonly loaded: readonly LoadedOrg[];
  /** Of every org of the tree, by uid. */
  readonly owners: ReadonlyMap<OrgUid, OrgSlug>;
  readonly nowMs: number;
}

/** The answers for orgs that are read and rendered. */
export function judgeLoaded(hash: Hash, frame: Frame, work: Judging): Map<OrgSlug, CheckedOrg> {
  const { owners, nowMs } = work;
  const others = ({ org }: LoadedOrg): Neighbours => ({
    slugs: { has: (name) => name !== org && frame.orgTrees.has(name as OrgSlug) },
    uids: { has: (name) => owners.has(name as OrgUid) && owners.get(name as OrgUid) !== org },
  });
  return new Map(
    work.loaded.map((item) => {
      const judged = judge({ hash }, item, { neighbours: others(item), nowMs });
      const checked: CheckedOrg = {
        template: templateKey(frame, item.template),
        uid: item.desired?.uid ?? null,
        owners: namedOwners(item),
        findings: judged.findings,
        facts: judged.facts,
        untilMs: nowMs + CACHED_FOR_MS,
      };
      return [item.org, checked] as const;
    }),
  );
}

type Neighbours = OrgContext['otherOrgs'];

/**
 * The findings of one org that was read already, as apply asks for them: an applied org's exceptions are those that were
 * applied, so that a change cannot bring its own (rulings 7). `applied` is null before the first apply.
 */
export function checkOrg(
  parts: { readonly hash: Hash; readonly clock: Clock },
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
  parts: { readonly hash: Hash },
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
