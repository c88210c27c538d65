import {
  codes,
  type FieldChange,
  type Finding,
  type FindingCode,
  FLEET_ORG,
  finding,
  type Hazard,
  isName,
  KINDS,
  type ObjectId,
  type ObjectKey,
  type OrgSlug,
  orgSlug,
  parseJson,
  type Reach,
  repoPath,
  sha256Hex,
  type Untouched,
} from '../../model/index.ts';
import type { AcceptedHazard, ChangeReport, ReportedChange, ReportedDiff } from '../changes/change-report.ts';
import type { DriftLine, UnseenOrgs } from '../comment/drift.ts';
import type { CheckReport } from '../findings/check-report.ts';
import { flag, list, Misfit, nullable, object, one, parsed, type Reader, text, unused, whole } from './reader.ts';

/** A document that was read, or why it is none of ours. */
export type ReadBack<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const WORDS = 20_000;
const NAME = 200;
const MOST_FINDINGS = 50_000;
const MOST_ORGS = 100_000;
const MOST_CHANGES = 20_000;
const MOST_LINE = 10_000_000;

const path = parsed('a path of the repository', 1000, repoPath);
const org = parsed('the name of an org', 63, (value) => (value === FLEET_ORG ? FLEET_ORG : orgSlug(value)));
const digest = parsed('a SHA-256', 64, sha256Hex);
const code: Reader<FindingCode> = one(Object.keys(codes) as FindingCode[]);
const place = object({ file: path, line: whole(MOST_LINE), column: whole(MOST_LINE) });

/** `Kind/name` or `Kind/environment/name`. */
const objectId = parsed('Kind/name or Kind/environment/name', NAME, (value): ObjectId | undefined => {
  const steps = value.split('/');
  const kind = KINDS.find((option) => option === steps[0]);
  const name = steps.at(-1) ?? '';
  const environment = steps.length === 3 ? (steps[1] ?? '') : null;
  const isPlain = /^[A-Za-z0-9._@-]{1,128}$/.test(name) && (environment === null || isName(environment));
  return kind === undefined || steps.length > 3 || steps.length < 2 || !isPlain
    ? undefined
    : { kind, environment, name };
});
const objectKeyText: Reader<ObjectKey> = (value, at) => {
  objectId(value, at);
  return value as string as ObjectKey;
};

const findingShape = object(
  {
    code,
    severity: unused,
    org: nullable(org),
    object: nullable(text(NAME)),
    file: path,
    line: whole(MOST_LINE),
    column: whole(MOST_LINE),
    message: text(WORDS),
    expected: text(WORDS),
    found: text(WORDS),
    fix: text(WORDS),
    related: list(place, 1000),
    waived: object({ by: text(NAME), expires: text(40) }),
  },
  ['related', 'waived'],
);

/** Severity and meaning come from our own table, not from the text. */
const findingOf: Reader<Finding> = (value, at) => {
  const read = findingShape(value, at);
  const { message, expected, found, fix, waived } = read;
  const made = finding(read.code, {
    place: { file: read.file, line: Math.max(1, read.line), column: Math.max(1, read.column) },
    ...{ message, expected, found, fix },
    org: read.org,
    object: read.object,
  });
  return waived === undefined ? made : { ...made, waived };
};

const checkShape = object({
  schema: one(['tenantry/check/v1']),
  ok: unused,
  summary: unused,
  findings: list(findingOf, MOST_FINDINGS),
  counters: unused,
  durationMs: unused,
});

/** A hazard, and the approval that it says it has. */
type ReadHazard = Hazard & { readonly by: Pick<AcceptedHazard, 'approval' | 'approver'> | null };

const hazardShape = object({
  id: text(400),
  code,
  message: text(WORDS),
  object: nullable(objectKeyText),
  acceptedBy: nullable(digest),
  approver: nullable(text(NAME)),
});
const hazard: Reader<ReadHazard> = (value, at) => {
  const { acceptedBy: approval, approver, ...read } = hazardShape(value, at);
  return { ...read, by: approval === null || approver === null ? null : { approval, approver } };
};
const plain = ({ by: _by, ...read }: ReadHazard): Hazard => read;
const acceptedIn = (of: OrgSlug, hazards: readonly ReadHazard[]): readonly AcceptedHazard[] =>
  hazards.flatMap(({ id, by }) => (by === null ? [] : [{ org: of, id, ...by }]));

const fieldShape = object(
  { path: text(1000), before: unused, after: unused, words: text(WORDS), source: nullable(place) },
  ['before', 'after'],
);
const field: Reader<FieldChange> = (value, at) => {
  const { path: pointer, words, source } = fieldShape(value, at);
  return { path: pointer, words, source };
};

const changeShape = object(
  {
    kind: one(['create', 'update', 'delete', 'rename']),
    object: objectKeyText,
    from: objectId,
    team: text(NAME),
    fields: list(field, MOST_CHANGES),
  },
  ['from', 'team'],
);
const change: Reader<ReportedChange> = (value, at) => {
  const { kind, object: key, from, team, fields } = changeShape(value, at);
  return { kind, key, fields, ...(from === undefined ? {} : { from }), ...(team === undefined ? {} : { team }) };
};

const orgShape = object(
  {
    org,
    changeDigest: digest,
    changes: list(change, MOST_CHANGES),
    hazards: list(hazard, 1000),
    omitted: unused,
  },
  ['omitted'],
);
interface ReadOrg {
  readonly diff: ReportedDiff;
  readonly accepted: readonly AcceptedHazard[];
}
const diffOfOrg: Reader<ReadOrg> = (value, at) => {
  const { omitted: _unused, hazards, ...read } = orgShape(value, at);
  return { diff: { ...read, hazards: hazards.map(plain) }, accepted: acceptedIn(read.org, hazards) };
};

