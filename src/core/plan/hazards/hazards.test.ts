import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../../host/index.ts';
import {
  type CommitId,
  type DesiredObject,
  type FindingCode,
  FLEET_ORG,
  type Json,
  type JsonObject,
  type OrgDiff,
  type OrgSlug,
} from '../../model/index.ts';
import {
  type ApprovalFacts,
  acceptedFleetHazards,
  acceptedHazards,
  diffOrg,
  fleetHazards,
  hazards,
  type OrgDiffInput,
} from '../index.ts';
import { fleetObject, orgObjects, wholeOrg } from '../objects.testkit.ts';

const limits = { changedOrgsPercent: 20, changedOrgsCount: 3, deletedObjectsPercent: 30, deletedObjectsCount: 4 };
const make = orgObjects('acme');

type Side = readonly DesiredObject[] | null;

function diff(base: Side, head: Side, more: Partial<OrgDiffInput> = {}): OrgDiff {
  return diffOrg({ org: 'acme' as OrgSlug, base, head, limits, ...more }, nodeHash);
}

const ids = (base: Side, head: Side, more: Partial<OrgDiffInput> = {}) =>
  diff(base, head, more).hazards.map(({ id }) => id);
const whole = wholeOrg('acme');
const without = (...keys: string[]) => whole.filter(({ id }) => !keys.includes(`${id.kind}/${id.name}`));
const replaced = (...sides: DesiredObject[]) =>
  whole.map((old) => sides.find(({ id }) => id.kind === old.id.kind && id.name === old.id.name) ?? old);
const fleet = (before: JsonObject, after: JsonObject) =>
  diffOrg({ org: FLEET_ORG, base: [fleetObject(before)], head: [fleetObject(after)], limits }, nodeHash).hazards.map(
    ({ id }) => id,
  );

/** Ids of secrets of ci-deploy with their ends, in seconds of the epoch. */
type Secrets = { readonly [id: string]: number };
const secretsOf = (secrets: Secrets) =>
  make.credentials(
    Object.entries(secrets).map(([id, end]) => ({
      ...{ token: 'ci-deploy', id, digest: 'a'.repeat(64), notBefore: '1970-01-01T00:00:00Z' },
      notAfter: new Date(end * 1000).toISOString().replace('.000', ''),
    })),
  );
/** What is applied, what the commit says, whether that is a danger at second 30; null: of an unknown time. */
const rotations: readonly (readonly [string, Secrets, Secrets, boolean, null?])[] = [
  ['merged after the old secret ended', { old: 90 }, { old: 24, new: 90 }, true],
  ['merged when it ends', { old: 90 }, { old: 30, new: 90 }, true],
  ['of two, of which both have ended', { old: 90, next: 80 }, { old: 24, next: 20, new: 90 }, true],
  ['merged while the old secret works', { old: 90 }, { old: 31, new: 90 }, false],
  ['while another one goes on', { old: 90, other: 90 }, { old: 24, other: 90, new: 90 }, false],
  ['of a secret that had ended anyway', { old: 20 }, { old: 20, new: 90 }, false],
  ['that takes the old secret away, as somebody says', { old: 90 }, { new: 90 }, false],
  ['that is none: an end without a new secret', { old: 90 }, { old: 24 }, false],
  ['of a commit whose time is not known', { old: 90 }, { old: 24, new: 90 }, false, null],
];

