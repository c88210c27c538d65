import {
  FLEET_ORG,
  type ObjectKey,
  type OrgSlug,
  objectKey,
  ofKind,
  type Publication,
  type RepoPath,
} from '../core/model/index.ts';
import type { UnseenOrgs } from '../core/report/index.ts';
import type { OrgHead, RuntimeStore, WriteTree } from '../ports/index.ts';
import { type Astray, comparePublished, isRootFile, TIMESTAMP_FILE } from '../trust/index.ts';
import { appliedObjects } from './applied.ts';
import { type ApplyParts, apply, type OrgOutcome } from './apply.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs, staleness } from './org.ts';
import { isTampered, rehashed } from './plan.ts';
import { leasedPublisher, publishAnew, publishOne } from './publish/index.ts';
import { render } from './render.ts';
import { isOfThePlace, ownTrouble, type Trouble } from './trouble.ts';

/** One place where what is differs from what was last applied or committed. */
export type Drift =
  | { readonly where: 'store'; readonly org: OrgSlug; readonly objects: readonly ObjectKey[]; readonly words: string }
  | { readonly where: 'repository'; readonly org: OrgSlug; readonly paths: readonly RepoPath[]; readonly words: string }
  | { readonly where: 'published'; readonly org: OrgSlug; readonly words: string }
  | {
      readonly where: 'gateway';
      readonly org: OrgSlug;
      readonly gateway: string;
      readonly published: string;
      readonly acknowledged: string | null;
      readonly words: string;
    };

export interface DriftReport {
  /** Orgs that are applied, of those that were asked about. */
  readonly applied: number;
  readonly drifts: readonly Drift[];
  /** Why the place gave nothing of some orgs, one for each code with what was said first: whether they drift is not known. */
  readonly unseen: readonly UnseenOrgs[];
  /** What `--heal` did; empty without it. */
  readonly healed: readonly OrgOutcome[];
  readonly written: readonly RepoPath[];
}

export type DriftParts = ApplyParts & { readonly runtime: RuntimeStore };

export interface DriftAsk {
  readonly orgs: readonly OrgSlug[] | null;
  /** null: only look. */
  readonly heal: WriteTree | null;
}

/** Looks at rows, published files, gateways and committed manifests; heals towards what was last applied. */
export async function drift(parts: DriftParts, ask: DriftAsk): Promise<DriftReport> {
  const heads = (await parts.store.heads()).filter((head) => ask.orgs?.includes(head.org) ?? true);
  const drifts: Drift[] = [];
  const place = openPlace(parts);
  for (const head of heads) {
    drifts.push(...(await storeDrift(parts, head)));
    if (head.org !== FLEET_ORG) drifts.push(...(await place.look(head)));
  }
  drifts.push(...(await repositoryDrift(parts, heads, ask.orgs)));
  const seen = { applied: heads.filter(({ org }) => org !== FLEET_ORG).length, drifts, unseen: place.unseen() };
  if (ask.heal === null) return { ...seen, healed: [], written: [] };
  return { ...seen, ...(await heal(parts, { drifts, heads, orgs: ask.orgs, write: ask.heal })) };
}

async function storeDrift(parts: DriftParts, head: OrgHead): Promise<readonly Drift[]> {
  const stored = await parts.store.observe(head.org);
  if (stored === undefined || !isTampered(stored, parts.hash)) return [];
  const applied = new Map(
    (await appliedObjects(parts, head)).map((object) => [objectKey(object.id), object.digest] as const),
  );
  const found = new Map(
    rehashed(stored, parts.hash).objects.map((object) => [objectKey(object.id), object.digest] as const),
  );
  const keys = [...new Set([...applied.keys(), ...found.keys()])].filter((key) => applied.get(key) !== found.get(key));
  return [
    {
      where: 'store',
      org: head.org,
      objects: keys,
      words: `rows differ from what was applied at generation ${head.generation}: ${keys.join(', ')}`,
    },
  ];
}

