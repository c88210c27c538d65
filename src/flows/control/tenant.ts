import { type JsonObject, type OrgSlug, ofKind, type Wallet } from '../../core/model/index.ts';
import { formatMoney, parseMoney, periodOf } from '../../core/wallet/index.ts';
import type { Crossing, Page, WalletBalance } from '../../ports/index.ts';
import { isCut, MOST_OF_PAGE, type ShownEvent, shownEvent } from '../evidence/index.ts';
import type { TenantSession } from './authenticate.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';
import { type PageAsk, type PageOf, paged, pageOf } from './page.ts';

type Place = (plane: ControlPlane, session: TenantSession, page: Page) => Promise<PageOf>;

/** Places of an org that its consoles read, always for that org alone (operating model). The key is the path below the org. */
export const PLACES: { readonly [path: string]: Place } = {
  configurations,
  usage,
  events,
  'settings/teams': teams,
  'settings/tokens': tokens,
};

export async function tenantPlace(
  plane: ControlPlane,
  session: TenantSession,
  ask: { readonly place: string; readonly page: PageAsk },
): Promise<Answer<PageOf>> {
  const place = Object.hasOwn(PLACES, ask.place) ? PLACES[ask.place] : undefined;
  if (place === undefined) return refusal(404, 'NOT_FOUND', 'no such resource for this credential');
  const page = pageOf(ask.page);
  return page.ok ? answer(await place(plane, session, page.body)) : page;
}

/** Rows that are all at hand, sorted by their key, as one page. */
function sliced(rows: readonly (readonly [key: string, row: JsonObject])[], page: Page): PageOf {
  const start = page.after === undefined ? 0 : rows.findIndex(([key]) => key > (page.after ?? ''));
  const part = start < 0 ? [] : rows.slice(start, start + page.limit);
  const more = start >= 0 && start + page.limit < rows.length;
  return { items: part.map(([, row]) => row), next: more ? (part.at(-1)?.[0] ?? null) : null };
}

async function configurations(plane: ControlPlane, { head }: TenantSession, page: Page): Promise<PageOf> {
  const publication = await plane.orgs.publication(head.org);
  const acks = await plane.runtime.acks(head.org);
  const rows = await plane.orgs.policyVersions(head.org, page);
  const applied = (await plane.orgs.observe(head.org))?.objects ?? [];
  const gateways = ofKind(applied, 'Gateway');
  return paged(rows, page, {
    cursor: (row) => `${row.environment}/${row.name}/${row.version}`,
    of: (row) => {
      const users = gateways.filter(
        (item) => item.id.environment === row.environment && item.document.spec.policy === row.name,
      );
      return {
        environment: row.environment,
        name: row.name,
        version: row.version,
        packVersion: row.packVersion,
        digest: row.digest,
        commit: row.commit,
        author: row.author,
        changeDetail: row.changeDetail,
        at: row.at,
        generation: row.generation,
        gateways: users.map((item) => ({
          gateway: item.id.name,
          published: publication?.targets[item.id.name]?.contentDigest ?? null,
          acknowledged: acks.find((ack) => ack.gateway === item.id.name)?.contentDigest ?? null,
        })),
      };
    },
  });
}

async function usage(plane: ControlPlane, { head }: TenantSession, page: Page): Promise<PageOf> {
  return sliced(await walletUsage(plane, head.org), page);
}

/** Every wallet of an org by name: its limit, and what the ledger says of the running period. */
export async function walletUsage(
  plane: Pick<ControlPlane, 'orgs' | 'runtime' | 'clock' | 'zoneOffset'>,
  org: OrgSlug,
): Promise<readonly (readonly [name: string, row: JsonObject])[]> {
  const wallets = ofKind((await plane.orgs.observe(org))?.objects ?? [], 'Wallet');
  const balances = await plane.runtime.balances(org);
  const nowMs = plane.clock.nowMs();
  return Promise.all(
    wallets.map(async ({ id: { name }, document: { spec } }) => {
      const { id: period, endMs } = periodOf(spec.period, nowMs, plane.zoneOffset);
      // A wallet may have changed its currency within the period: what was booked before is another account.
      const account = { wallet: name, period, currency: spec.currency };
      const balance = balances.find((item) => isSameAccount(item, account));
      const reached = await plane.runtime.crossings(org, account);
      const row = { wallet: name, ...termsOf(spec), period, periodEnd: endMs, ...amountsOf(spec, balance) };
      return [name, { ...row, thresholds: thresholdsOf(spec, reached) }] as const;
    }),
  );
}

