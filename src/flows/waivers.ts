import { emit, idOfPath, oneOf, pathOf } from '../core/kinds/index.ts';
import {
  type Clock,
  codeEntry,
  type Finding,
  type FindingCode,
  fails,
  type Hash,
  instantText,
  type JsonObject,
  type Manifest,
  type OrgSlug,
  objectKey,
  ofKind,
  type RepoPath,
  type ZoneOffset,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import { needsOf } from '../core/validate/index.ts';
import type { ReadTree, Repository, WriteTree } from '../ports/index.ts';
import { check } from './check.ts';
import { type Frame, openFrame, readManifests, zeroCounters } from './frame.ts';
import { checkOrg } from './judge.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import type { Outcome } from './tokens.ts';

export interface WaiverAsk {
  readonly org: OrgSlug;
  /** The file's name below waivers/. */
  readonly name: string;
  readonly code: string;
  /** Kind/name, or Kind/environment/name. */
  readonly object: string;
  /** What the finding says that is accepted; null: what it says now in the tree. */
  readonly found: readonly string[] | null;
  readonly owner: string;
  readonly approvers: readonly string[];
  readonly reason: string;
  readonly expiresMs: number;
}

export interface WaiverParts {
  readonly repository: Repository;
  readonly tree: ReadTree;
  readonly write: WriteTree;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly zoneOffset: ZoneOffset;
}

/**
 * Writes a Waiver of one finding about one object. Nothing is written where the org, the code or the object is not there, or
 * where `check` would refuse the waiver.
 */
export async function addWaiver(parts: WaiverParts, ask: WaiverAsk): Promise<Outcome<RepoPath>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  const [loaded] = await loadOrgs(frame, [ask.org]);
  if (loaded === undefined) return refused('ORG_UNKNOWN', `expected an org below orgs/, found ${ask.org}`);
  if (codeEntry(ask.code) === undefined)
    return refused(
      'WAIVER_UNKNOWN_CODE',
      `expected the code of a finding, found ${ask.code}; \`tenantry check\` names them`,
    );
  const known = loaded.desired?.objects ?? [];
  if (loaded.desired !== null && !known.some(({ id }) => textsOf(id).includes(ask.object))) {
    const keys = known.map(({ id }) => objectKey(id));
    return refused('OBJECT_UNKNOWN', `expected ${oneOf(keys, ask.object, 'an object')}, found ${ask.object}`);
  }
  const path = pathOf(ask.org, { kind: 'Waiver', environment: null, name: ask.name });
  if (loaded.entries.some((entry) => entry.path === path))
    return refused(
      'WAIVER_EXISTS',
      `expected a new name, found ${path}; edit that file, or name another: ${ask.org}/<name>`,
    );
  const found = ask.found ?? (await foundNow(parts, ask));
  const text = emit(documentOf(ask, found));
  const parsed = parseManifest(text, path);
  const [fault] = parsed.ok ? faultsOf(parts, { frame, loaded, waiver: parsed.value }) : parsed.findings;
  // Without what a finding says the waiver would be for whatever comes.
  if (fault?.code === 'ISO_I60_WAIVER_TOO_WIDE' && found.length === 0)
    return refused(
      fault.code,
      `expected a finding ${ask.code} of ${ask.object} in the work tree, found none; \`tenantry check\` shows what there is, and --found says what one will say that is not there yet`,
    );
  if (fault !== undefined)
    return refused(fault.code, `${fault.message}; expected ${fault.expected}, found ${fault.found}`);
  await parts.write.write(new Map([[path, text]]));
  return { ok: true, value: path };
}

/** What the finding says in the tree as it is; where other orgs have a part in it, all of them are looked at. */
async function foundNow(parts: WaiverParts, { org, code, object }: WaiverAsk): Promise<readonly string[]> {
  const needs = needsOf(code);
  const isWide = needs === 'fleet' || needs === 'leak' || needs === 'shared';
  const ask = { tree: parts.tree, touched: new Set<string>(), orgs: isWide ? null : [org] };
  const { findings } = await check({ ...parts, cache: null, threads: null }, ask);
  const meant = findings.filter((item) => item.org === org && item.code === code && item.object === object);
  return [...new Set(meant.map((item) => item.found))];
}