/** What changes of a wallet of 500 EUR a month that stands below another, and whether it then bounds less. */
const ABOVE = { scope: 'team', team: 'support', parent: 'main', paymentRule: 'all-must-pass' };
const month = { timeZone: 'Europe/Berlin', anchorDay: 1 };
type Said = { readonly [field: string]: Json | undefined };
const caps: readonly (readonly [what: string, before: Said, after: Said, isLooser: boolean])[] = [
  ['nothing above it', {}, { parent: undefined }, true],
  ['another wallet above it', {}, { parent: 'other' }, true],
  ['one more wallet between', {}, { parent: 'between' }, false],
  ['the same limit each day', {}, { period: { kind: 'day', ...month } }, true],
  ['a limit that makes more of it in days', {}, { limit: '16.13', period: { kind: 'day', ...month } }, true],
  ['a limit that makes no more of it in days', {}, { limit: '16.12', period: { kind: 'day', ...month } }, false],
  ['a fifth of it each week', {}, { limit: '100', period: { kind: 'week', ...month } }, false],
  ['more than a fifth of it each week', {}, { limit: '100.01', period: { kind: 'week', ...month } }, true],
  [
    'a seventh of a week each day',
    { period: { kind: 'week', ...month } },
    { limit: '71.5', period: { kind: 'day', ...month } },
    true,
  ],
  [
    'a limit for ever that starts anew',
    { period: { kind: 'total', ...month } },
    { limit: '1', period: { kind: 'month', ...month } },
    true,
  ],
  ['the same limit for ever', {}, { period: { kind: 'total', ...month } }, false],
  ['a higher limit', {}, { limit: '501' }, false],
  ['another time zone', {}, { period: { kind: 'month', timeZone: 'UTC', anchorDay: 1 } }, false],
  ['another first day of the month', {}, { period: { kind: 'month', ...month, anchorDay: 15 } }, true],
  [
    'another first day of the week, with a lower limit',
    { period: { kind: 'week', ...month } },
    { limit: '1', period: { kind: 'week', ...month, anchorDay: 2 } },
    true,
  ],
  [
    'another first day of what has none',
    { period: { kind: 'day', ...month } },
    { period: { kind: 'day', ...month, anchorDay: 2 } },
    false,
  ],
  ['another currency', {}, { currency: 'USD' }, true],
  ['requests let through', {}, { whenExhausted: 'allow' }, true],
  ['requests held', {}, { whenExhausted: 'hold' }, false],
  ['requests let through as before', { whenExhausted: 'allow' }, { whenExhausted: 'allow', limit: '9' }, false],
  ['only one that must pay', {}, { paymentRule: undefined }, true],
  ['all that must pay', { paymentRule: 'first-that-can-pay' }, { paymentRule: 'all-must-pass' }, false],
];
const caped = (spec: Said): readonly DesiredObject[] => {
  const said = Object.entries<Json | undefined>({ ...ABOVE, ...spec }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return [
    make.wallet('main', { limit: '9000' }),
    make.wallet('other', { limit: '9000' }),
    make.wallet('between', { limit: '9000', parent: 'main' }),
    make.wallet('support', Object.fromEntries(said)),
  ];
};

type OrgCase = [FindingCode, string, () => readonly string[], readonly string[]];
const orgCases: readonly OrgCase[] = [
  [
    'MASS_CHANGE',
    'more deletions than the count',
    () => ids([...whole, ...[1, 2, 3, 4, 5].map((n) => make.team(`t${n}`))], whole),
    ['MASS_CHANGE:acme'],
  ],
  [
    'MASS_CHANGE',
    'as many deletions as the limit',
    () => ids([...whole, ...[1, 2].map((n) => make.team(`t${n}`))], whole),
    [],
  ],
  [
    'MASS_CHANGE',
    'a larger share of many',
    () =>
      ids(
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => make.team(`t${n}`)),
        [1, 2, 3, 4, 5, 6].map((n) => make.team(`t${n}`)),
      ),
    ['MASS_CHANGE:acme'],
  ],
  ['MASS_CHANGE', 'a large share of few', () => ids([make.team('a'), make.team('b')], [make.team('a')]), []],
  [
    'WALLET_REMOVED',
    'a wallet of unknown balance',
    () => ids([...whole, make.wallet('spare')], whole),
    ['WALLET_REMOVED:Wallet/spare'],
  ],
  [
    'WALLET_REMOVED',
    'a wallet with a balance',
    () => ids([...whole, make.wallet('spare')], whole, { balances: new Map([['spare', 1]]) }),
    ['WALLET_REMOVED:Wallet/spare'],
  ],
  [
    'WALLET_REMOVED',
    'an empty wallet',
    () => ids([...whole, make.wallet('spare')], whole, { balances: new Map() }),
    [],
  ],
  [
    'WALLET_REMOVED',
    'a renamed wallet',
    () => ids([...whole, make.wallet('old')], [...whole, make.wallet('new')]),
    ['WALLET_REMOVED:Wallet/old'],
  ],
  ['LAST_TOKEN_REMOVED', 'the last token', () => ids(whole, without('Token/ci-deploy')), ['LAST_TOKEN_REMOVED:acme']],
  ['LAST_TOKEN_REMOVED', 'one of two tokens', () => ids([...whole, make.token('other')], whole), []],
  ...rotations.map(([what, before, after, isFound, time]): OrgCase => {
    const decide = () =>
      ids([...whole, secretsOf(before)], [...whole, secretsOf(after)], time === null ? {} : { commitMs: 30_000 });
    return ['ROTATION_WITHOUT_OVERLAP', what, decide, isFound ? ['ROTATION_WITHOUT_OVERLAP:Token/ci-deploy'] : []];
  }),
  [
    'LAST_REVIEWER_REMOVED',
    'the queue',
    () => ids(whole, without('Review/default')),
    ['LAST_REVIEWER_REMOVED:Review/default'],
  ],
  [
    'LAST_REVIEWER_REMOVED',
    'everybody in its team',
    () => ids(whole, replaced(make.team('support', { leads: [], members: [] }))),
    ['LAST_REVIEWER_REMOVED:Review/default'],
  ],
  ['LAST_REVIEWER_REMOVED', 'one of two people', () => ids(whole, replaced(make.team('support', { members: [] }))), []],
  [
    'GATEWAY_REMOVED',
    'a gateway',
    () => ids([...whole, make.gateway('spare')], whole),
    ['GATEWAY_REMOVED:Gateway/production/spare'],
  ],
  [
    'AUDIENCE_CHANGED',
    'the uid',
    () => ids(whole, replaced(make.organization({ uid: '0'.repeat(20) }))),
    ['AUDIENCE_CHANGED:Organization/acme'],
  ],
  [
    'AUDIENCE_CHANGED',
    'a domain',
    () => ids(whole, replaced(make.organization({ domains: [] }))),
    ['AUDIENCE_CHANGED:Organization/acme'],
  ],
  [
    'AUDIENCE_CHANGED',
    'the display name is none',
    () => ids(whole, replaced(make.organization({ displayName: 'Acme Inc' }))),
    [],
  ],
  [
    'AUDIENCE_CHANGED',
    "a gateway's environment",
    () => ids([...whole, make.gateway('g', {}, 'staging')], [...whole, make.gateway('g', {}, 'production')]),
    ['AUDIENCE_CHANGED:Gateway/production/g', 'GATEWAY_REMOVED:Gateway/staging/g'],
  ],
  [
    'TEMPLATE_DOWNGRADE',
    'an older version',
    () => ids(whole, replaced(make.organization({ template: 'baseline@1.1.9' }))),
    ['TEMPLATE_DOWNGRADE:Organization/acme'],
  ],
  [
    'TEMPLATE_DOWNGRADE',
    'another template',
    () => ids(whole, replaced(make.organization({ template: 'other@9.0.0' }))),
    ['TEMPLATE_DOWNGRADE:Organization/acme'],
  ],
  [
    'TEMPLATE_DOWNGRADE',
    'a newer version, by number',
    () => ids(whole, replaced(make.organization({ template: 'baseline@1.10.0' }))),
    [],
  ],
  [
    'TEMPLATE_LOOSENS',
    'a higher limit under an older template',
    () =>
      ids(whole, replaced(make.organization({ template: 'baseline@1.1.0' }), make.wallet('main', { limit: '501' }))),
    ['TEMPLATE_DOWNGRADE:Organization/acme', 'TEMPLATE_LOOSENS:Wallet/main'],
  ],
  [
    'TEMPLATE_LOOSENS',
    'a lower limit under an older template',
    () => ids(whole, replaced(make.organization({ template: 'baseline@1.1.0' }), make.wallet('main', { limit: '99' }))),
    ['TEMPLATE_DOWNGRADE:Organization/acme'],
  ],
  [
    'TEMPLATE_LOOSENS',
    'a later expiry under an older template',
    () =>
      ids(
        whole,
        replaced(
          make.organization({ template: 'baseline@1.1.0' }),
          make.token('ci-deploy', { expires: '2028-01-01T00:00:00Z' }),
        ),
      ),
    ['TEMPLATE_DOWNGRADE:Organization/acme', 'TEMPLATE_LOOSENS:Token/ci-deploy'],
  ],
  ['TEMPLATE_LOOSENS', 'a higher limit alone', () => ids(whole, replaced(make.wallet('main', { limit: '501' }))), []],
  ...caps.map(
    ([what, before, after, isLooser]): OrgCase => [
      'CAP_LOOSENED',
      what,
      () => ids(caped(before), caped({ ...before, ...after })),
      isLooser ? ['CAP_LOOSENED:Wallet/support'] : [],
    ],
  ),
  ['CAP_LOOSENED', 'a new wallet', () => ids([], caped({ whenExhausted: 'allow' })), []],
  [
    'FAIL_OPEN',
    'serving what has expired',
    () => ids(whole, replaced(make.organization({ onExpired: 'keep-serving' }))),
    ['FAIL_OPEN:Organization/acme'],
  ],
  ['FAIL_OPEN', 'blocking what has expired', () => ids(whole, replaced(make.organization({ onExpired: 'block' }))), []],
  [
    'FAIL_OPEN',
    'approval by time',
    () => ids(whole, replaced(make.review('default', { onTimeout: 'approve' }))),
    ['FAIL_OPEN:Review/default'],
  ],
  ['FAIL_OPEN', 'more time', () => ids(whole, replaced(make.review('default', { slaMinutes: 120 }))), []],
  ['ORG_OFFBOARDED', 'a retired org', () => ids([make.organization(), make.team('t')], null), ['ORG_OFFBOARDED:acme']],
  [
    'PLATFORM_ACCESS',
    'an owner removed',
    () => fleet({}, { owners: { platform: ['@ana'] } }),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  [
    'PLATFORM_ACCESS',
    'an owner added',
    () => fleet({}, { owners: { platform: ['@ana', '@ben', '@eve'] } }),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  [
    'PLATFORM_ACCESS',
    'a limit raised',
    () => fleet({}, { limits: { ...limits, changedOrgsCount: 9999 } }),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  [
    'PLATFORM_ACCESS',
    'limits lowered',
    () =>
      fleet(
        {},
        { limits: { changedOrgsPercent: 1, changedOrgsCount: 1, deletedObjectsPercent: 1, deletedObjectsCount: 1 } },
      ),
    [],
  ],
  [
    'PLATFORM_ACCESS',
    'a freeze lifted',
    () => fleet({ freeze: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-05T00:00:00Z', reason: 'holidays' }] }, {}),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  [
    'PLATFORM_ACCESS',
    'a freeze set',
    () => fleet({}, { freeze: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-05T00:00:00Z', reason: 'holidays' }] }),
    [],
  ],
  [
    'PLATFORM_ACCESS',
    'a staff token added',
    () => fleet({}, { staffTokens: [{ id: 'abcd', digest: '0'.repeat(64), notAfter: '2027-01-05T00:00:00Z' }] }),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  [
    'PLATFORM_ACCESS',
    'serving stale configuration',
    () => fleet({}, { onExpired: 'keep-serving' }),
    ['PLATFORM_ACCESS:Fleet/demo'],
  ],
  ['PLATFORM_ACCESS', 'another display name', () => fleet({}, { displayName: 'Demo fleet' }), []],
];

describe('hazards of one org', () => {
  test.each(orgCases)('%s: %s', (_, __, found, expected) => {
    expect(found()).toEqual(expected);
  });

  test('every rule of the list has a case that raises it and one that does not', () => {
    for (const { code } of hazards) {
      expect(
        orgCases.some(([of, , , expected]) => of === code && expected.some((id) => id.startsWith(`${code}:`))),
      ).toBe(true);
    }
  });

  test('offboarding names every gateway and wallet that was not retired before', () => {
    expect(ids(whole, null)).toEqual([
      'ORG_OFFBOARDED:acme',
      'MASS_CHANGE:acme',
      'WALLET_REMOVED:Wallet/main',
      'GATEWAY_REMOVED:Gateway/production/support-production',
    ]);
    expect(diff(whole, null).hazards[0]?.message).toContain('2 tokens and gateways go with it');
  });
});

describe('hazards of the fleet', () => {
  const orgDiff = (org: string, before: JsonObject, after: JsonObject) =>
    diffOrg(
      {
        org: org as OrgSlug,
        base: [orgObjects(org).organization(before)],
        head: [orgObjects(org).organization(after)],
        limits,
      },
      nodeHash,
    );
  const renamed = (org: string) => orgDiff(org, {}, { displayName: 'new' });
  const pinned = (org: string) => orgDiff(org, {}, { template: 'baseline@1.3.0', displayName: 'new' });
  const created = (org: string) => diffOrg({ org: org as OrgSlug, base: null, head: wholeOrg(org), limits }, nodeHash);
  const found = (diffs: readonly OrgDiff[], orgs = 5, carried: readonly OrgSlug[] = []) =>
    fleetHazards({ diffs, carried, limits, orgs, strayed: [] }).map(({ id }) => id);

  test('too many orgs at once, by count or by share; new orgs do not count', () => {
    expect(found(['a', 'b', 'c', 'd'].map(renamed))).toEqual(['MASS_CHANGE:_fleet']);
    expect(found(['a', 'b', 'c'].map(renamed), 14)).toEqual(['MASS_CHANGE:_fleet']);
    expect(found(['a', 'b'].map(renamed))).toEqual([]);
    expect(found(['a', 'b', 'c', 'd', 'e'].map(created))).toEqual([]);
  });

  test('orgs whose bundles change by what all share count, each once', () => {
    const carried = ['a', 'b', 'c', 'd'] as OrgSlug[];
    expect(found([], 5, carried)).toEqual(['MASS_CHANGE:_fleet']);
    expect(found([renamed('a')], 5, carried.slice(0, 3))).toEqual([]);
    expect(found([renamed('d')], 5, carried.slice(0, 3))).toEqual(['MASS_CHANGE:_fleet']);
    const [hazard] = fleetHazards({ diffs: [], carried, limits, orgs: 5, strayed: [] });
    expect(hazard?.message).toContain('changes 4 of 5 orgs, 4 of them by prices or settings that all share');
  });

  test('a campaign: pins of more than one org, or the renderer, also with other edits beside', () => {
    expect(found(['a', 'b'].map(pinned))).toEqual(['CAMPAIGN:_fleet']);
    expect(found([pinned('a'), renamed('b')])).toEqual([]);
    const renderer = diffOrg(
      { org: FLEET_ORG, base: [fleetObject()], head: [fleetObject({ renderVersion: 2 })], limits },
      nodeHash,
    );
    expect(found([renderer, renamed('a'), renamed('b')])).toEqual(['CAMPAIGN:_fleet']);
    expect(found([renderer, renamed('a')])).toEqual([]);
  });

  test('a history without what was applied, with the first of its commits', () => {
    const strayed = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40) as CommitId);
    const [hazard] = fleetHazards({ diffs: [renamed('a')], carried: [], limits, orgs: 5, strayed });
    expect([hazard?.id, hazard?.message]).toEqual([
      'HISTORY_REWRITTEN:_fleet',
      'does not come from what was applied: aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc and 1 more',
    ]);
  });
});

describe('acceptance', () => {
  const result = diff(whole, without('Token/ci-deploy'));
  const approval: ApprovalFacts = {
    name: 'f'.repeat(64),
    changes: { acme: result.changeDigest },
    hazards: [{ org: 'acme', id: 'LAST_TOKEN_REMOVED:acme' }],
    approver: '@ana',
    authors: ['@ben'],
    expiresMs: 1000,
  };
  const judge = (change: Partial<ApprovalFacts>, nowMs = 999) =>
    acceptedHazards({ ...result, org: 'acme' as OrgSlug, approvals: [{ ...approval, ...change }], nowMs });

  test('by digest and id, in time, by somebody else', () => {
    expect(judge({})).toMatchObject({ open: [], accepted: [{ approval: approval.name, approver: '@ana' }] });
  });

  test.each<[string, Partial<ApprovalFacts>, number?]>([
    ['another digest', { changes: { acme: '0'.repeat(64) } }],
    ['another org', { changes: { bravo: result.changeDigest } }],
    ['another hazard', { hazards: [{ org: 'acme', id: 'LAST_TOKEN_REMOVED:bravo' }] }],
    ['the hazard of another org', { hazards: [{ org: 'bravo', id: 'LAST_TOKEN_REMOVED:acme' }] }],
    ['its author', { authors: ['@ben', '@Ana'] }],
    ['an expired one', {}, 1000],
  ])('not by %s', (_, change, nowMs) => {
    expect(judge(change, nowMs).open).toEqual(result.hazards);
  });

  test('of the whole: every changed org must be listed', () => {
    const changes = new Map([
      ['acme' as OrgSlug, result.changeDigest],
      ['bravo' as OrgSlug, result.changeDigest],
    ]);
    const all = fleetHazards({
      diffs: [],
      carried: [],
      limits: { ...limits, changedOrgsCount: -1 },
      orgs: 2,
      strayed: [],
    });
    const input = { hazards: all, changes, nowMs: 0 };
    const listed = {
      ...approval,
      changes: Object.fromEntries(changes),
      hazards: [{ org: '_fleet', id: 'MASS_CHANGE:_fleet' }],
    };
    expect(acceptedFleetHazards({ ...input, approvals: [listed] }).open).toEqual([]);
    expect(acceptedFleetHazards({ ...input, approvals: [{ ...listed, changes: approval.changes }] }).open).toEqual(all);
  });
});
