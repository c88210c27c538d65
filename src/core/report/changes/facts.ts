import { byCodeUnit, FLEET_ORG, type Hazard, type OrgSlug } from '../../model/index.ts';
import { counted } from '../text.ts';
import { type AcceptedHazard, approvalOf, type ChangeReport, type ReportedChange } from './change-report.ts';
import type { ChangeGroup, GroupedChange, GroupedField } from './groups.ts';
import { isAbout, isMainly, isRetirement, subjectOf, type Topic, weightOf } from './topics.ts';

/** A hazard with its org and the approval that accepts it. */
export interface OrgHazard {
  readonly org: OrgSlug;
  readonly hazard: Hazard;
  readonly approval: AcceptedHazard | undefined;
}

/** Every hazard of a report: fleet-wide ones first, open before accepted. */
export function hazardsIn(report: ChangeReport): readonly OrgHazard[] {
  const all = [
    ...report.hazards.map((hazard) => ({ org: FLEET_ORG, hazard })),
    ...report.orgs.flatMap(({ org, hazards }) => hazards.map((hazard) => ({ org, hazard }))),
  ].map(({ org, hazard }) => ({ org, hazard, approval: approvalOf(report, org, hazard) }));
  return [
    ...all.filter(({ approval }) => approval === undefined),
    ...all.filter(({ approval }) => approval !== undefined),
  ];
}

/** How many changes of each kind, over all orgs. */
export function countsOf(report: ChangeReport): { readonly [kind in ReportedChange['kind']]: number } {
  const counts = { create: 0, update: 0, delete: 0, rename: 0 };
  for (const { changes } of report.orgs) for (const { kind } of changes) counts[kind] += 1;
  return counts;
}

