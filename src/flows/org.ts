import { idOfPath } from '../core/kinds/index.ts';
import {
  type Conflict,
  type Finding,
  finding,
  type GitId,
  type Hash,
  type Manifest,
  type OrgSlug,
  ofKind,
  type RenderedOrg,
  type RepoPath,
  type Sha256Hex,
  startOf,
} from '../core/model/index.ts';
import type { CompiledTemplate, RenderInput } from '../core/render/index.ts';
import type { OddEntry, TreeEntry } from '../ports/index.ts';
import { type Frame, readManifests } from './frame.ts';

/** One org read and rendered; `desired` is null when a finding of shape or rendering stands in the way. */
export interface LoadedOrg {
  readonly org: OrgSlug;
  readonly template: string;
  readonly desired: RenderedOrg | null;
  /** What the render was made from, for tracing where a value comes from; null as `desired`. */
  readonly input: RenderInput | null;
  readonly compiled: CompiledTemplate | null;
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
  readonly findings: readonly Finding[];
}

/** Above this many, one listing of all orgs is cheaper than one of each. */
const LIST_ALL_ABOVE = 40;
/** Bodies are fetched for this many orgs at once: bounded memory, few processes. */
const BATCH_ORGS = 200;

/** Reads and renders the given orgs. Each is independent: what is wrong with one is that one's finding. */
export async function loadOrgs(frame: Frame, orgs: readonly OrgSlug[]): Promise<readonly LoadedOrg[]> {
  const present = orgs.filter((org) => frame.orgTrees.has(org));
  const listed = await listOrgs(frame, present);
  const loaded: LoadedOrg[] = [];
  for (let at = 0; at < present.length; at += BATCH_ORGS) {
    loaded.push(...(await loadBatch(frame, present.slice(at, at + BATCH_ORGS), listed)));
  }
  frame.reading.counters.orgs += loaded.length;
  return loaded;
}

interface OrgFiles {
  readonly entries: TreeEntry[];
  readonly odd: OddEntry[];
}

async function listOrgs(frame: Frame, orgs: readonly OrgSlug[]): Promise<ReadonlyMap<string, OrgFiles>> {
  if (orgs.length === 0) return new Map();
  const paths = orgs.length > LIST_ALL_ABOVE ? ['orgs'] : orgs.map((org) => `orgs/${org}`);
  const { entries, odd } = await frame.reading.tree.list(paths as RepoPath[]);
  const files = new Map<string, OrgFiles>(orgs.map((org) => [org, { entries: [], odd: [] }]));
  for (const entry of entries) files.get(orgOf(entry.path))?.entries.push(entry);
  for (const item of odd) files.get(orgOf(item.shown.replaceAll('"', '')))?.odd.push(item);
  return files;
}

/** The second step of orgs/<org>/…, by offsets: this runs for every file of the fleet. */
export function orgOf(path: string): string {
  const end = path.indexOf('/', 5);
  return end < 0 ? '' : path.slice(5, end);
}

const WRITTEN = ['org.yaml', 'credentials.yaml', 'overlays/', 'conflicts/', 'custom/', 'waivers/', 'pins/'];

/** Files that people and commands write, as against those that a render writes. */
export function isWritten(org: string, path: string): boolean {
  const inside = path.slice(`orgs/${org}/`.length);
  return WRITTEN.some((name) => inside === name || (name.endsWith('/') && inside.startsWith(name)));
}

/** Files of an org whose bodies are read: manifests that people and commands write. */
export function isReadManifest(org: string, path: RepoPath): boolean {
  return isWritten(org, path) && idOfPath(path) !== undefined;
}

async function loadBatch(
  frame: Frame,
  orgs: readonly OrgSlug[],
  listed: ReadonlyMap<string, OrgFiles>,
): Promise<readonly LoadedOrg[]> {
  const files = (org: OrgSlug): OrgFiles => listed.get(org) ?? { entries: [], odd: [] };
  const written = orgs.flatMap((org) => files(org).entries.filter((entry) => isReadManifest(org, entry.path)));
  const read = await readManifests(frame.reading, written);
  const manifests = groupBy(read.manifests, (item) => orgOf(item.file));
  const findings = groupBy(read.findings, (item) => orgOf(item.place.file));
  return Promise.all(
    orgs.map((org) =>
      loadOne(frame, {
        org,
        files: files(org),
        manifests: manifests.get(org) ?? [],
        findings: findings.get(org) ?? [],
      }),
    ),
  );
}

