import { pathOf } from '../core/kinds/index.ts';
import {
  type CommitId,
  checkedInstantMs,
  type Hazard,
  type Manifest,
  type OrgSlug,
  ofKind,
  type RepoPath,
  type Sha256Hex,
  sha256Hex,
  type Typed,
} from '../core/model/index.ts';
import { type Acceptance, type ApprovalFacts, mapDigest } from '../core/plan/index.ts';
import type { AcceptedHazard } from '../core/report/index.ts';
import type { CommitFacts, CommitRange, SigningKey } from '../ports/index.ts';
import type { PlanParts } from './plan.ts';

export type AcceptanceParts = Pick<PlanParts, 'repository' | 'hash'>;

/** Everything that orgs are made of: whoever wrote in it is an author. */
export const AUTHORED_PATHS = ['fleet.yaml', 'prices', 'orgs', 'templates'] as readonly string[] as readonly RepoPath[];

/** Which Approvals may accept the hazards of one change. */
export interface AcceptanceAsk {
  readonly approvals: readonly Manifest[];
  /** The newest commit: approvals stand, and were written, on its first-parent line. */
  readonly newest: CommitId;
  /** The commits of the change, with the files that are the change: who only wrote an approval is no author of it. */
  readonly change: readonly ChangeRange[];
  /** Of the last applied fleet.yaml; empty: identity is as strong as the forge's branch protection. */
  readonly keys: readonly SigningKey[];
}

export interface ChangeRange extends CommitRange {
  readonly paths: readonly RepoPath[];
}

export interface ValidApprovals {
  readonly facts: readonly ApprovalFacts[];
  /** Why the others do not count, for the people who wrote them. */
  readonly refused: readonly string[];
}

/**
 * The Approvals that count for a change (rulings 13): named by the digest of what they list, every commit that wrote
 * them by nobody who wrote or committed part of the change, and, where keys are configured, signed by the approver.
 */
export async function validApprovals(parts: AcceptanceParts, ask: AcceptanceAsk): Promise<ValidApprovals> {
  const approvals = ofKind(ask.approvals, 'Approval');
  if (approvals.length === 0) return { facts: [], refused: [] };
  const authors = (await Promise.all(ask.change.map((range) => parts.repository.authors(range, range.paths)))).flat();
  const facts: ApprovalFacts[] = [];
  const refused: string[] = [];
  for (const approval of approvals) {
    const { spec } = approval.document;
    const path = pathOf(null, approval.id);
    const reason = await reasonToRefuse(parts, ask, { approval, path, authors });
    if (reason !== null) refused.push(`${path} does not count: ${reason}`);
    else
      facts.push({
        name: approval.id.name,
        changes: spec.changes,
        hazards: spec.hazards,
        approver: spec.approver,
        authors: spec.author === undefined ? [] : [spec.author],
        expiresMs: checkedInstantMs(spec.expires),
      });
  }
  return { facts, refused };
}

/** {org: changeDigest} of the orgs of a change. */
export type ChangesOf = ReadonlyMap<OrgSlug, Sha256Hex>;

/** The Approvals that list a digest of a change: others are about something else, and who wrote them is nobody's matter here. */
export function approvalsAbout(all: readonly Manifest[], changes: ChangesOf): readonly Manifest[] {
  return all.filter((item) => ofKind([item], 'Approval').some((approval) => isAbout(approval, changes)));
}

function isAbout(approval: Typed<'Approval'>, changes: ChangesOf): boolean {
  return listedBy(approval, changes, (listed, digest) => listed === digest).length > 0;
}

const MOST_FORMER = 3;

/** Why Approvals that people may count on do not do: they have run out, or accept the same dangers of another change. */
export function fallenShort(
  of: { readonly all: readonly Manifest[]; readonly changes: ChangesOf; readonly open: readonly Hazard[] },
  nowMs: number,
): readonly string[] {
  const { all, changes, open } = of;
  const ids = new Set(open.map(({ id }) => id));
  const accepting = ofKind(all, 'Approval').filter(({ document }) =>
    document.spec.hazards.some(({ id }) => ids.has(id)),
  );
  const isLate = ({ document }: Typed<'Approval'>) => checkedInstantMs(document.spec.expires) <= nowMs;
  const late = accepting.filter((item) => isAbout(item, changes) && isLate(item));
  const former = accepting.filter(
    (item) => !isAbout(item, changes) && !isLate(item) && listedBy(item, changes, () => true).length === changes.size,
  );
  return [
    ...late.map(({ id, document }) => `${pathOf(null, id)} has expired (${document.spec.expires})`),
    ...former
      .slice(0, MOST_FORMER)
      .map(({ id }) => `${pathOf(null, id)} accepts that in another change, and not in what this one is by now`),
  ];
}

/** The orgs of a change that an Approval lists under a digest of which that holds. */
function listedBy(
  { document }: Typed<'Approval'>,
  changes: ChangesOf,
  holds: (listed: string, digest: Sha256Hex) => boolean,
): readonly OrgSlug[] {
  const spec: { readonly [org: string]: string } = document.spec.changes;
  return [...changes].flatMap(([org, digest]) => {
    const listed = Object.hasOwn(spec, org) ? spec[org] : undefined;
    return listed !== undefined && holds(listed, digest) ? [org] : [];
  });
}

interface Candidate {
  readonly approval: Typed<'Approval'>;
  readonly path: RepoPath;
  readonly authors: readonly string[];
}

async function reasonToRefuse(
  parts: AcceptanceParts,
  ask: AcceptanceAsk,
  { approval, path, authors }: Candidate,
): Promise<string | null> {
  const { spec } = approval.document;
  const changes = Object.entries(spec.changes) as [OrgSlug, Sha256Hex][];
  if (mapDigest(new Map(changes), parts.hash) !== approval.id.name)
    return 'its name is not the digest of its spec.changes';
  const writers = await parts.repository.writtenBy(path, ask.newest);
  if (writers.length === 0) return 'no commit of this branch wrote it';
  const own = writers.find((commit) => isByAuthor(commit, authors));
  if (own !== undefined) return `${own.author} wrote it (commit ${own.id.slice(0, 12)}) and is an author of the change`;
  if (ask.keys.length === 0) return null;
  for (const commit of writers) {
    const owner = await parts.repository.signedBy(commit.id, ask.keys);
    if (owner === undefined)
      return `commit ${commit.id.slice(0, 12)} is not signed by a key of fleet.yaml's signingKeys`;
    if (owner.toLowerCase() !== spec.approver.toLowerCase()) return `${owner} signed it, and it names ${spec.approver}`;
  }
  return null;
}

/** A forge that merges in its web interface is the committer of everybody's commits, so it says nothing about who. */
const FORGE_COMMITTERS: ReadonlySet<string> = new Set(['noreply@github.com']);

function isByAuthor(commit: CommitFacts, authors: readonly string[]): boolean {
  const known = new Set(authors.map(identity).filter((name) => !FORGE_COMMITTERS.has(name)));
  return known.has(identity(commit.author)) || known.has(identity(commit.committer));
}

/** Who `Name <address>` is: the address, whatever the name says. */
function identity(person: string): string {
  return (/<([^<>]*)>$/.exec(person)?.[1] ?? person).toLowerCase();
}

/** Accepted hazards of an org as reports show them. */
export function acceptedOf(org: OrgSlug, { accepted }: Acceptance): readonly AcceptedHazard[] {
  return accepted.flatMap(({ hazard, approval, approver }) => {
    const name = sha256Hex(approval);
    return name === undefined ? [] : [{ org, id: hazard.id, approval: name, approver }];
  });
}
