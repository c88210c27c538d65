import { byCodeUnit, FLEET_ORG, type OrgSlug, orgSlug, type RepoPath } from '../../core/model/index.ts';
import type { DiffReport } from '../diff.ts';

/** Why the platform team must look, whatever the owners of orgs say. */
export type PlatformReason =
  | 'fleet.yaml'
  | 'templates'
  | 'prices'
  | 'approvals'
  | 'waivers'
  | 'pins'
  | 'owners'
  | 'workflows'
  | 'framework'
  | 'hazards'
  | 'new org';

/** Whom a change concerns: decided by what it does, not only by which files it edits. */
export interface PullEffect {
  /** Orgs whose rendered content or whose folder changes. */
  readonly orgs: readonly OrgSlug[];
  readonly platform: readonly PlatformReason[];
}

/** Paths that differ, added and removed ones too. */
export interface ChangedPaths {
  /** Names at the top of the repository. */
  readonly top: readonly RepoPath[];
  /** Every file of the fleet: below orgs, templates, prices, approvals. */
  readonly files: ReadonlySet<string>;
}

const TOP: { readonly [name: string]: PlatformReason | null } = {
  orgs: null,
  'fleet.yaml': 'fleet.yaml',
  templates: 'templates',
  prices: 'prices',
  approvals: 'approvals',
  '.github': 'workflows',
};

/** The effect of a change; `known` are the orgs at the base. */
export function effectOf(diff: DiffReport, paths: ChangedPaths, known: ReadonlySet<string>): PullEffect {
  const steps = [...paths.files].map((path) => path.split('/')).filter(([folder]) => folder === 'orgs');
  const touched = steps.flatMap(([, name = '']) => orgSlug(name) ?? []);
  const isInside = (folder: string): boolean => steps.some((step) => step[2] === folder);
  const changed = diff.orgs.map(({ org }) => org).filter((org) => org !== FLEET_ORG);
  const orgs = [...new Set([...changed, ...touched])].sort(byCodeUnit);
  const open = diff.hazards.length + diff.orgs.reduce((sum, { hazards }) => sum + hazards.length, 0);
  const reasons: readonly (PlatformReason | null)[] = [
    ...paths.top.map((name) => (Object.hasOwn(TOP, name) ? (TOP[name] ?? null) : 'framework')),
    isInside('waivers') ? 'waivers' : null,
    isInside('pins') ? 'pins' : null,
    diff.orgs.some(({ changes }) => changes.some(isOwnership)) ? 'owners' : null,
    orgs.some((org) => !known.has(org)) ? 'new org' : null,
    open > 0 ? 'hazards' : null,
  ];
  return { orgs, platform: [...new Set(reasons.filter((reason) => reason !== null))].sort(byCodeUnit) };
}

function isOwnership({ fields, key }: DiffReport['orgs'][number]['changes'][number]): boolean {
  return key.startsWith('Organization/') && fields.some(({ path }) => path.startsWith('/spec/owners'));
}
