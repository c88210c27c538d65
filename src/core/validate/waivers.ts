import {
  checkedInstantMs,
  codeEntry,
  type Finding,
  finding,
  type ObjectKey,
  type OrgSlug,
  objectKey,
  ofKind,
  type RepoPath,
  startOf,
} from '../model/index.ts';
import type { FleetSettings, RuleObject } from './view.ts';

/** One waiver of one org, ready to be matched. */
export interface WaiverFacts {
  readonly org: OrgSlug;
  readonly key: ObjectKey;
  readonly path: RepoPath;
  readonly code: string;
  readonly object: string;
  /** What the finding must say; null: anything, as waivers allowed that were applied before they had to say. */
  readonly found: readonly string[] | null;
  /** Those who count, in lower case and once: platform owners who are neither the waiver's owner nor owners of the org. */
  readonly approvers: readonly string[];
  readonly expires: string;
}

/** The waivers among the objects of one org; `platform` has the handles of platform owners, in lower case. */
export function waiverFacts(
  org: OrgSlug,
  objects: readonly RuleObject[],
  { platform }: Pick<FleetSettings, 'platform'>,
): readonly WaiverFacts[] {
  const paths = new Map(objects.map((object) => [objectKey(object.id), object.path]));
  return ofKind(objects, 'Waiver').flatMap(({ id, document }): WaiverFacts[] => {
    const { code, object, found = null, owner, approvers: named = [], expires } = document.spec;
    const path = paths.get(objectKey(id));
    const interested = interestedIn(owner, objects);
    const handles = new Set(named.map((approver) => approver.toLowerCase()));
    const approvers = [...handles].filter((approver) => platform.has(approver) && !interested.has(approver));
    return path === undefined ? [] : [{ org, key: objectKey(id), path, code, object, found, approvers, expires }];
  });
}

/** Whose approval of an exception is their own wish: its owner and the owners of the org, in lower case. */
export function interestedIn(owner: string, objects: readonly RuleObject[]): ReadonlySet<string> {
  const owners = ofKind(objects, 'Organization').flatMap(({ document }) => document.spec.owners);
  return new Set([owner, ...owners].map((handle) => handle.toLowerCase()));
}

/** How many platform owners must agree to waive a code (rulings 29); null when nobody can, or no such code exists. */
export function approversNeeded(code: string): number | null {
  const severity = codeEntry(code)?.severity;
  if (severity === undefined || severity === 'critical' || /^(?:WAIVER|ISO_I60)_/.test(code)) return null;
  if (severity === 'high') return 2;
  return severity === 'medium' ? 1 : 0;
}

/**
 * The findings with those marked that a waiver accepts: same org, code and object, saying what was accepted, in force, with
 * approvers enough; critical findings never. Waivers in force that accept nothing are added as findings; where not every
 * rule was asked, `isAsked` tells of which codes.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly WaiverFacts[],
  nowMs: number,
  isAsked: (code: string) => boolean = () => true,
): readonly Finding[] {
  const inForce = waivers.filter((waiver) => isInForce(waiver, nowMs));
  const byTarget = new Map<string, readonly WaiverFacts[]>();
  for (const waiver of inForce) {
    const target = targetOf(waiver.org, waiver.code, waiver.object);
    byTarget.set(target, [...(byTarget.get(target) ?? []), waiver]);
  }
  const used = new Set<WaiverFacts>();
  const others = new Map<WaiverFacts, string>();
  const judged = findings.map((item) => {
    const meant = byTarget.get(targetOf(item.org ?? '', item.code, item.object ?? '')) ?? [];
    const waiver = item.severity === 'critical' ? undefined : meant.find((one) => accepts(one, item));
    if (waiver === undefined) {
      for (const one of meant) others.set(one, item.found);
      return item;
    }
    used.add(waiver);
    return { ...item, waived: { by: waiver.path.slice(`orgs/${waiver.org}/`.length), expires: waiver.expires } };
  });
  const idle = inForce.filter((waiver) => !used.has(waiver) && isAsked(waiver.code));
  return [...judged, ...idle.map((waiver) => unused(waiver, others.get(waiver)))];
}

function accepts({ found }: WaiverFacts, item: Finding): boolean {
  return found === null || found.includes(item.found);
}

function isInForce({ code, approvers, expires }: WaiverFacts, nowMs: number): boolean {
  const needed = approversNeeded(code);
  return needed !== null && approvers.length >= needed && checkedInstantMs(expires) > nowMs;
}

function targetOf(org: string, code: string, object: string): string {
  return `${org} ${code} ${object}`;
}

/** `other`: what the finding that it names says now, where it is there. */
function unused({ path, org, key, code, object, found }: WaiverFacts, other: string | undefined): Finding {
  return finding('WAIVER_UNUSED', {
    place: startOf(path),
    org,
    object: key,
    message: other === undefined ? `no finding ${code} on ${object}` : `${code} on ${object} is not what was accepted`,
    expected: [`${code} on ${object}`, ...(found === null ? [] : [`that says ${found.join(' or ')}`])].join(' '),
    found: other ?? 'no such finding',
  });
}
