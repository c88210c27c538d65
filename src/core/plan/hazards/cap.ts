import { type Documents, type Hazard, type ObjectSide, objectKey, ofKind } from '../../model/index.ts';
import { microsOf } from '../fields.ts';
import { type HazardContext, type HazardRule, objectHazard } from './context.ts';

type Wallet = Documents['Wallet']['spec'];
type Wallets = ReadonlyMap<string, Wallet>;

/** One wallet before and after, each among those that it stands with. */
interface Sides {
  readonly name: string;
  readonly before: Wallet;
  readonly after: Wallet;
  readonly wallets: { readonly before: Wallets; readonly after: Wallets };
}

/**
 * A wallet that bounds less than before, though its limit may read the same. A limit that is raised is none: its own words
 * say by how much.
 */
export const capLoosened: HazardRule = {
  code: 'CAP_LOOSENED',
  decide({ base, head }: HazardContext) {
    const wallets = { before: walletsOf(base), after: walletsOf(head) };
    return ofKind(head ?? [], 'Wallet').flatMap(({ id, document: { spec: after } }): Hazard[] => {
      const before = wallets.before.get(id.name);
      if (before === undefined) return [];
      const looser = LOOSENINGS.flatMap((of) => of({ name: id.name, before, after, wallets }) ?? []);
      if (looser.length === 0) return [];
      return [objectHazard('CAP_LOOSENED', objectKey(id), `wallet ${id.name}: ${looser.join('; ')}`)];
    });
  },
};

/** Each way in which a wallet bounds less, in words; null where it does not. */
const LOOSENINGS: readonly ((sides: Sides) => string | null)[] = [
  parentLost,
  periodShortened,
  begunAnew,
  overdraftAllowed,
  paymentRuleLoosened,
];

/** Another wallet may come between; what stood above must still be above. */
function parentLost({ name, before: { parent }, wallets }: Sides): string | null {
  if (parent === undefined || aboveOf(name, wallets.after).has(parent)) return null;
  return `wallet ${parent} is above it no more`;
}

/** The same limit in a shorter period is a higher one; a lower limit is none as long as as many as fit make up no more. */
function periodShortened({ before, after }: Sides): string | null {
  const [was, will] = [before.period.kind, after.period.kind];
  const times = FITTING[was][will];
  if (times !== null && microsOf(after.limit) * times <= microsOf(before.limit)) return null;
  return `${before.limit} ${before.currency} in a ${was} become ${after.limit} ${after.currency} in a ${will}`;
}

/**
 * A balance is of a period by its first day, and of a currency: with another anchor day or currency what was spent counts no more,
 * and again with the next one. Another time zone gives nothing for good: its periods are the same ones, some hours sooner or later.
 */
function begunAnew({ before, after }: Sides): string | null {
  const words = 'begins a balance of nothing, and what was spent counts no more';
  if (before.currency !== after.currency) return `${after.currency} in place of ${before.currency} ${words}`;
  const [was, will] = [before.period, after.period];
  const hasAnchor = will.kind === 'week' || will.kind === 'month';
  if (!hasAnchor || was.kind !== will.kind || was.anchorDay === will.anchorDay) return null;
  return `a ${will.kind} from day ${will.anchorDay} in place of ${was.anchorDay} ${words}`;
}

function overdraftAllowed({ before, after }: Sides): string | null {
  if (after.whenExhausted !== 'allow' || before.whenExhausted === 'allow') return null;
  return `it lets requests through when it is exhausted, and did ${before.whenExhausted} them`;
}

function paymentRuleLoosened({ before, after }: Sides): string | null {
  const isLooser = before.paymentRule === 'all-must-pass' && after.paymentRule !== 'all-must-pass';
  return isLooser ? 'the wallets above it need not pass any more' : null;
}

type Period = Wallet['period']['kind'];

/**
 * How often a limit may be spent, after, in one period of before: as many of the new as can begin in the longest of the old;
 * null where there is no end of them. Zero where the new is no shorter: then the limit alone says what changes.
 */
const FITTING: { readonly [was in Period]: { readonly [will in Period]: bigint | null } } = {
  day: { day: 0n, week: 0n, month: 0n, total: 0n },
  week: { day: 7n, week: 0n, month: 0n, total: 0n },
  month: { day: 31n, week: 5n, month: 0n, total: 0n },
  total: { day: null, week: null, month: null, total: 0n },
};

function walletsOf(sides: readonly ObjectSide[] | null): Wallets {
  return new Map(ofKind(sides ?? [], 'Wallet').map(({ id, document }) => [id.name, document.spec]));
}

/** The wallets above one, up to the top; a circle ends where it began. */
function aboveOf(name: string, wallets: Wallets): ReadonlySet<string> {
  const above = new Set<string>();
  for (let next = wallets.get(name)?.parent; next !== undefined && !above.has(next); next = wallets.get(next)?.parent)
    above.add(next);
  return above;
}
