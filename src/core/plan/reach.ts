import { references } from '../kinds/index.ts';
import {
  byCodeUnit,
  type Change,
  FLEET_ORG,
  type MoneyMoved,
  type ObjectSide,
  type OrgDiff,
  objectKey,
  type Reach,
  valueAt,
} from '../model/index.ts';
import { currencyOf } from './fields.ts';
import { sideOf } from './order.ts';

/** An org's diff with all of its objects on both sides: gateways are reached through what they use. */
export interface ReachInput {
  readonly diff: OrgDiff;
  readonly base: readonly ObjectSide[];
  readonly head: readonly ObjectSide[];
}

/** How far a change reaches. `orgsInFleet` counts the orgs of both sides. */
export function reachOf(inputs: readonly ReachInput[], orgsInFleet: number): Reach {
  const changes = inputs.flatMap(({ diff }) => diff.changes);
  const count = (kind: string): number => changes.filter((change) => sideOf(change).id.kind === kind).length;
  return {
    orgs: inputs.filter(({ diff }) => diff.org !== FLEET_ORG && diff.changes.length > 0).length,
    orgsInFleet,
    gateways: inputs.reduce((sum, input) => sum + gatewaysReached(input), 0),
    tokens: count('Token'),
    wallets: count('Wallet'),
    money: moneyMoved(changes),
  };
}

/** What changed, by `<kind>/<name>`: a reference names no environment, so every object of that name counts. */
function gatewaysReached({ diff, base, head }: ReachInput): number {
  if (diff.changes.length === 0) return 0;
  const changed = new Set(diff.changes.map((change) => nameOf(sideOf(change))));
  const opened = new Set(
    diff.changes.flatMap((change) => sidesOf(change).filter(({ id }) => id.kind === 'Token')).flatMap(gatewaysOf),
  );
  const isReached = (side: ObjectSide): boolean =>
    changed.has(nameOf(side)) ||
    opened.has(side.id.name) ||
    references(side.id.kind, side.document).some(({ kind, name }) => changed.has(`${kind}/${name}`));
  const gateways = [...base, ...head].filter(({ id }) => id.kind === 'Gateway').filter(isReached);
  return new Set(gateways.map(({ id }) => objectKey(id))).size;
}

function sidesOf(change: Change): readonly ObjectSide[] {
  switch (change.kind) {
    case 'create':
      return [change.after];
    case 'delete':
      return [change.before];
    case 'update':
    case 'rename':
      return [change.before, change.after];
  }
}

function nameOf({ id }: ObjectSide): string {
  return `${id.kind}/${id.name}`;
}

function gatewaysOf({ id, document }: ObjectSide): readonly string[] {
  return references(id.kind, document)
    .filter(({ kind }) => kind === 'Gateway')
    .map(({ name }) => name);
}

function moneyMoved(changes: readonly Change[]): readonly MoneyMoved[] {
  const sums = new Map<string, { up: bigint; down: bigint }>();
  const add = (currency: string, micros: bigint): void => {
    if (micros === 0n) return;
    const sum = sums.get(currency) ?? { up: 0n, down: 0n };
    if (micros > 0n) sum.up += micros;
    else sum.down -= micros;
    sums.set(currency, sum);
  };
  for (const change of changes.filter((item) => sideOf(item).id.kind === 'Wallet')) {
    const [before, after] = ['before' in change ? change.before : null, 'after' in change ? change.after : null];
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

function limitOf(side: ObjectSide | null): { readonly currency: string; readonly micros: bigint } {
  const limit = side === null ? undefined : valueAt(side.document, '/spec/limit');
  if (side === null || typeof limit !== 'string') return { currency: '', micros: 0n };
  return { currency: currencyOf(side.document), micros: microsOf(limit) };
}

/** A decimal string of at most six places, as the schema of money allows, in millionths. */
function microsOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(6, '0').slice(0, 6)}`);
}
