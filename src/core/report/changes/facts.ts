import { fieldFacts } from '../../kinds/index.ts';
import { type FieldChange, FLEET_ORG, type Hazard, KINDS, type OrgSlug } from '../../model/index.ts';
import { counted } from '../text.ts';
import { approvalOf, type ChangeGroup, type ChangeReport, type ReportedChange } from './change-report.ts';

/** A hazard with its org and the approval that accepts it. */
export interface OrgHazard {
  readonly org: OrgSlug;
  readonly hazard: Hazard;
  readonly approval: string | undefined;
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

/** "3 orgs change: 2 created, 5 updated, 1 deleted". */
export function answerText(report: ChangeReport): string {
  const changing = report.orgs.filter(({ changes }) => changes.length > 0).length;
  if (changing === 0) return 'nothing changes';
  const { create, update, rename, delete: deleted } = countsOf(report);
  const parts: readonly (readonly [number, string])[] = [
    [create, 'created'],
    [update, 'updated'],
    [rename, 'renamed'],
    [deleted, 'deleted'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${counted(changing, 'org')} ${changing === 1 ? 'changes' : 'change'}: ${told.join(', ')}`;
}

/** What people look for first: money, and who may do what. */
export function highlights(groups: readonly ChangeGroup[], topic: 'money' | 'access'): readonly string[] {
  return groups.flatMap(({ orgs, changes }) =>
    changes.flatMap((change) =>
      change.fields
        .filter((field) => change.kind === 'update' && isAbout(topic, change, field))
        .map((field) => `${change.key} ${field.words}${orgs.length > 1 ? ` (${orgs.length} orgs)` : ''}`),
    ),
  );
}

const ACCESS: readonly (readonly [kind: string, pointer: string])[] = [
  ['Token', '/spec/gateways'],
  ['Token', '/spec/scopes'],
  ['Token', '/spec/models'],
  ['Token', '/spec/role'],
  ['Token', '/spec/expires'],
  ['Team', '/spec/leads'],
  ['Team', '/spec/delegation'],
  ['Organization', '/spec/owners'],
  ['Gateway', '/spec/egress'],
  ['Fleet', '/spec/owners'],
  ['Fleet', '/spec/staff'],
];

function isAbout(topic: 'money' | 'access', change: ReportedChange, field: FieldChange): boolean {
  const kind = KINDS.find((one) => change.key.startsWith(`${one}/`));
  if (kind === undefined) return false;
  if (topic === 'money') return fieldFacts(kind, field.path).money;
  return ACCESS.some(
    ([of, pointer]) => of === kind && (field.path === pointer || field.path.startsWith(`${pointer}/`)),
  );
}
