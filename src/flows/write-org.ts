import {
  contentDigestOf,
  type DesiredObject,
  type Hash,
  type Json,
  type JsonObject,
  type ObservedOrg,
  type OrgSlug,
  objectKey,
  ofKind,
  type Plan,
  type Sha256Hex,
} from '../core/model/index.ts';
import type { OrgTransaction } from '../ports/index.ts';
import { type AppliedCommit, drifted, type Held, hold, type Step } from './hold.ts';
import { inputDigest } from './org.ts';
import { isTampered, type PlanParts, rehashed } from './plan.ts';
import type { PublishParts } from './publish/index.ts';
import { ownTrouble } from './trouble.ts';

export type WriteParts = PlanParts & PublishParts;

/** How one org came out. `held` orgs are untouched; the reason is a code and words. */
export type OrgOutcome =
  | {
      readonly org: OrgSlug;
      readonly outcome: 'applied';
      readonly generation: number;
      readonly changes: number;
      readonly planDigest: Sha256Hex;
    }
  | ({ readonly org: OrgSlug; readonly outcome: 'held' } & Held);

/** On whose word an org is written. */
export interface Word {
  readonly approval: string | null;
  /** Digest of the fleet's part of bundles, as it is applied now. */
  readonly settings: Sha256Hex;
}

/** What one transaction writes. */
interface Work extends Word {
  readonly parts: WriteParts;
  readonly step: Step;
}

/** Writes one org in one transaction: rows, head, history and policy versions, or nothing of them. */
export async function writeOrg(parts: WriteParts, step: Step, word: Word): Promise<OrgOutcome> {
  const { org } = step.one.plan;
  try {
    return await parts.store.transact(org, (tx) => write(tx, { ...word, parts, step }), parts.fence);
  } catch (cause) {
    const known = ownTrouble(cause);
    if (known === undefined) throw cause;
    return { org, outcome: 'held', ...hold(known.code, known.message) };
  }
}

async function write(tx: OrgTransaction, work: Work): Promise<OrgOutcome> {
  const { parts, step } = work;
  const { plan: item, template } = step.one;
  const observed = await tx.observe();
  const moved = movedSince(item, observed, parts.hash);
  if (moved !== null) return { org: item.org, outcome: 'held', ...moved };
  const generation = Math.max(item.base.generation, await tx.highestGeneration(item.uid)) + 1;
  await writeChanges(tx, item, generation);
  await tx.putHead({
    org: item.org,
    uid: item.uid,
    generation,
    contentDigest: item.desiredDigest,
    commit: item.commit,
    appliedAtMs: parts.clock.nowMs(),
    template,
    inputDigest: inputDigest(step.report.frame, { org: item.org, template, settings: work.settings }, parts.hash),
  });
  await record(tx, work, generation);
  return { org: item.org, outcome: 'applied', generation, changes: item.changes.length, planDigest: item.planDigest };
}

/** Why the rows are not those that the plan was made from, or null: changes are written over what was compared, or not at all. */
function movedSince(item: Plan, observed: ObservedOrg | undefined, hash: Hash): Held | null {
  const { generation, contentDigest } = item.base;
  const found = observed?.generation ?? 0;
  if (found !== generation)
    return hold('PLAN_STALE', `${item.org} moved from generation ${generation} to ${found} meanwhile`);
  if (observed === undefined || contentDigest === null) return null;
  return contentDigestOf(rehashed(observed, hash).objects, hash) === contentDigest ? null : drifted(item.org);
}

async function writeChanges(tx: OrgTransaction, item: Plan, generation: number): Promise<void> {
  const changed = new Set(
    item.changes.flatMap((change) => (change.kind === 'delete' ? [] : [objectKey(change.after.id)])),
  );
  for (const change of item.changes) {
    if (change.kind === 'delete') await tx.deleteObject(change.before.id);
    if (change.kind === 'rename') await tx.deleteObject(change.from);
  }
  for (const object of item.desired) {
    if (changed.has(objectKey(object.id))) await tx.putObject(object, generation);
  }
}

