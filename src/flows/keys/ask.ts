import { type OrgSlug, orgSlug } from '../../core/model/index.ts';
import type { KeyHolder } from '../../ports/index.ts';
import { isReason } from '../reason.ts';
import type { RotateAsk } from './parts.ts';

/** A rotation as it is asked of a running controller; `rootDirs` are folders on its machine. */
export type RotationRequest = RotateAsk & Required<Pick<RotateAsk, 'rootDirs'>>;

const FIELDS = ['holder', 'orgs', 'withNewSeed', 'threshold', 'rootSeeds', 'rootDirs', 'reason'];
const HOLDERS: readonly KeyHolder[] = ['root', 'publish', 'online'];

/** Reads a rotation from a body; undefined for anything else. Closed: an unknown field may be a misspelt bound. */
export function rotationRequest(body: unknown): RotationRequest | undefined {
  // What is no object has no holder.
  const given: Readonly<Record<string, unknown>> = Object(body);
  if (Object.keys(given).some((key) => !FIELDS.includes(key))) return undefined;
  const { holder, orgs = null, withNewSeed = false, threshold, rootSeeds, rootDirs = [], reason } = given;
  const known = HOLDERS.find((name) => name === holder);
  const slugs = orgs === null ? null : slugsOf(orgs);
  const dirs = textsOf(rootDirs);
  if (known === undefined || slugs === undefined || dirs === undefined || typeof withNewSeed !== 'boolean')
    return undefined;
  if (![threshold, rootSeeds].every((count) => count === undefined || isSmallCount(count))) return undefined;
  if (reason !== undefined && !isReason(reason)) return undefined;
  return {
    holder: known,
    orgs: slugs,
    withNewSeed,
    rootDirs: dirs,
    ...(threshold === undefined ? {} : { threshold: Number(threshold) }),
    ...(rootSeeds === undefined ? {} : { rootSeeds: Number(rootSeeds) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  return items.every((item): item is string => typeof item === 'string') ? items : undefined;
}

function slugsOf(value: unknown): readonly OrgSlug[] | undefined {
  const slugs = textsOf(value)?.map(orgSlug);
  return slugs?.every((slug): slug is OrgSlug => slug !== undefined) === true ? slugs : undefined;
}

function isSmallCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 8;
}