interface OrgSource {
  readonly org: OrgSlug;
  readonly files: OrgFiles;
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

async function loadOne(frame: Frame, source: OrgSource): Promise<LoadedOrg> {
  const { org, files, manifests } = source;
  const found = (kind: Manifest['id']['kind']): readonly Manifest[] =>
    manifests.filter((item) => item.id.kind === kind && !isCustom(org, item));
  const organization = found('Organization')[0];
  const nothing = { org, entries: files.entries, odd: files.odd, desired: null, input: null, compiled: null };
  if (organization === undefined) {
    const missing = source.findings.length > 0 ? [] : [organizationMissing(org)];
    return { ...nothing, template: '', findings: [...source.findings, ...missing] };
  }
  const template = ofKind([organization], 'Organization')[0]?.document.spec.template ?? '';
  const { compiled, findings } = await frame.template(template);
  if (compiled === null) {
    const unknown = frame.templateTrees.has(template) ? [] : [templateUnknown(frame, organization, template)];
    return { ...nothing, template, findings: [...source.findings, ...findings, ...unknown] };
  }
  if (source.findings.length > 0) return { ...nothing, template, compiled, findings: source.findings };
  frame.reading.counters.orgsRendered += 1;
  const input: RenderInput = {
    organization,
    template: compiled,
    overlays: found('Overlay'),
    custom: manifests.filter((item) => isCustom(org, item)),
    credentials: found('Credentials')[0] ?? null,
    waivers: found('Waiver'),
    pins: found('Pin'),
  };
  const result = frame.renderer?.renderOrg(input) ?? { ok: false, findings: [] };
  const open = found('Conflict').flatMap(openItems);
  return {
    ...nothing,
    template,
    compiled,
    input,
    desired: result.ok ? result.value : null,
    findings: [...open, ...result.findings],
  };
}

/** What an upgrade left to decide: nothing of the org is accepted while it stands. */
function openItems(conflict: Manifest): readonly Finding[] {
  const { from, to, items } = conflict.spec as unknown as Conflict['spec'];
  return items.map((item, index) =>
    finding('UPGRADE_CONFLICT', {
      org: conflict.org,
      object: item.object ?? null,
      place: conflict.placeOf(`/spec/items/${index}`),
      message: `${item.file} ${item.path}, on the way from ${from} to ${to}: ${item.words}`,
      expected: 'no open conflict',
      found: item.resolution === undefined ? item.cause : 'a resolution that no upgrade has followed yet',
    }),
  );
}

function isCustom(org: OrgSlug, manifest: Manifest): boolean {
  return manifest.file.startsWith(`orgs/${org}/custom/`);
}

function organizationMissing(org: OrgSlug): Finding {
  return finding('ORG_MISSING', {
    org,
    place: startOf(`orgs/${org}/org.yaml` as RepoPath),
    message: `orgs/${org} has no org.yaml`,
    expected: 'an Organization manifest in org.yaml',
    found: 'no such file',
  });
}

function templateUnknown(frame: Frame, organization: Manifest, pin: string): Finding {
  const known = [...frame.templateTrees.keys()].sort();
  return finding('TEMPLATE_UNKNOWN', {
    org: organization.org,
    place: organization.placeOf('/spec/template'),
    message: `the pinned template ${pin} does not exist`,
    expected: known.length === 0 ? 'a folder templates/<name>/<version>' : `one of ${known.join(', ')}`,
    found: pin,
  });
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** What differs between the committed generated files of an org and a fresh render, by blob id: no file is read. */
export interface Staleness {
  readonly missing: readonly RepoPath[];
  readonly extra: readonly RepoPath[];
  readonly differing: readonly RepoPath[];
}

export function staleness(loaded: LoadedOrg, hash: Hash): Staleness {
  const generated = (loaded.desired?.objects ?? []).filter((object) => object.origin === 'generated');
  const wanted = new Map<RepoPath, GitId>(generated.map((object) => [object.path, hash.gitBlobId(object.text)]));
  const committed = new Map(
    loaded.entries.filter((entry) => !isWritten(loaded.org, entry.path)).map((entry) => [entry.path, entry]),
  );
  return {
    missing: [...wanted.keys()].filter((path) => !committed.has(path)),
    extra: [...committed.keys()].filter((path) => !wanted.has(path) && idOfPath(path) !== undefined),
    differing: [...wanted].flatMap(([path, id]) =>
      committed.has(path) && committed.get(path)?.id !== id ? [path] : [],
    ),
  };
}

export interface InputsOf {
  readonly org: OrgSlug;
  /** `name@version`, or empty where it is not known or the org is gone. */
  readonly template: string;
  /** Digest of the fleet's part of bundles (`settingsDigest`), or empty where bundles do not matter. */
  readonly settings: string;
}

/** Everything that the render of an org, and its bundles, are made from, as one digest: equal means that nothing can differ. */
export function inputDigest(frame: Frame, of: InputsOf, hash: Hash): Sha256Hex {
  const { org, template, settings } = of;
  const renderVersion = frame.fleet?.document.spec.renderVersion ?? 0;
  const trees = [frame.orgTrees.get(org) ?? null, template, frame.templateTrees.get(template) ?? null];
  return hash.sha256(JSON.stringify([org, ...trees, renderVersion, settings]));
}