async function record(tx: OrgTransaction, work: Work, generation: number): Promise<void> {
  const { parts, step, approval } = work;
  const { facts, ask } = step;
  const item = step.one.plan;
  const words = item.changes.map(
    (change): Json => ({ kind: change.kind, object: change.key, words: change.fields.map((field) => field.words) }),
  );
  await tx.appendHistory({
    at: parts.clock.nowMs(),
    actor: facts.author,
    action: actionOf(item, ask),
    generation,
    commit: item.commit,
    approval,
    changeDigest: item.changeDigest,
    planDigest: item.planDigest,
    detail: { ...saidOf(facts), changes: words },
  });
  for (const object of item.desired) await addVersion(tx, work, { object, generation });
}

/** What was said of a commit: its subject, and of a merge what the change itself said, and who made that. */
function saidOf({ subject, brought }: AppliedCommit): JsonObject {
  if (brought === undefined) return { subject };
  return { subject, merged: { commit: brought.id, author: brought.author, subject: brought.subject } };
}

function actionOf({ desired }: Plan, { heal }: Step['ask']): 'apply' | 'heal' | 'offboard' {
  if (heal) return 'heal';
  return desired.length === 0 ? 'offboard' : 'apply';
}

async function addVersion(
  tx: OrgTransaction,
  { parts, step }: Work,
  { object, generation }: { readonly object: DesiredObject; readonly generation: number },
): Promise<void> {
  const policy = ofKind([object], 'Policy')[0];
  if (policy === undefined) return;
  const pack = policy.document.spec.document['pack'] as { readonly version: string };
  const change = step.one.plan.changes.find((item) => item.key === objectKey(object.id));
  await tx.addPolicyVersion({
    environment: object.id.environment ?? '',
    name: object.id.name,
    generation,
    commit: step.one.plan.commit,
    author: step.facts.author,
    changeDetail: change?.fields.map((field) => field.words).join('; ') ?? '',
    digest: object.digest,
    packVersion: pack.version,
    at: parts.clock.nowMs(),
  });
}

/**
 * Remembers inputs that moved without changing an object of the org, so that the next pass does not render it again.
 * Where the fleet's settings moved its bundles (a price), the org gets a generation of its own for them. Rows that say what the
 * commit says without having been applied are held (DRIFT_FIRST): the commit went through no judgement yet.
 */
export async function rememberInputs(
  parts: WriteParts,
  { report, facts }: Pick<Step, 'report' | 'facts'>,
  ask: { readonly org: OrgSlug; readonly restate: boolean; readonly settings: Sha256Hex },
): Promise<OrgOutcome | null> {
  const { org, restate, settings } = ask;
  const head = report.heads.get(org);
  if (head === undefined) return null;
  const template = report.unchanged.get(org) ?? '';
  const digest = inputDigest(report.frame, { org, template, settings }, parts.hash);
  if (head.inputDigest === digest && !restate) return null;
  const work = async (tx: OrgTransaction): Promise<OrgOutcome | null> => {
    const observed = await tx.observe();
    if (observed !== undefined && isTampered(observed, parts.hash)) return { org, outcome: 'held', ...drifted(org) };
    const generation = restate ? Math.max(head.generation, await tx.highestGeneration(head.uid)) + 1 : head.generation;
    await tx.putHead({ ...head, template, inputDigest: digest, generation });
    if (!restate) return null;
    const detail = { ...saidOf(facts), changes: [], settings: 'prices or defaults of the fleet' };
    const nothing = { approval: null, changeDigest: null, planDigest: null };
    const entry = { actor: facts.author, action: 'apply', commit: report.fleet.commit, ...nothing } as const;
    await tx.appendHistory({ ...entry, at: parts.clock.nowMs(), generation, detail });
    return null;
  };
  return parts.store.transact(org, work, parts.fence);
}
