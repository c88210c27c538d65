import { type Finding, fails, type OrgSlug, ofKind, type RepoPath } from '../../core/model/index.ts';
import { type Frame, openFrame, zeroCounters } from '../frame.ts';
import { loadOrgs, staleness } from '../org.ts';
import { OWNER_FILE } from '../owners.ts';
import type { Outcome } from '../tokens.ts';
import { type FormerGateway, formerGateways, waitingIn } from './applied.ts';
import { type OffboardParts, refusedBy, type Standing, type StepFiles } from './parts.ts';
import { goneSince, remove } from './remove.ts';
import { retire } from './retire.ts';
import { type OffboardStep, type Progress, stepsOf } from './steps.ts';

export type { AppliedState, OffboardParts } from './parts.ts';

export interface Offboarding {
  /** What was written now; gone: the org is removed already, and nothing was. */
  readonly step: Progress['step'];
  /** Since when the org is retired. */
  readonly retired: string;
  readonly written: readonly RepoPath[];
  readonly removed: readonly RepoPath[];
  /** Gateways that the org had, as the store knows them; null: the store was not looked at. */
  readonly gateways: readonly FormerGateway[] | null;
  /** Escalations that wait for a reviewer of the org, who has no token any more once it is retired; null: the store was not looked at. */
  readonly waiting: number | null;
  /** The whole way in its order, done and to come. */
  readonly steps: readonly OffboardStep[];
}

/**
 * The next step of an org's way out, in the work tree: retired where it is not, removed where a commit says that it is retired.
 * Where the store is at hand it must show the first step applied and published before the second is written.
 */
export async function offboardOrg(parts: OffboardParts, org: OrgSlug): Promise<Outcome<Offboarding>> {
  const counters = zeroCounters();
  const frame = await openFrame({ tree: parts.repository.workTree(), isStrict: () => true, counters });
  if (!frame.orgTrees.has(org)) return gone(frame, org);
  const standing = await standingOrg(parts, frame, org);
  if (!standing.ok) return standing;
  const spec = ofKind(standing.value.loaded.desired?.objects ?? [], 'Organization')[0]?.document.spec;
  return spec?.retired === undefined
    ? retireNow(parts, standing.value)
    : removeNow(parts, standing.value, spec.retired);
}

function gone(frame: Frame, org: OrgSlug): Outcome<Offboarding> {
  const retired = goneSince(frame, org);
  if (retired === undefined) {
    const known = [...frame.orgTrees.keys()].join(', ') || 'an org below orgs/';
    return { ok: false, code: 'ORG_UNKNOWN', message: `expected ${known}, found ${org}` };
  }
  const progress: Progress = { org, step: 'gone', isWritten: true, beside: [], gateways: null };
  return { ok: true, value: offboarding(progress, { retired, files: new Map(), waiting: null }) };
}

/** The org, where it is committed and renders to what is committed: nothing else gets into the change. */
async function standingOrg(parts: OffboardParts, frame: Frame, org: OrgSlug): Promise<Outcome<Standing>> {
  const dirty = (await parts.repository.dirtyPaths()).filter(isTouchedBy(org));
  if (dirty.length > 0) {
    const shown = `${dirty.slice(0, 5).join(', ')}${dirty.length > 5 ? ', …' : ''}`;
    const message = `expected ${org}, fleet.yaml and the owner file without uncommitted changes, found ${shown}`;
    return { ok: false, code: 'OFFBOARD_DIRTY', message };
  }
  const [loaded] = await loadOrgs(frame, [org]);
  const findings: readonly Finding[] = [...frame.findings.filter(fails), ...(loaded?.findings ?? [])];
  const uid = loaded?.desired?.uid;
  if (loaded === undefined || uid === undefined || findings.some(fails)) return refusedBy(findings, org);
  const { missing, extra, differing } = staleness(loaded, parts.hash);
  const [stale] = [...missing, ...extra, ...differing];
  if (stale === undefined) return { ok: true, value: { org, uid, frame, loaded } };
  const message = `expected generated manifests that are what org.yaml renders to, found ${stale} otherwise; run \`tenantry render --write\``;
  return { ok: false, code: 'GENERATED_STALE', message };
}

const isTouchedBy =
  (org: OrgSlug) =>
  (path: string): boolean =>
    path.startsWith(`orgs/${org}/`) || path === 'fleet.yaml' || path === OWNER_FILE;

async function retireNow(parts: OffboardParts, standing: Standing): Promise<Outcome<Offboarding>> {
  const step = await retire(parts, standing);
  if (!step.ok) return step;
  return written(parts, { ...step.value, org: standing.org, step: 'retired', gateways: null });
}

async function removeNow(parts: OffboardParts, standing: Standing, retired: string): Promise<Outcome<Offboarding>> {
  const former = parts.applied === null ? null : await formerGateways(parts.applied, standing);
  if (former?.ok === false) return former;
  const step = await remove(standing, retired);
  if (!step.ok) return step;
  const { org } = standing;
  return written(parts, { org, retired, files: step.value, step: 'removed', gateways: former?.value ?? null });
}

interface Made extends Pick<Progress, 'org' | 'step' | 'gateways'> {
  readonly retired: string;
  readonly files: StepFiles;
}

async function written({ write, applied }: OffboardParts, made: Made): Promise<Outcome<Offboarding>> {
  const { files, retired, ...rest } = made;
  const waiting = applied === null ? null : await waitingIn(applied, made.org);
  await write?.write(files);
  const beside = [...files.keys()].filter((path) => !path.startsWith(`orgs/${made.org}/`));
  return { ok: true, value: offboarding({ ...rest, isWritten: write !== null, beside }, { retired, files, waiting }) };
}

function offboarding(
  progress: Progress,
  { retired, files, waiting }: Pick<Offboarding, 'retired' | 'waiting'> & { readonly files: StepFiles },
): Offboarding {
  const paths = [...files];
  return {
    step: progress.step,
    retired,
    written: paths.flatMap(([path, text]) => (text === null ? [] : [path])),
    removed: paths.flatMap(([path, text]) => (text === null ? [path] : [])),
    gateways: progress.gateways,
    waiting,
    steps: stepsOf(progress),
  };
}