/** A place that gave nothing for so many orgs, one after the other, is asked no more: each would wait for minutes. */
const MOST_UNANSWERED = 2;

interface Place {
  look(head: OrgHead): Promise<readonly Drift[]>;
  unseen(): readonly UnseenOrgs[];
}

/**
 * Looks at what lies published, org by org. Files of an org that cannot be read are that org's drift; where the place itself
 * gives nothing, that is no drift of anybody.
 */
function openPlace(parts: DriftParts): Place {
  const unseen = new Map<string, UnseenOrgs>();
  let unanswered: Trouble[] = [];
  const miss = (org: OrgSlug, { code, message }: Trouble): void => {
    const before = unseen.get(code);
    unseen.set(code, { code, message: before?.message ?? message, orgs: [...(before?.orgs ?? []), org] });
  };
  return {
    async look(head) {
      const [first] = unanswered;
      if (first !== undefined && unanswered.length >= MOST_UNANSWERED) {
        miss(head.org, first);
        return [];
      }
      try {
        const found = await deliveryDrift(parts, head);
        unanswered = [];
        return found;
      } catch (cause) {
        const known = ownTrouble(cause);
        if (known === undefined) throw cause;
        if (!isOfThePlace(known))
          return [{ where: 'published', org: head.org, words: `${known.code}: ${known.message}` }];
        miss(head.org, known);
        unanswered = known.code === 'PUBLISH_UNREACHABLE' ? [...unanswered, known] : [];
        return [];
      }
    },
    unseen: () => [...unseen.values()],
  };
}

/** What cannot be put again now is found again by the look that follows; the other orgs are healed. */
const leaveDrifted =
  ({ log }: DriftParts, { org }: OrgHead) =>
  (cause: unknown): void => {
    const known = ownTrouble(cause);
    if (known === undefined) throw cause;
    log.warn(`${org} is not published anew: ${known.code}: ${known.message}`);
  };

async function deliveryDrift(parts: DriftParts, head: OrgHead): Promise<readonly Drift[]> {
  const publication = await parts.store.publication(head.org);
  if (publication === undefined || publication.generation < head.generation) {
    return [{ where: 'published', org: head.org, words: `generation ${head.generation} is not published` }];
  }
  const { gone, changed } = await astray(parts, head, publication);
  if (gone.length + changed.length > 0) {
    const roots = changed.filter(isRootFile);
    const words = [
      ...filesWords('published files are gone', gone),
      ...filesWords('PUBLISH_ROOT_CHANGED: roots are not those that were published', roots),
      ...filesWords(
        'published files are not as they were put',
        changed.filter((path) => !isRootFile(path)),
      ),
    ];
    return [{ where: 'published', org: head.org, words: words.join('; ') }];
  }
  const stored = await parts.store.observe(head.org);
  const acks = await parts.runtime.acks(head.org);
  return ofKind(stored?.objects ?? [], 'Gateway').flatMap(({ id }): Drift[] => {
    const published = publication.targets[id.name]?.contentDigest;
    const ack = acks.find((item) => item.gateway === id.name);
    if (published === undefined || ack === undefined) return [];
    if (ack.state === 'active' && ack.contentDigest === published) return [];
    const words = `gateway ${id.name} runs ${ack.contentDigest?.slice(0, 12) ?? 'nothing'} (${ack.code ?? ack.state}), published is ${published.slice(0, 12)}`;
    return [{ where: 'gateway', org: head.org, gateway: id.name, published, acknowledged: ack.contentDigest, words }];
  });
}

