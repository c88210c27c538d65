import {
  type Clock,
  type Finding,
  type Hash,
  type ObjectSide,
  type OrgSlug,
  type OrgUid,
  orgUid,
  type ZoneOffset,
} from '../core/model/index.ts';
import {
  applyWaivers,
  type FleetSettings,
  fleetFactsOf,
  leakWords,
  marksOf,
  type OrgContext,
  type PriceFact,
  validateGenerated,
  validateOrg,
  waiverFacts,
} from '../core/validate/index.ts';
import { type JudgedOrg, packed } from './checked-org.ts';
import { type Frame, treeFindings } from './frame.ts';
import { type LoadedOrg, staleness } from './org.ts';
import { namedOwners } from './owners.ts';
import { inputSource } from './source.ts';
import type { Texts } from './texts.ts';

export const CACHED_FOR_MS = 60 * 60_000;

/** `name@version#tree`: a cached answer holds only for the template bytes it was made with. */
export function templateKey(frame: Frame, template: string): string {
  const pin = template.split('#')[0] ?? '';
  return `${pin}#${frame.templateTrees.get(pin) ?? ''}`;
}

/** True where the frame has what a kept answer was made with: the same template, and a price book that says the same of its models. */
export function isOfFrame(frame: Frame, { template, prices }: Pick<JudgedOrg, 'template' | 'prices'>): boolean {
  const { priceOf } = frame.settings;
  return templateKey(frame, template) === template && prices.every(([model, price]) => isSame(priceOf(model), price));
}

function isSame(a: PriceFact, b: PriceFact): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.currency === b.currency && a.fromMs === b.fromMs;
}

/** The uids of the orgs that stand. */
export function ownersIn(loaded: readonly LoadedOrg[]): readonly (readonly [OrgUid, OrgSlug])[] {
  return loaded.flatMap(({ org, desired }) => (desired === null ? [] : [[desired.uid, org] as const]));
}

export interface Judging {
  readonly loaded: readonly LoadedOrg[];
  /** Of the files that were read for them. */
  readonly texts: Texts;
  /** Of every org of the tree, by uid. */
  readonly owners: ReadonlyMap<OrgUid, OrgSlug>;
  readonly nowMs: number;
}

/** What judging takes of the host. */
export interface JudgingParts {
  readonly hash: Hash;
  readonly zoneOffset: ZoneOffset;
}

/** The answers for orgs that are read and rendered. */
export function judgeLoaded(parts: JudgingParts, frame: Frame, work: Judging): Map<OrgSlug, JudgedOrg> {
  const { owners, nowMs, texts } = work;
  return new Map(
    work.loaded.map((item) => {
      const { neighbours, isAsked } = neighboursOf(item.org, { frame, owners });
      const { settings, prices } = pricesNoted(frame.settings);
      const judged = judge(parts, item, { neighbours, nowMs, settings });
      const objects = item.desired?.objects ?? [];
      const facts = judged.context === null ? [] : fleetFactsOf(judged.context);
      const checked: JudgedOrg = {
        template: templateKey(frame, item.template),
        uid: item.desired?.uid ?? null,
        owners: namedOwners(item),
        findings: [...judged.findings, ...texts.findingsOf(item.org)],
        facts: packed(facts),
        standsAlone: !isAsked(),
        waivers: waiverFacts(item.org, objects, settings),
        marks: marksOf(facts, leakWords(objects, texts.wordsOf(item.template))),
        prices: [...prices],
        untilMs: endMs(prices.values(), nowMs),
      };
      return [item.org, checked] as const;
    }),
  );
}

/** Settings that note what they were asked of prices. */
function pricesNoted(settings: FleetSettings): {
  readonly settings: FleetSettings;
  readonly prices: ReadonlyMap<string, PriceFact>;
} {
  const prices = new Map<string, PriceFact>();
  const priceOf = (model: string): PriceFact => {
    const price = settings.priceOf(model);
    prices.set(model, price);
    return price;
  };
  return { settings: { ...settings, priceOf }, prices };
}

/** Until when an answer stands: the first of the prices to come that holds ends it. */
function endMs(prices: Iterable<PriceFact>, nowMs: number): number {
  const begins = [...prices].flatMap((price) => (typeof price === 'string' ? [] : [price.fromMs]));
  return Math.min(nowMs + CACHED_FOR_MS, ...begins.filter((fromMs) => fromMs > nowMs));
}

type Neighbours = OrgContext['otherOrgs'];

/** Who the other orgs are, and whether a rule wanted to know: of a name that is none of the org's own, or could be a uid. */
function neighboursOf(
  org: OrgSlug,
  { frame, owners }: { readonly frame: Frame; readonly owners: ReadonlyMap<OrgUid, OrgSlug> },
): { readonly neighbours: Neighbours; readonly isAsked: () => boolean } {
  let asked = false;
  const slugs = {
    has(name: string): boolean {
      asked = true;
      return name !== org && frame.orgTrees.has(name as OrgSlug);
    },
  };
  const uids = {
    has(name: string): boolean {
      const uid = orgUid(name);
      asked ||= uid !== undefined;
      return uid !== undefined && owners.has(uid) && owners.get(uid) !== org;
    },
  };
  return { neighbours: { slugs, uids }, isAsked: () => asked };
}

/**
 * The findings of one org that was read already, as apply asks for them: an applied org's exceptions are those that were
 * applied, so that a change cannot bring its own (rulings 7). `applied` is null before the first apply.
 */
export function checkOrg(
  parts: JudgingParts & { readonly clock: Clock },
  frame: Frame,
  org: { readonly item: LoadedOrg; readonly applied: readonly Omit<ObjectSide, 'digest'>[] | null },
): readonly Finding[] {
  const { item, applied } = org;
  const slugs = { has: (name: string) => name !== item.org && frame.orgTrees.has(name as OrgSlug) };
  const nowMs = parts.clock.nowMs();
  const { settings } = frame;
  const { findings } = judge(parts, item, { neighbours: { slugs, uids: { has: () => false } }, nowMs, settings });
  const waivers = waiverFacts(item.org, applied ?? item.desired?.objects ?? [], settings);
  return [...frame.findings, ...applyWaivers(findings, waivers, nowMs)];
}

interface Around {
  readonly neighbours: Neighbours;
  readonly nowMs: number;
  readonly settings: FleetSettings;
}

/** The findings of one org before waivers, and what the rules looked at; null where it does not render. */
function judge(
  parts: JudgingParts,
  item: LoadedOrg,
  around: Around,
): { readonly findings: readonly Finding[]; readonly context: OrgContext | null } {
  const tree = treeFindings({ entries: item.entries, odd: item.odd }, item.findings);
  if (item.desired === null || item.input === null) return { findings: [...item.findings, ...tree], context: null };
  const context: OrgContext = {
    org: item.org,
    uid: item.desired.uid,
    objects: item.desired.objects,
    otherOrgs: around.neighbours,
    fleet: around.settings,
    nowMs: around.nowMs,
    zoneOffset: parts.zoneOffset,
    sourceOf: inputSource(item.input),
  };
  const stale = validateGenerated({ org: item.org, ...staleness(item, parts.hash) });
  return { findings: [...item.findings, ...tree, ...stale, ...validateOrg(context)], context };
}