type WalletSpec = Wallet['spec'];
type Account = Pick<WalletBalance, 'wallet' | 'period' | 'currency'>;

function isSameAccount(one: Account, other: Account): boolean {
  return one.wallet === other.wallet && one.period === other.period && one.currency === other.currency;
}

function termsOf({ scope, team, user, parent, currency }: WalletSpec): JsonObject {
  return { scope, team: team ?? null, user: user ?? null, parent: parent ?? null, currency };
}

/** In words and in micro-units. */
function amountsOf({ limit }: WalletSpec, balance: WalletBalance | undefined): JsonObject {
  const limitMicros = parseMoney(limit) ?? 0;
  const { spentMicros = 0, leasedMicros = 0, addedMicros = 0 } = balance ?? {};
  return {
    limit,
    spent: formatMoney(spentMicros),
    leased: formatMoney(leasedMicros),
    added: formatMoney(addedMicros),
    left: formatMoney(Math.max(0, limitMicros + addedMicros - spentMicros - leasedMicros)),
    ...{ limitMicros, spentMicros, leasedMicros, addedMicros },
  };
}

/** Each percentage, and when spending reached it first in the period. */
function thresholdsOf({ thresholds }: WalletSpec, reached: readonly Crossing[]): readonly JsonObject[] {
  return thresholds
    .toSorted((a, b) => a - b)
    .map((percent) => ({ percent, reachedAt: reached.find((item) => item.percent === percent)?.at ?? null }));
}

async function events(plane: ControlPlane, { head }: TenantSession, page: Page): Promise<PageOf> {
  const rows = await plane.runtime.events(head.org, { ...page, most: MOST_OF_PAGE });
  const items = rows.map((row) => eventView(shownEvent(row)));
  return { items, next: isCut(rows, page.limit) ? String(rows.at(-1)?.position) : null };
}

/** An event with where it stands; one that is not of its shape stays apart, so that nothing in it looks like ours. */
function eventView(shown: ShownEvent): JsonObject {
  const { gateway, sequence, hash } = shown;
  const place = { gateway, sequence, hash };
  if ('damaged' in shown) return { ...place, damaged: true };
  if ('misshapen' in shown) return { ...place, misshapen: shown.misshapen, event: shown.event };
  return { ...place, ...(shown.event as unknown as JsonObject) };
}

async function teams(plane: ControlPlane, { head }: TenantSession, page: Page): Promise<PageOf> {
  const objects = (await plane.orgs.observe(head.org))?.objects ?? [];
  const rows = ofKind(objects, 'Team').map(({ id, document: { spec } }) => {
    const row: JsonObject = {
      name: id.name,
      displayName: spec.displayName,
      leads: spec.leads,
      members: spec.members,
      wallet: spec.wallet ?? null,
      delegation: spec.delegation ?? null,
    };
    return [id.name, row] as const;
  });
  return sliced(rows, page);
}

async function tokens(plane: ControlPlane, { head }: TenantSession, page: Page): Promise<PageOf> {
  const objects = (await plane.orgs.observe(head.org))?.objects ?? [];
  const credentials = ofKind(objects, 'Credentials').flatMap((item) => item.document.spec.tokens);
  const rows = ofKind(objects, 'Token').map(({ id, document: { spec } }) => {
    const mine = credentials.filter((item) => item.token === id.name);
    const row: JsonObject = {
      name: id.name,
      displayName: spec.displayName ?? null,
      owner: spec.owner,
      team: spec.team,
      wallet: spec.wallet ?? null,
      gateways: spec.gateways,
      scopes: spec.scopes,
      expires: spec.expires,
      credentials: mine.map((item) => ({ id: item.id, notBefore: item.notBefore, notAfter: item.notAfter })),
    };
    return [id.name, row] as const;
  });
  return sliced(rows, page);
}
