import {
  FLEET_ORG,
  type Hazard,
  type Json,
  type JsonObject,
  type OrgSlug,
  type Reach,
  type Untouched,
} from '../../model/index.ts';
import { approvalOf, type ChangeReport, changeJson, type ReportedDiff } from './change-report.ts';
import { type ChangeGroup, type GroupedField, groupsOf } from './groups.ts';
import { isProved } from './reach.ts';

/** So many changes are told org by org; groups tell all of them. */
const MOST_CHANGES = 20_000;

/** `tenantry/diff/v1` or `tenantry/plan/v1`, as contract section 2 and the schemas beside say. */
export function jsonChanges(report: ChangeReport): string {
  const { base, head, changeDigest, planDigest, reach, untouched, held } = report;
  const told = orgsTold(report);
  const omitted = told.reduce((sum, { left }) => sum + left, 0);
  const document: JsonObject = {
    schema: planDigest === undefined ? 'tenantry/diff/v1' : 'tenantry/plan/v1',
    changeDigest,
    ...(planDigest === undefined ? {} : { planDigest }),
    base,
    head,
    ...(reach === undefined ? {} : { reach: reachJson(reach) }),
    ...(untouched === undefined ? {} : { untouched: untouchedJson(untouched) }),
    ...(held === undefined ? {} : { held }),
    ...(omitted === 0 ? {} : { omitted: { changes: omitted, command: report.whole ?? '' } }),
    hazards: report.hazards.map((hazard) => hazardJson(report, FLEET_ORG, hazard)),
    orgs: told.map(({ diff, changes, left }) => ({
      org: diff.org,
      changeDigest: diff.changeDigest,
      changes: changes.map((change) => changeJson(change, true)),
      hazards: diff.hazards.map((hazard) => hazardJson(report, diff.org, hazard)),
      ...(left === 0 ? {} : { omitted: left }),
    })),
    groups: groupsOf(report.orgs).map(groupJson),
    ...(report.counters === undefined ? {} : { counters: { ...report.counters } }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

interface OrgTold {
  readonly diff: ReportedDiff;
  readonly changes: ReportedDiff['changes'];
  readonly left: number;
}

/** Every org; of those past the bound only what goes, with a count of the rest. */
function orgsTold({ orgs, whole }: ChangeReport): readonly OrgTold[] {
  let room = whole === undefined ? Number.POSITIVE_INFINITY : MOST_CHANGES;
  return orgs.map((diff) => {
    room -= diff.changes.length;
    const changes = room >= 0 ? diff.changes : diff.changes.filter(({ kind }) => kind === 'delete');
    return { diff, changes, left: diff.changes.length - changes.length };
  });
}

function groupJson({ orgs, changes }: ChangeGroup): JsonObject {
  return {
    orgs,
    changes: changes.map(({ key, from, example, fields }) => ({
      kind: example.kind,
      object: key,
      ...(from === null ? {} : { from }),
      fields: fields.map(fieldJson),
    })),
  };
}

/** Values are told where they are the same for every org of the group, letter by letter. */
function fieldJson({ path, words, example, values, isSame, samples }: GroupedField): JsonObject {
  return {
    path,
    ...(isSame && example.before !== undefined ? { before: example.before as Json } : {}),
    ...(isSame && example.after !== undefined ? { after: example.after as Json } : {}),
    words,
    ...(values === 1 ? {} : { values, samples: samples.map((sample) => ({ ...sample })) }),
  };
}

function reachJson({ money, ...counts }: Reach): JsonObject {
  return {
    ...counts,
    money: money.map(({ currency, upMicros, downMicros }) => ({
      currency,
      upMicros: String(upMicros),
      downMicros: String(downMicros),
    })),
  };
}

function untouchedJson(untouched: Untouched): JsonObject {
  return { ok: isProved(untouched), ...untouched };
}

function hazardJson(report: ChangeReport, org: OrgSlug, hazard: Hazard): Json {
  const { id, code, message, object } = hazard;
  const approval = approvalOf(report, org, hazard);
  return { id, code, message, object, acceptedBy: approval?.approval ?? null, approver: approval?.approver ?? null };
}