/** "3 orgs change: 2 created, 5 updated, 1 deleted"; the fleet's own settings are told apart. */
export function answerText(report: ChangeReport): string {
  const changing = report.orgs.filter(({ changes }) => changes.length > 0);
  const orgs = changing.filter(({ org }) => org !== FLEET_ORG).length;
  const held = heldText(report);
  const unknown = held === '' ? '' : `; ${held}`;
  if (changing.length === 0) return held === '' ? 'nothing changes' : `what changes is not known: ${held}`;
  const { create, update, rename, delete: deleted } = countsOf(report);
  const parts: readonly (readonly [number, string])[] = [
    [create, 'created'],
    [update, 'updated'],
    [rename, 'renamed'],
    [deleted, 'deleted'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const fleet = changing.length > orgs ? 'the fleet' : '';
  const who = [...(fleet === '' ? [] : [fleet]), ...(orgs === 0 ? [] : [counted(orgs, 'org')])].join(' and ');
  return `${who} ${changing.length === 1 ? 'changes' : 'change'}: ${told.join(', ')}${unknown}`;
}

/** "2 orgs cannot be rendered, the fleet cannot be read": of these nothing is known; empty when all is. */
export function heldText({ held = [] }: Pick<ChangeReport, 'held'>): string {
  const orgs = held.filter((org) => org !== FLEET_ORG).length;
  const fleet = held.length > orgs ? ['settings or prices of the fleet cannot be read or are refused'] : [];
  return [...(orgs === 0 ? [] : [`${counted(orgs, 'org')} cannot be rendered`]), ...fleet].join(', ');
}

/**
 * Orgs that differ from most of those that change: they are in a group of few beside one of more than half. Empty where
 * there is no such majority.
 */
export function outliersIn(groups: readonly ChangeGroup[], changing: readonly OrgSlug[]): readonly OrgSlug[] {
  const isMost = ({ orgs }: ChangeGroup): boolean => orgs.length * 2 > changing.length;
  if (changing.length < 4 || !groups.some(isMost)) return [];
  const few = groups.filter((group) => !isMost(group)).flatMap(({ orgs }) => orgs);
  return [...new Set(few)].filter((org) => org !== FLEET_ORG).sort(byCodeUnit);
}

/** What a line at the top has room for, of one sentence; the whole is told with its change. */
const LONGEST_HIGHLIGHT = 160;

/**
 * What people look for first, one sentence each: "wallet main: monthly limit 500 -> 800 EUR (+60 %)". What ends a whole org comes
 * first, then what goes, then amounts and other bounds.
 */
export function highlights(groups: readonly ChangeGroup[], topic: Topic): readonly string[] {
  const told = groups.flatMap(({ orgs, changes }) =>
    changes.flatMap((change) =>
      sentences(change, topic).map(({ text, rank }) => ({ rank, text: `${shortened(text)}${ofOrgs(orgs)}` })),
    ),
  );
  return told.sort((a, b) => a.rank - b.rank).map(({ text }) => text);
}

function shortened(text: string): string {
  return text.length <= LONGEST_HIGHLIGHT ? text : `${text.slice(0, LONGEST_HIGHLIGHT - 1)}…`;
}

interface Sentence {
  readonly text: string;
  readonly rank: number;
}

/** Of updates, what bounds counts like amounts; of what comes or goes, what is granted comes before how long it lasts. */
const RANKS = {
  update: { amount: 1, bound: 1, list: 2, rest: 2 },
  other: { amount: 1, bound: 3, list: 2, rest: 3 },
} as const;
const FIRST = -1;
const LAST = 4;

/**
 * One for each field of an update that is about the topic. One for an object that comes or goes, with its fields that are;
 * where it is mainly about something else, it comes last.
 */
function sentences({ key, example, fields }: GroupedChange, topic: Topic): readonly Sentence[] {
  const subject = subjectOf(example, key);
  const ranks = RANKS[example.kind === 'update' ? 'update' : 'other'];
  const told = fields
    .filter((field) => isAbout(topic, example, field.example))
    .map((field) => ({
      text: fieldText(field),
      rank: isRetirement(example, field.example) ? FIRST : ranks[weightOf(example, field.example)],
    }))
    .sort((a, b) => a.rank - b.rank);
  const rank = told[0]?.rank ?? RANKS.other.rest;
  const isMain = isMainly(topic, example) || rank === RANKS.other.amount;
  const isTold = isMain || (told.length > 0 && topic !== 'other');
  const all = told.map(({ text }) => text);
  switch (example.kind) {
    case 'update':
    case 'rename':
      return told.map((field) => ({ text: `${subject}: ${field.text}`, rank: field.rank }));
    case 'create':
      return isTold ? [{ text: allOf(`new ${subject}`, all), rank: isMain ? rank : LAST }] : [];
    case 'delete':
      return isTold ? [{ text: allOf(`${subject} deleted`, all), rank: isMain ? 0 : LAST }] : [];
  }
}

function allOf(what: string, fields: readonly string[]): string {
  return fields.length === 0 ? what : `${what}: ${fields.join(', ')}`;
}

/** The words of a field; of one that varies, with what it is for the first orgs. */
export function fieldText({ words, values, samples }: GroupedField): string {
  const told = samples.map(({ org, words: own }) => `${own} in ${org}`);
  return samples.length === 0 ? words : `${words}: ${told.join('; ')}${values > samples.length ? '; …' : ''}`;
}

function ofOrgs(orgs: readonly OrgSlug[]): string {
  return orgs.length > 1 ? ` (${orgs.length} orgs)` : orgs[0] === FLEET_ORG ? ' (fleet)' : ` (${orgs[0] ?? ''})`;
}

/** The command that accepts the open hazards; of a plan that no diff shows, the one that comes before it. */
export function acceptCommand({ base, head, from, applied, changeDigest, planDigest }: ChangeReport): string {
  const start = planDigest === undefined ? base : from;
  if (start === undefined) return `tenantry diff --base ${applied ?? '<the commit that was applied>'} --head ${head}`;
  return `tenantry approve ${changeDigest} --base ${start} --head ${head} --as @you --reason "…"`;
}
