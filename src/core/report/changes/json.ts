import { FLEET_ORG, type Hazard, type Json, type JsonObject, type OrgSlug } from '../../model/index.ts';
import { approvalOf, type ChangeReport, changeJson, groupsOf } from './change-report.ts';

/** `tenantry/diff/v1` or `tenantry/plan/v1`, as contract section 2 and the schemas beside say. */
export function jsonChanges(report: ChangeReport): string {
  const { base, head, changeDigest, planDigest, orgs } = report;
  const document: JsonObject = {
    schema: planDigest === undefined ? 'tenantry/diff/v1' : 'tenantry/plan/v1',
    changeDigest,
    ...(planDigest === undefined ? {} : { planDigest }),
    base,
    head,
    hazards: report.hazards.map((hazard) => hazardJson(report, FLEET_ORG, hazard)),
    orgs: orgs.map((diff) => ({
      org: diff.org,
      changeDigest: diff.changeDigest,
      changes: diff.changes.map((change) => changeJson(change, true)),
      hazards: diff.hazards.map((hazard) => hazardJson(report, diff.org, hazard)),
    })),
    groups: groupsOf(orgs).map((group) => ({
      orgs: group.orgs,
      changes: group.changes.map((change) => changeJson(change, false)),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function hazardJson(report: ChangeReport, org: OrgSlug, hazard: Hazard): Json {
  const { id, code, message, object } = hazard;
  return { id, code, message, object, acceptedBy: approvalOf(report, org, hazard) ?? null };
}
