import { FLEET_ORG, type MoneyMoved, type OrgSlug, type Reach, type Untouched } from '../../model/index.ts';
import { counted, few } from '../text.ts';
import type { ChangeReport } from './change-report.ts';

const SHOWN_ORGS = 5;

/** "orgs 1 of 1000 (0.1 %): acme, 1 gateway, 0 tokens, 1 wallet; limits +50 EUR"; `more` is said of the orgs. */
export function reachText(reach: Reach, report: Pick<ChangeReport, 'orgs'>, more = ''): string {
  const { gateways, tokens, wallets, money } = reach;
  const counts = `${counted(gateways, 'gateway')}, ${counted(tokens, 'token')}, ${counted(wallets, 'wallet')}`;
  return `orgs ${orgsReached(reach, report)}${more === '' ? ', ' : `${more}; `}${counts}; limits ${moneyText(money)}`;
}

/** "1 of 1000 (0.1 %)", with the names where they are few and all of them change themselves. */
function orgsReached({ orgs, orgsInFleet }: Reach, report: Pick<ChangeReport, 'orgs'>): string {
  const names = changingOrgs(report);
  const told = names.length > 0 && names.length <= 3 && names.length === orgs ? `: ${names.join(', ')}` : '';
  return `${orgs} of ${orgsInFleet} (${shareText(orgs, orgsInFleet)})${told}`;
}

/** The orgs that change, without the fleet's own settings. */
export function changingOrgs(report: Pick<ChangeReport, 'orgs'>): readonly OrgSlug[] {
  return report.orgs.filter(({ org, changes }) => org !== FLEET_ORG && changes.length > 0).map(({ org }) => org);
}

/** "+300 EUR, +50 -20 USD"; "none" where no limit moves. */
function moneyText(money: readonly MoneyMoved[]): string {
  const told = money.map(({ currency, upMicros, downMicros }) => {
    const sides = [
      ...(upMicros === 0n ? [] : [`+${amount(upMicros)}`]),
      ...(downMicros === 0n ? [] : [`-${amount(downMicros)}`]),
    ];
    return `${sides.join(' ')} ${currency}`;
  });
  return told.length === 0 ? 'none' : told.join(', ');
}

/** What is proved of all other orgs, in one line. */
export function untouchedText(untouched: Untouched): string {
  const { compared, byInputs, byRender, affected, unproved, carried, sameSettings } = untouched;
  const how = `compared ${counted(compared, 'org')}: ${byInputs} by input digest, ${byRender} by render`;
  const settings =
    sameSettings || carried.length > 0 ? '' : '; settings or prices change that no bundle of theirs carries';
  if (isProved(untouched)) return `ok: rendered state byte-identical (${how})${settings}`;
  const moved =
    affected.length === 0 ? [] : [`${affected.length} change though nothing written for them does: ${named(affected)}`];
  const unknown = unproved.length === 0 ? [] : [`${unproved.length} could not be compared: ${named(unproved)}`];
  const shared =
    carried.length === 0
      ? []
      : [`${carried.length} get new bundles by settings or prices that all share: ${named(carried)}`];
  return `not ok: ${[...moved, ...unknown, ...shared].join('; ')} (${how})${settings}`;
}

/** True when no org beside those whose folder changes is affected, nor gets another bundle. */
export function isProved({ affected, unproved, carried }: Untouched): boolean {
  return affected.length === 0 && unproved.length === 0 && carried.length === 0;
}

/** Who a group is for: by name, or by who of the changing orgs it is not for. */
export function orgsText(orgs: readonly OrgSlug[], changing: readonly OrgSlug[], shown: number): string {
  const inGroup = new Set(orgs);
  const missing = orgs.length > shown ? changing.filter((org) => !inGroup.has(org)) : [];
  if (missing.length === 0 || missing.length > shown || orgs.length <= missing.length) return few(orgs, shown);
  return `all that change but ${missing.join(', ')}`;
}

function named(orgs: readonly OrgSlug[]): string {
  return few(orgs, SHOWN_ORGS);
}

function shareText(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  return `${percent < 10 ? Math.max(0.1, Math.round(percent * 10) / 10) : Math.round(percent)} %`;
}

function amount(micros: bigint): string {
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const cents = fraction.length === 0 ? '' : `.${fraction.padEnd(2, '0')}`;
  return `${micros / 1_000_000n}${cents}`;
}