interface Proposed {
  readonly frame: Frame;
  readonly loaded: LoadedOrg;
  readonly waiver: Manifest;
}

/** What `check` would refuse of the waiver, or why its org cannot be checked. */
function faultsOf(parts: WaiverParts, { frame, loaded, waiver }: Proposed): readonly Finding[] {
  if (loaded.input === null || frame.renderer === null) return [...loaded.findings, ...frame.findings];
  const input = { ...loaded.input, waivers: [...loaded.input.waivers, waiver] };
  const rendered = frame.renderer.renderOrg(input);
  if (!rendered.ok) return rendered.findings;
  const item = { ...loaded, input, desired: rendered.value };
  const found = checkOrg(parts, frame, { item, applied: null });
  return found.filter((one) => fails(one) && one.object === objectKey(waiver.id));
}

function textsOf({
  kind,
  environment,
  name,
}: {
  kind: string;
  environment: string | null;
  name: string;
}): readonly string[] {
  return [`${kind}/${name}`, ...(environment === null ? [] : [`${kind}/${environment}/${name}`])];
}

function refused(
  code: FindingCode,
  message: string,
): { readonly ok: false; readonly code: FindingCode; readonly message: string } {
  return { ok: false, code, message };
}

function documentOf(ask: WaiverAsk, found: readonly string[]): JsonObject {
  return {
    apiVersion: 'tenantry/v1',
    kind: 'Waiver',
    metadata: { org: ask.org, name: ask.name },
    spec: {
      code: ask.code,
      object: ask.object,
      ...(found.length === 0 ? {} : { found: [...found] }),
      owner: ask.owner,
      ...(ask.approvers.length === 0 ? {} : { approvers: [...ask.approvers] }),
      reason: ask.reason,
      expires: instantText(ask.expiresMs),
    },
  };
}

/** One exception, with what it accepts. */
export interface ListedWaiver {
  readonly org: OrgSlug;
  readonly name: string;
  readonly code: string;
  /** Null where no finding has the code any more. */
  readonly severity: Finding['severity'] | null;
  readonly object: string;
  /** What the finding says that is accepted; null in one from before it had to say. */
  readonly found: readonly string[] | null;
  readonly owner: string;
  readonly approvers: readonly string[];
  readonly reason: string;
  readonly expires: string;
  readonly file: RepoPath;
}

/** Every waiver of the tree (or of some orgs), the one that ends first in front; no org is rendered. */
export async function listWaivers(
  tree: ReadTree,
  orgs: readonly OrgSlug[] | null,
): Promise<Outcome<readonly ListedWaiver[]>> {
  const { folders } = await tree.inside('orgs' as RepoPath);
  const unknown = orgs?.find((org) => !folders.has(org));
  if (unknown !== undefined)
    return refused(
      'ORG_UNKNOWN',
      `expected ${oneOf([...folders.keys()].sort(), unknown, 'an org below orgs/')}, found ${unknown}`,
    );
  const paths = orgs === null ? ['orgs'] : orgs.map((org) => `orgs/${org}/waivers`);
  const { entries } = await tree.list(paths as readonly string[] as readonly RepoPath[]);
  const files = entries.filter(({ path }) => /^orgs\/[^/]+\/waivers\//.test(path) && idOfPath(path) !== undefined);
  const reading = { tree, isStrict: () => true, counters: zeroCounters() };
  const { manifests } = await readManifests(reading, files);
  const waivers = ofKind(manifests, 'Waiver')
    .map(({ document: { metadata, spec } }) => ({
      org: metadata.org as OrgSlug,
      name: metadata.name,
      code: spec.code,
      severity: codeEntry(spec.code)?.severity ?? null,
      object: spec.object,
      found: spec.found ?? null,
      owner: spec.owner,
      approvers: spec.approvers ?? [],
      reason: spec.reason,
      expires: spec.expires,
      file: pathOf(metadata.org as OrgSlug, { kind: 'Waiver', environment: null, name: metadata.name }),
    }))
    .sort((a, b) => (a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : a.file < b.file ? -1 : 1));
  return { ok: true, value: waivers };
}
