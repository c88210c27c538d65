import type { CompiledPolicy, ModelGroup, Target } from '../../src/core/policy/index.ts';
import type { RefusalCode } from './refusal.ts';

/** Who may answer: targets in tiers, each tried only when the one before it gave no answer. */
export interface Candidates {
  readonly tiers: readonly (readonly Target[])[];
  /** So many of them are asked at most; who is passed over is not asked. */
  readonly most: number;
}

/** What decides who may answer a request. */
export interface RouteQuestion {
  /** Ids that the policies left, in routing order. */
  readonly eligible: readonly string[];
  /** A model or a group that was asked for. */
  readonly model: string | null;
  /** What the caller's token may use: models and groups; null: everything. */
  readonly allowed: readonly string[] | null;
  /** Answers of two models do not compare, as vectors do not: no other model stands in, but for one of the same group. */
  readonly isModelBound: boolean;
}

/**
 * The targets that may answer: those of the group that was asked for and of the groups that follow it, or those that offer
 * the model and, with fallback, the others of the policy. Never one that the policies took out or that the token may not use.
 */
export function candidatesOf(policy: CompiledPolicy, question: RouteQuestion): Candidates | RefusalCode {
  const { model, allowed } = question;
  const { enabled, maxAttempts } = policy.fallback;
  const left = question.eligible.flatMap(
    (id) => policy.targets.find((target) => target.id === id && target.excludedBy === null) ?? [],
  );
  const group = model === null ? undefined : policy.groups.get(model);
  const wanted = group === undefined ? modelTiers(left, question) : groupTiers(policy, left, group);
  const tiers = (enabled ? wanted : wanted.slice(0, 1)).filter(({ targets }) => targets.length > 0);
  if (tiers.length === 0 || (group === undefined && wanted[0]?.targets.length === 0))
    return nobody(policy, model, group);
  const usable = tiers
    .map(({ names, targets }) => {
      const isNamed = names.some((name) => allowed?.includes(name));
      return targets.filter((target) => allowed === null || isNamed || allowed.includes(target.model));
    })
    .filter((targets) => targets.length > 0);
  if (usable.length === 0) return 'model_not_allowed';
  return { tiers: usable, most: enabled ? 1 + maxAttempts : 1 };
}

interface Tier {
  /** Names by which a token may be allowed to use all of it. */
  readonly names: readonly string[];
  readonly targets: readonly Target[];
}

/** Who offers the model, then all others, unless answers are bound to it; without a model everybody, or who has that of the first. */
function modelTiers(left: readonly Target[], { model, isModelBound }: RouteQuestion): readonly Tier[] {
  const wanted = model ?? (isModelBound ? left[0]?.model : undefined);
  if (wanted === undefined) return [{ names: [], targets: left }];
  const offers = (target: Target): boolean => target.model === wanted;
  const first = { names: [], targets: left.filter(offers) };
  return isModelBound ? [first] : [first, { names: [], targets: left.filter((target) => !offers(target)) }];
}

/** The group and those that follow it; a target that stands in two of them is in the first. */
function groupTiers(policy: CompiledPolicy, left: readonly Target[], first: ModelGroup): readonly Tier[] {
  const tiers: Tier[] = [];
  const seen = new Set<string>();
  for (let group: ModelGroup | undefined = first; group !== undefined; ) {
    const { targets } = group;
    const names = [...policy.groups].filter(([, item]) => item === group).map(([name]) => name);
    const own = targets.filter((id) => !seen.has(id)).flatMap((id) => left.find((target) => target.id === id) ?? []);
    tiers.push({ names, targets: own });
    for (const id of targets) seen.add(id);
    group = group.fallback === null ? undefined : policy.groups.get(group.fallback);
  }
  return tiers;
}

/** Why there is nobody: the model is not offered at all, or only by targets that data policy or region rule out. */
function nobody(policy: CompiledPolicy, model: string | null, group: ModelGroup | undefined): RefusalCode {
  const isOffered = policy.targets.some(
    ({ id, model: own, excludedBy }) =>
      (model === null || (group === undefined ? own === model : group.targets.includes(id))) &&
      (excludedBy === null || excludedBy === 'require_region'),
  );
  return isOffered ? 'no_compliant_provider' : 'model_not_found';
}

/** The candidates one after the other, a tier ordered only when it is reached. */
export function* routeOf(
  { tiers }: Candidates,
  order: (tier: readonly Target[]) => readonly Target[],
): Generator<Target, void> {
  for (const tier of tiers) yield* order(tier);
}

/** The names that callers may ask for: models of targets that may be used, and groups that have such a target. */
export function offeredNames(policy: CompiledPolicy, allowed: readonly string[] | null): readonly string[] {
  const used = policy.targets.filter((target) => target.excludedBy === null);
  const isAllowed = (name: string): boolean => allowed === null || allowed.includes(name);
  const models = used.map((target) => target.model).filter(isAllowed);
  const groups = [...policy.groups].filter(([, group]) => {
    const names = [...policy.groups].filter(([, item]) => item === group).map(([name]) => name);
    const targets = used.filter((target) => group.targets.includes(target.id));
    return targets.some((target) => isAllowed(target.model) || names.some(isAllowed));
  });
  return [...new Set([...models, ...groups.map(([name]) => name)])];
}