const micros = parsed('millionths as a whole number', 40, (value) =>
  /^[0-9]{1,36}$/.test(value) ? BigInt(value) : undefined,
);
const reach: Reader<Reach> = object({
  orgs: whole(MOST_ORGS),
  orgsInFleet: whole(MOST_ORGS),
  gateways: whole(MOST_LINE),
  tokens: whole(MOST_LINE),
  wallets: whole(MOST_LINE),
  money: list(object({ currency: text(8), upMicros: micros, downMicros: micros }), 200),
});
const untouchedShape = object({
  ok: unused,
  compared: whole(MOST_ORGS),
  byInputs: whole(MOST_ORGS),
  byRender: whole(MOST_ORGS),
  affected: list(org, MOST_ORGS),
  unproved: list(org, MOST_ORGS),
  carried: list(org, MOST_ORGS),
  sameSettings: flag,
});
/** Whether it holds is computed from the rest, not believed. */
const untouched: Reader<Untouched> = (value, at) => {
  const { ok: _unused, ...read } = untouchedShape(value, at);
  return read;
};

const diffShape = object(
  {
    schema: one(['tenantry/diff/v1']),
    changeDigest: digest,
    base: text(64),
    head: text(64),
    reach,
    untouched,
    held: list(org, MOST_ORGS),
    omitted: unused,
    hazards: list(hazard, 1000),
    orgs: list(diffOfOrg, MOST_ORGS),
    groups: unused,
    counters: unused,
  },
  ['reach', 'untouched', 'held', 'omitted', 'counters'],
);

const EFFECT_WORDS = 60;

/** Which parts of a pull request concern whom, beyond what its diff says; see `PullEffect` of flows. */
export interface ReadEffect {
  readonly orgs: readonly OrgSlug[];
  readonly platform: readonly string[];
  readonly notes: readonly string[];
}

const effectShape = object({
  schema: one(['tenantry/pr/v1']),
  orgs: list(org, MOST_ORGS),
  platform: list(text(EFFECT_WORDS), 50),
  notes: list(text(400), 20),
});

/** What `check --format json` wrote. Texts are as wide as limits allow, and no markup yet. */
export function readCheck(json: string): ReadBack<CheckReport> {
  return readWith(json, (value, at) => {
    const { findings } = checkShape(value, at);
    return { findings, counters: {}, durationMs: 0 };
  });
}

/** What `diff --format json` wrote; groups are made anew from the orgs. */
export function readDiff(json: string): ReadBack<ChangeReport> {
  return readWith(json, (value, at) => {
    const read = diffShape(value, at);
    const { changeDigest, base, head, hazards, orgs } = read;
    const accepted = [...acceptedIn(FLEET_ORG, hazards), ...orgs.flatMap((item) => item.accepted)];
    return {
      ...{ changeDigest, base, head, hazards: hazards.map(plain), orgs: orgs.map(({ diff }) => diff) },
      ...(accepted.length === 0 ? {} : { accepted }),
      ...(read.reach === undefined ? {} : { reach: read.reach }),
      ...(read.untouched === undefined ? {} : { untouched: read.untouched }),
      ...(read.held === undefined ? {} : { held: read.held }),
    };
  });
}

/** What `pr check` wrote beside the two. */
export function readEffect(json: string): ReadBack<ReadEffect> {
  return readWith(json, (value, at) => {
    const { orgs, platform, notes } = effectShape(value, at);
    return { orgs, platform, notes };
  });
}

const driftShape = object(
  {
    where: one(['store', 'repository', 'published', 'gateway']),
    org,
    words: text(WORDS),
    objects: unused,
    paths: unused,
    gateway: unused,
    published: unused,
    acknowledged: unused,
  },
  ['objects', 'paths', 'gateway', 'published', 'acknowledged'],
);

/** What of a drift report is told: what drifts, and of which orgs that is not known. */
export interface ReadDrift {
  readonly drifts: readonly DriftLine[];
  readonly unseen: readonly UnseenOrgs[];
}

/** What `drift --format json` wrote, or what the controller answers. */
export function readDrift(json: string): ReadBack<ReadDrift> {
  const drifts: Reader<readonly DriftLine[]> = list(driftShape, MOST_FINDINGS);
  const unseen: Reader<readonly UnseenOrgs[]> = list(
    object({ code, message: text(WORDS), orgs: list(org, MOST_ORGS) }),
    MOST_FINDINGS,
  );
  const done = { healed: unused, adopted: unused, notAdopted: unused, written: unused };
  const known = { schema: one(['tenantry/drift/v1']), drifts, unseen, ...done, applied: unused, left: unused };
  const optional = ['schema', 'unseen', 'applied', 'left', 'adopted', 'notAdopted'] as const;
  return readWith(json, (value, at) => {
    const report = object(known, [...optional])(value, at);
    return { drifts: report.drifts, unseen: report.unseen ?? [] };
  });
}

function readWith<T>(json: string, reader: Reader<T>): ReadBack<T> {
  try {
    return { ok: true, value: reader(parseJson(json), '') };
  } catch (cause) {
    if (cause instanceof Misfit) return { ok: false, reason: cause.message };
    if (cause instanceof SyntaxError || cause instanceof RangeError) return { ok: false, reason: 'it is no JSON' };
    throw cause;
  }
}
