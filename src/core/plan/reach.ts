import { references } from '../kinds/index.ts';
import {
  byCodeUnit,
  type Change,
  FLEET_ORG,
  type Kind,
  type MoneyMoved,
  type ObjectId,
  type ObjectKey,
  type ObjectSide,
  type OrgDiff,
  objectKey,
  type Reach,
  valueAt,
} from '../model/index.ts';
import { currencyOf, microsOf } from './fields.ts';

/** An object as far as reach looks at it. */
type Side = Pick<ObjectSide, 'id' | 'document'>;

/** An org's diff with all of its objects on both sides: gateways are reached through what they use. */
export interface ReachInput {
  readonly diff: Pick<OrgDiff, 'org' | 'changes'>;
  readonly base: readonly Side[];
  readonly head: readonly Side[];
  /** Gateways whose bundles change by what all orgs share. */
  readonly carried?: ReadonlySet<ObjectKey>;
}

/** How far several changes reach together, of different orgs each. */
export function joinReaches(reaches: readonly Reach[], orgsInFleet: number): Reach {
  const sum = (of: (reach: Reach) => number): number => reaches.reduce((total, reach) => total + of(reach), 0);
  return {
    orgs: sum(({ orgs }) => orgs),
    orgsInFleet,
    gateways: sum(({ gateways }) => gateways),
    tokens: sum(({ tokens }) => tokens),
    wallets: sum(({ wallets }) => wallets),
    money: joinMoney(reaches.flatMap(({ money }) => money)),
  };
}

function joinMoney(moved: readonly MoneyMoved[]): readonly MoneyMoved[] {
  const sums = new Map<string, MoneyMoved>();
  for (const { currency, upMicros, downMicros } of moved) {
    const sum = sums.get(currency) ?? { currency, upMicros: 0n, downMicros: 0n };
    sums.set(currency, { currency, upMicros: sum.upMicros + upMicros, downMicros: sum.downMicros + downMicros });
  }
  return [...sums.values()].sort((a, b) => byCodeUnit(a.currency, b.currency));
}

/** How far a change reaches. `orgsInFleet` counts the orgs of both sides. */
export function reachOf(inputs: readonly ReachInput[], orgsInFleet: number): Reach {
  const changes = inputs.flatMap(({ diff }) => diff.changes);
  const count = (kind: string): number => changes.filter((change) => idOf(change).kind === kind).length;
  return {
    orgs: inputs.filter(isReached).length,
    orgsInFleet,
    gateways: inputs.reduce(
      (sum, input) => sum + new Set([...gatewaysReached(input), ...(input.carried ?? [])]).size,
      0,
    ),
    tokens: count('Token'),
    wallets: count('Wallet'),
    money: moneyMoved(inputs),
  };
}

function isReached({ diff, carried }: ReachInput): boolean {
  return diff.org !== FLEET_ORG && (diff.changes.length > 0 || (carried?.size ?? 0) > 0);
}

/**
 * Gateways that change, refer to what is reached, or are opened by a token that is. References go by `<kind>/<name>`: they
 * name no environment, so every object of that name counts, and the number is never too small.
 */
function gatewaysReached({ diff, base, head }: ReachInput): readonly ObjectKey[] {
  if (diff.changes.length === 0) return [];
  const sides = [...base, ...head];
  const reached = withUsers(new Set(diff.changes.map((change) => nameOf({ id: idOf(change) }))), sides);
  const tokens = sides.filter((side) => side.id.kind === 'Token' && reached.has(nameOf(side)));
  const opened = new Set(tokens.flatMap(gatewaysOf));
  const isOf = (side: Side): boolean =>
    reached.has(nameOf(side)) || opened.has(side.id.name) || refersTo(side, reached);
  const gateways = sides.filter((side) => side.id.kind === 'Gateway' && isOf(side));
  return gateways.map(({ id }) => objectKey(id));
}

const USERS: ReadonlySet<Kind> = new Set(['Wallet', 'Team', 'Token']);

/** What changed, and the wallets, teams and tokens that stand on it: a wallet below another, a token that it pays. */
function withUsers(changed: ReadonlySet<string>, sides: readonly Side[]): ReadonlySet<string> {
  const users = sides.filter(({ id }) => USERS.has(id.kind));
  const reached = new Set(changed);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const side of users) if (refersTo(side, reached)) reached.add(nameOf(side));
  }
  return reached;
}

function refersTo({ id, document }: Side, names: ReadonlySet<string>): boolean {
  return references(id.kind, document).some(({ kind, name }) => kind !== 'Gateway' && names.has(`${kind}/${name}`));
}

/** The object that a change is of: as it will be, or as it was when it goes. */
function idOf(change: Change): ObjectId {
  return change.kind === 'delete' ? change.before.id : change.after.id;
}

function nameOf({ id }: Pick<Side, 'id'>): string {
  return `${id.kind}/${id.name}`;
}

function gatewaysOf({ id, document }: Side): readonly string[] {
  return references(id.kind, document)
    .filter(({ kind }) => kind === 'Gateway')
    .map(({ name }) => name);
}

function moneyMoved(inputs: readonly ReachInput[]): readonly MoneyMoved[] {
  const sums = new Map<string, { up: bigint; down: bigint }>();
  const add = (currency: string, micros: bigint): void => {
    if (micros === 0n) return;
    const sum = sums.get(currency) ?? { up: 0n, down: 0n };
    if (micros > 0n) sum.up += micros;
    else sum.down -= micros;
    sums.set(currency, sum);
  };
  for (const [before, after] of inputs.flatMap(walletPairs)) {
    const [left, right] = [limitOf(before), limitOf(after)];
    if (left.currency === right.currency) add(left.currency, right.micros - left.micros);
    else {
      add(left.currency, -left.micros);
      add(right.currency, right.micros);
    }
  }
  return [...sums]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([currency, { up, down }]) => ({ currency, upMicros: up, downMicros: down }));
}

/** Both sides of each wallet that changes; null where there is none. */
function walletPairs({ diff, base, head }: ReachInput): readonly (readonly [Side | null, Side | null])[] {
  const find = (sides: readonly Side[], id: ObjectId | null): Side | null =>
    (id === null ? undefined : sides.find((side) => objectKey(side.id) === objectKey(id))) ?? null;
  return diff.changes
    .filter((change) => idOf(change).kind === 'Wallet')
    .map((change) => [
      find(base, 'before' in change ? change.before.id : null),
      find(head, 'after' in change ? change.after.id : null),
    ]);
}

function limitOf(side: Side | null): { readonly currency: string; readonly micros: bigint } {
  const limit = side === null ? undefined : valueAt(side.document, '/spec/limit');
  if (side === null || typeof limit !== 'string') return { currency: '', micros: 0n };
  return { currency: currencyOf(side.document), micros: microsOf(limit) };
}
