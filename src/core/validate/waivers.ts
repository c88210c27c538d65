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
import type { RuleObject } from './view.ts';

/** One waiver of one org, ready to be matched. */
export interface WaiverFacts {
  readonly org: OrgSlug;
  readonly key: ObjectKey;
  readonly path: RepoPath;
  readonly code: string;
  readonly object: string;
  /** Those who count: neither the waiver's owner nor owners of the org. */
  readonly approvers: readonly string[];
  readonly expires: string;
}

/** The waivers among the objects of one org. */
export function waiverFacts(org: OrgSlug, objects: readonly RuleObject[]): readonly WaiverFacts[] {
  const paths = new Map(objects.map((object) => [objectKey(object.id), object.path]));
  return ofKind(objects, 'Waiver').flatMap(({ id, document }): WaiverFacts[] => {
    const { code, object, owner, approvers: named = [], expires } = document.spec;
    const path = paths.get(objectKey(id));
    const interested = interestedIn(owner, objects);
    const approvers = named.filter((approver) => !interested.has(approver.toLowerCase()));
    return path === undefined ? [] : [{ org, key: objectKey(id), path, code, object, approvers, expires }];
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
 * The findings with those marked that a waiver accepts: same org, code and object, in force, with approvers enough;
 * critical findings never. Waivers in force that accept nothing are added as findings; where not every rule was asked,
 * `isAsked` tells of which codes.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly WaiverFacts[],
  nowMs: number,
  isAsked: (code: string) => boolean = () => true,
): readonly Finding[] {
  const inForce = waivers.filter((waiver) => isInForce(waiver, nowMs));
  const byTarget = new Map(inForce.map((waiver) => [targetOf(waiver.org, waiver.code, waiver.object), waiver]));
  const used = new Set<WaiverFacts>();
  const judged = findings.map((item) => {
    const waiver = byTarget.get(targetOf(item.org ?? '', item.code, item.object ?? ''));
    if (waiver === undefined || item.severity === 'critical') return item;
    used.add(waiver);
    return { ...item, waived: { by: waiver.path.slice(`orgs/${waiver.org}/`.length), expires: waiver.expires } };
  });
  return [...judged, ...inForce.filter((waiver) => !used.has(waiver) && isAsked(waiver.code)).map(unused)];
}

function isInForce({ code, approvers, expires }: WaiverFacts, nowMs: number): boolean {
  const needed = approversNeeded(code);
  return needed !== null && new Set(approvers).size >= needed && checkedInstantMs(expires) > nowMs;
}

function targetOf(org: string, code: string, object: string): string {
  return `${org} ${code} ${object}`;
}

function unused(waiver: WaiverFacts): Finding {
  return finding('WAIVER_UNUSED', {
    place: startOf(waiver.path),
    org: waiver.org,
    object: waiver.key,
    message: `no finding ${waiver.code} on ${waiver.object}`,
    expected: `${waiver.code} on ${waiver.object}`,
    found: 'no such finding',
  });
}