function filesWords(what: string, [first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  return [`${what}: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`];
}

/** Published files that are not where, or not as, they were put. */
async function astray({ publisher }: DriftParts, { uid }: OrgHead, publication: Publication): Promise<Astray> {
  const listed = new Map((await publisher.list(uid)).map(({ path, bytes }) => [path, bytes]));
  return comparePublished({ org: uid, publisher, publication, listed });
}

/**
 * What is due is published; where files are gone or changed, all of them are put again, in the place of what lies there.
 * A root is never written over: who put another one in its place has to be found first (PUBLISH_ROOT_CHANGED).
 */
async function publishAll(parts: DriftParts, head: OrgHead): Promise<void> {
  await publishOne(parts, head.org);
  const publication = await parts.store.publication(head.org);
  if (publication === undefined) return;
  const { gone, changed } = await astray(parts, head, publication);
  const paths = [...gone, ...changed].filter((path) => !isRootFile(path) && path !== TIMESTAMP_FILE);
  if (gone.length + changed.length === 0) return;
  await leasedPublisher(parts).remove(head.uid, paths);
  await publishAnew(parts, head.org);
}

/** Committed or edited manifests that are not what the inputs render to, in the work tree, and orgs of which that cannot be told. */
async function repositoryDrift(
  parts: DriftParts,
  heads: readonly OrgHead[],
  orgs: readonly OrgSlug[] | null,
): Promise<readonly Drift[]> {
  const frame = await openFrame({ tree: parts.repository.workTree(), isStrict: () => false, counters: zeroCounters() });
  const gone: OrgHead[] = [];
  for (const head of heads) if (!frame.orgTrees.has(head.org) && (await isApplied(parts, head))) gone.push(head);
  const loaded = await loadOrgs(
    frame,
    (orgs ?? [...frame.orgTrees.keys()]).filter((org) => frame.orgTrees.has(org)),
  );
  const missing = gone.map(({ org }): Drift => {
    const words = `orgs/${org} is not in the work tree, and the org is applied: bring it back, or apply the commit that removes it`;
    return { where: 'repository', org, paths: [], words };
  });
  return [...missing, ...loaded.flatMap((item) => treeDrift(parts, item))];
}

/** False for the fleet's own objects, and for an org whose removal was applied. */
async function isApplied({ store }: DriftParts, { org }: OrgHead): Promise<boolean> {
  return org !== FLEET_ORG && ofKind((await store.observe(org))?.objects ?? [], 'Organization').length > 0;
}

function treeDrift(parts: DriftParts, item: LoadedOrg): readonly Drift[] {
  if (item.desired === null) {
    const [first] = item.findings;
    const why = first === undefined ? '' : `: ${first.place.file}:${first.place.line} ${first.message}`;
    const words = `what org.yaml renders to cannot be told${why}`;
    return [{ where: 'repository', org: item.org, paths: [], words }];
  }
  const { missing, extra, differing } = staleness(item, parts.hash);
  const paths = [...missing, ...extra, ...differing];
  const manifests = paths.length === 1 ? '1 generated manifest is' : `${paths.length} generated manifests are`;
  const words = `${manifests} not what org.yaml renders to`;
  return paths.length === 0 ? [] : [{ where: 'repository', org: item.org, paths, words }];
}

interface HealWork {
  readonly drifts: readonly Drift[];
  readonly heads: readonly OrgHead[];
  readonly orgs: readonly OrgSlug[] | null;
  readonly write: WriteTree;
}

async function heal(parts: DriftParts, work: HealWork): Promise<Pick<DriftReport, 'healed' | 'written'>> {
  const healed: OrgOutcome[] = [];
  for (const head of work.heads) {
    const mine = work.drifts.filter((item) => item.org === head.org);
    if (mine.some((item) => item.where === 'store')) {
      const report = await apply(parts, { commit: head.commit, orgs: [head.org], expect: null, heal: true });
      healed.push(...report.orgs);
    }
    if (mine.some((item) => item.where === 'published')) await publishAll(parts, head).catch(leaveDrifted(parts, head));
    if (mine.some((item) => item.where === 'gateway')) parts.wake(head.uid);
  }
  const stale = work.drifts.some((item) => item.where === 'repository');
  if (!stale) return { healed, written: [] };
  const { written } = await render(parts.hash, {
    tree: parts.repository.workTree(),
    orgs: work.orgs,
    write: work.write,
  });
  return { healed, written };
}
