import { emit, idOfPath, pathOf } from '../core/kinds/index.ts';
import {
  codeEntry,
  type Finding,
  type FindingCode,
  instantText,
  type JsonObject,
  type OrgSlug,
  ofKind,
  type RepoPath,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import type { ReadTree, WriteTree } from '../ports/index.ts';
import { openFrame, readManifests, zeroCounters } from './frame.ts';
import { loadOrgs } from './org.ts';
import type { Outcome } from './tokens.ts';

export interface WaiverAsk {
  readonly org: OrgSlug;
  /** The file's name below waivers/. */
  readonly name: string;
  readonly code: string;
  /** Kind/name, or Kind/environment/name. */
  readonly object: string;
  readonly owner: string;
  readonly approvers: readonly string[];
  readonly reason: string;
  readonly expiresMs: number;
}

/** Writes a Waiver of one finding about one object. Nothing is written where the org, the code or the object is not there. */
export async function addWaiver(
  parts: { readonly tree: ReadTree; readonly write: WriteTree },
  ask: WaiverAsk,
): Promise<Outcome<RepoPath>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  const [loaded] = await loadOrgs(frame, [ask.org]);
  if (loaded === undefined) return refused('ORG_UNKNOWN', `expected an org below orgs/, found ${ask.org}`);
  if (codeEntry(ask.code) === undefined)
    return refused(
      'WAIVER_UNKNOWN_CODE',
      `expected the code of a finding, found ${ask.code}; \`tenantry check\` names them`,
    );
  const known = loaded.desired?.objects ?? [];
  if (loaded.desired !== null && !known.some(({ id }) => textsOf(id).includes(ask.object)))
    return refused('OBJECT_UNKNOWN', `expected an object of ${ask.org}, found ${ask.object}`);
  const path = pathOf(ask.org, { kind: 'Waiver', environment: null, name: ask.name });
  if (loaded.entries.some((entry) => entry.path === path))
    return refused('WAIVER_EXISTS', `expected a new name, found ${path}; edit that file or choose another --name`);
  const text = emit(documentOf(ask));
  const [fault] = parseManifest(text, path).findings;
  if (fault !== undefined)
    return refused(fault.code, `${fault.message}; expected ${fault.expected}, found ${fault.found}`);
  await parts.write.write(new Map([[path, text]]));
  return { ok: true, value: path };
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

function documentOf(ask: WaiverAsk): JsonObject {
  return {
    apiVersion: 'tenantry/v1',
    kind: 'Waiver',
    metadata: { org: ask.org, name: ask.name },
    spec: {
      code: ask.code,
      object: ask.object,
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
  readonly owner: string;
  readonly approvers: readonly string[];
  readonly reason: string;
  readonly expires: string;
  readonly file: RepoPath;
}

/** Every waiver of the tree (or of some orgs), the one that ends first in front; no org is rendered. */
export async function listWaivers(tree: ReadTree, orgs: readonly OrgSlug[] | null): Promise<readonly ListedWaiver[]> {
  const paths = orgs === null ? ['orgs'] : orgs.map((org) => `orgs/${org}/waivers`);
  const { entries } = await tree.list(paths as readonly string[] as readonly RepoPath[]);
  const files = entries.filter(({ path }) => /^orgs\/[^/]+\/waivers\//.test(path) && idOfPath(path) !== undefined);
  const reading = { tree, isStrict: () => true, counters: zeroCounters() };
  const { manifests } = await readManifests(reading, files);
  return ofKind(manifests, 'Waiver')
    .map(({ document: { metadata, spec } }) => ({
      org: metadata.org as OrgSlug,
      name: metadata.name,
      code: spec.code,
      severity: codeEntry(spec.code)?.severity ?? null,
      object: spec.object,
      owner: spec.owner,
      approvers: spec.approvers ?? [],
      reason: spec.reason,
      expires: spec.expires,
      file: pathOf(metadata.org as OrgSlug, { kind: 'Waiver', environment: null, name: metadata.name }),
    }))
    .sort((a, b) => (a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : a.file < b.file ? -1 : 1));
}
