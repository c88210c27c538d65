import { idOfPath, oneOf } from '../core/kinds/index.ts';
import {
  type Finding,
  finding,
  type GitId,
  isJsonObject,
  type Manifest,
  type ObjectId,
  type OrgSlug,
  ofKind,
  orgSlug,
  type PriceBook,
  type RepoPath,
  startOf,
  type Template,
  type Typed,
} from '../core/model/index.ts';
import { parseManifest, readYaml } from '../core/parse/index.ts';
import {
  type CompiledTemplate,
  migrationFindings,
  type Renderer,
  rendererOf,
  renderVersions,
  type TemplateBody,
} from '../core/render/index.ts';
import {
  type ChosenPrices,
  type FleetSettings,
  fleetSettings,
  type TreeFacts,
  validateTree,
} from '../core/validate/index.ts';
import type { ReadTree, TreeEntry } from '../ports/index.ts';

/** No manifest is larger; a larger file is a finding, never read (template notes, limits before parsers). */
export const FILE_LIMIT_BYTES = 256 * 1024;

/** Exact counts of work, asserted by tests and shown in reports. */
export interface Counters {
  orgs: number;
  manifests: number;
  blobsRead: number;
  documentsParsed: number;
  orgsRendered: number;
}

export function zeroCounters(): Counters {
  return { orgs: 0, manifests: 0, blobsRead: 0, documentsParsed: 0, orgsRendered: 0 };
}

/** How to read a tree: which files must satisfy both YAML readers, and where work is counted. */
export interface Reading {
  readonly tree: ReadTree;
  /** True for a file that both readers must agree on: one that the change touches, or any when no base is known. */
  readonly isStrict: (entry: TreeEntry) => boolean;
  readonly counters: Counters;
  /** Sees the bytes of every file that is read as YAML, before they are parsed. */
  readonly inspect?: (path: RepoPath, bytes: Uint8Array) => void;
  /** The renderers to choose from; absent: those that this program has. */
  readonly renderers?: RenderersOf | undefined;
}

/** Renderers by `renderVersion`; undefined for one that is not there. */
export type RenderersOf = (version: number) => Renderer | undefined;

/** What every org's render and every rule shares: settings, prices, approvals, and which folders exist. */
export interface Frame {
  readonly reading: Reading;
  /** Fleet and PriceBooks: the objects of the reserved org `_fleet`. */
  readonly shared: readonly Manifest[];
  /** Files of shared objects that are there and could not be read: of what is in them nothing is known. */
  readonly unread: readonly RepoPath[];
  readonly fleet: Typed<'Fleet'> | null;
  /** What fleet.yaml and the price book that it names say to the rules of every org. */
  readonly settings: FleetSettings;
  readonly approvals: readonly Manifest[];
  /** Files for a forge: below .github. */
  readonly forge: readonly TreeEntry[];
  readonly orgTrees: ReadonlyMap<OrgSlug, GitId>;
  /** `name@version` to the id of its folder. */
  readonly templateTrees: ReadonlyMap<string, GitId>;
  /** The renderer that fleet.yaml names; null when this program does not have it. */
  readonly renderer: Renderer | null;
  readonly template: (pin: string) => Promise<LoadedTemplate>;
  readonly findings: readonly Finding[];
}

export interface LoadedTemplate {
  /** null when orgs cannot be rendered from it; migrations that lead nowhere are findings beside it. */
  readonly compiled: CompiledTemplate | null;
  /** template.yaml; null when it does not stand. */
  readonly manifest: Manifest | null;
  readonly findings: readonly Finding[];
}

const FORGE_FOLDER = '.github';

const root = (path: string): RepoPath => path as RepoPath;

/** Reads what all orgs share; no org's file is opened. */
export async function openFrame(reading: Reading): Promise<Frame> {
  const { tree } = reading;
  const [orgs, templateTrees, listing] = await Promise.all([
    tree.inside(root('orgs')),
    listTemplates(tree),
    tree.list(['fleet.yaml', 'prices', 'approvals', 'templates', FORGE_FOLDER].map(root)),
  ]);
  const misnamed = [...orgs.folders.keys()].filter((name) => orgSlug(name) === undefined);
  const isBelow = (folder: string, entry: TreeEntry): boolean => entry.path.startsWith(`${folder}/`);
  const isForge = (entry: TreeEntry): boolean => isBelow(FORGE_FOLDER, entry);
  const ours = listing.entries.filter((entry) => !isForge(entry));
  const manifests = ours.filter((entry) => !isBelow('templates', entry) && idOfPath(entry.path) !== undefined);
  const parsed = await readManifests(reading, manifests);
  const shared = parsed.manifests.filter((item) => item.id.kind !== 'Approval');
  const read = new Set(parsed.manifests.map(({ file }) => file));
  const isApproval = (entry: TreeEntry): boolean => isBelow('approvals', entry);
  const fleets = ofKind(shared, 'Fleet');
  const version = fleets[0]?.document.spec.renderVersion;
  const renderer = version === undefined ? undefined : (reading.renderers ?? rendererOf)(version);
  const missing =
    fleets.length === 0 ? [fleetMissing(parsed)] : renderer === undefined ? [rendererMissing(shared, version)] : [];
  const findings = [
    ...parsed.findings.filter((item) => !missing.includes(item)),
    ...misnamed.map(orgFolderFinding),
    ...treeFindings({ entries: [...ours, ...orgs.entries], odd: [...listing.odd, ...orgs.odd] }, parsed.findings),
    ...missing,
  ];
  const [fleet = null] = fleets;
  const unread = manifests.filter((entry) => !isApproval(entry) && !read.has(entry.path)).map(({ path }) => path);
  return {
    reading,
    shared,
    unread,
    fleet,
    settings: fleetSettings(fleet?.document ?? null, chosenPrices({ shared, unread, fleet })),
    approvals: parsed.manifests.filter((item) => item.id.kind === 'Approval'),
    forge: listing.entries.filter(isForge),
    orgTrees: orgTreesOf(orgs.folders, misnamed),
    templateTrees,
    renderer: renderer ?? null,
    template: templateLoader(reading, templateTrees, renderer),
    findings,
  };
}

/** Why no Fleet was read: what is wrong with its file, or that there is none. */
export function fleetMissing(parsed: ReadManifests): Finding {
  const file = root('fleet.yaml');
  const known = parsed.findings.find((item) => item.place.file === file);
  return (
    known ??
    finding('FLEET_MISSING', {
      place: startOf(file),
      message: 'this repository has no fleet.yaml',
      expected: 'a Fleet manifest in fleet.yaml',
      found: 'no such file',
    })
  );
}

function rendererMissing(shared: readonly Manifest[], version: number | undefined): Finding {
  const fleet = shared.find((item) => item.id.kind === 'Fleet');
  return finding('FLEET_RENDERER', {
    place: fleet?.placeOf('/spec/renderVersion') ?? startOf(root('fleet.yaml')),
    message: 'this program does not have the renderer that fleet.yaml names',
    expected: `one of ${renderVersions.join(', ')}`,
    found: String(version),
  });
}

/** One finding for each org that was asked for by name and is not there. */
export function unknownOrgs(asked: readonly OrgSlug[] | null, known: Iterable<OrgSlug>): readonly Finding[] {
  const there = new Set(known);
  return (asked ?? [])
    .filter((org) => !there.has(org))
    .map((org) =>
      finding('ORG_UNKNOWN', {
        place: startOf(root(`orgs/${org}`)),
        message: `there is no org ${org}`,
        expected: oneOf([...there], org, 'a folder below orgs/'),
        found: org,
      }),
    );
}

function orgFolderFinding(name: string): Finding {
  return finding('ORG_NAME', {
    place: startOf(root(`orgs/${name}`)),
    message: 'an org directory needs a plain name',
    expected: 'lower-case letters, digits and inner hyphens, at most 63, no reserved name',
    found: JSON.stringify(name),
  });
}

function orgTreesOf(folders: ReadonlyMap<string, GitId>, misnamed: readonly string[]): Frame['orgTrees'] {
  const trees = new Map(folders);
  for (const name of misnamed) trees.delete(name);
  return trees as ReadonlyMap<string, GitId> as Frame['orgTrees'];
}

async function listTemplates(tree: ReadTree): Promise<ReadonlyMap<string, GitId>> {
  const names = [...(await tree.inside(root('templates'))).folders.keys()];
  const versions = await Promise.all(names.map((name) => tree.inside(root(`templates/${name}`))));
  return new Map(
    names.flatMap((name, index) =>
      [...(versions[index]?.folders ?? [])].map(([version, id]) => [`${name}@${version}`, id] as const),
    ),
  );
}

/** Compiles each pinned template once, however many orgs pin it. */
function templateLoader(
  reading: Reading,
  trees: ReadonlyMap<string, GitId>,
  renderer: Renderer | undefined,
): Frame['template'] {
  const loaded = new Map<string, Promise<LoadedTemplate>>();
  return (pin) => {
    const known = loaded.get(pin) ?? loadTemplate(reading, { trees, renderer, pin });
    loaded.set(pin, known);
    return known;
  };
}

interface TemplateAsk {
  readonly trees: ReadonlyMap<string, GitId>;
  readonly renderer: Renderer | undefined;
  readonly pin: string;
}

async function loadTemplate(reading: Reading, { trees, renderer, pin }: TemplateAsk): Promise<LoadedTemplate> {
  const [name = '', version = ''] = pin.split('@');
  if (!trees.has(pin) || renderer === undefined) return { compiled: null, manifest: null, findings: [] };
  const { entries } = await reading.tree.list([root(`templates/${name}/${version}`)]);
  const isManifest = (entry: TreeEntry): boolean => idOfPath(entry.path)?.type === 'manifest';
  const parsed = await readManifests(reading, entries.filter(isManifest));
  const bodies = await readBodies(
    reading,
    entries.filter((entry) => !isManifest(entry) && entry.path.endsWith('.yaml')),
  );
  const manifest = parsed.manifests[0];
  const findings = [...parsed.findings, ...bodies.findings];
  if (manifest === undefined || findings.length > 0) return { compiled: null, manifest: manifest ?? null, findings };
  const result = renderer.compileTemplate({ name, version, manifest, bodies: bodies.values });
  if (!result.ok) return { compiled: null, manifest, findings: result.findings };
  const before = await versionBefore(reading, trees, manifest);
  return {
    compiled: result.value,
    manifest,
    findings: migrationFindings({ template: result.value, manifest, before }),
  };
}

/** The template.yaml that migrations start from; null where nothing moves from it, or where it is not there. */
async function versionBefore(
  reading: Reading,
  trees: TemplateAsk['trees'],
  { spec, id }: Manifest,
): Promise<Manifest | null> {
  const { migrations } = spec as unknown as Template['spec'];
  const [name = ''] = id.name.split('@');
  if (migrations === undefined || migrations.moves.length === 0) return null;
  if (!trees.has(`${name}@${migrations.from}`)) return null;
  const { entries } = await reading.tree.list([root(`templates/${name}/${migrations.from}/template.yaml`)]);
  return (await readManifests(reading, entries)).manifests[0] ?? null;
}

interface TemplateBodies {
  readonly values: readonly TemplateBody[];
  readonly findings: readonly Finding[];
}

async function readBodies(reading: Reading, entries: readonly TreeEntry[]): Promise<TemplateBodies> {
  const bytes = await readEntries(reading, entries);
  const values: TemplateBody[] = [];
  const findings: Finding[] = [];
  for (const entry of entries) {
    const body = bytes.get(entry.path);
    if (body === undefined || body === null) continue;
    reading.inspect?.(entry.path, body);
    reading.counters.documentsParsed += 1;
    const result = readYaml(body, entry.path, { mode: reading.isStrict(entry) ? 'strict' : 'fast' });
    findings.push(...result.findings);
    if (result.ok) values.push({ file: entry.path, value: result.value.value, placeOf: result.value.placeOf });
  }
  return { values, findings };
}

export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/** Reads and parses manifests in one batch; a file over the limit is a finding. */
export async function readManifests(reading: Reading, entries: readonly TreeEntry[]): Promise<ReadManifests> {
  const bytes = await readEntries(reading, entries);
  const manifests: Manifest[] = [];
  const findings: Finding[] = [];
  for (const entry of entries) {
    const body = bytes.get(entry.path) ?? null;
    if (body === null) {
      findings.push(...(entry.mode === '100644' ? [tooLarge(entry)] : treeFindings({ entries: [entry], odd: [] }, [])));
      continue;
    }
    reading.inspect?.(entry.path, body);
    reading.counters.documentsParsed += 1;
    const result = parseManifest(body, entry.path, { mode: reading.isStrict(entry) ? 'strict' : 'fast' });
    findings.push(...result.findings);
    if (result.ok) manifests.push(result.value);
  }
  reading.counters.manifests += manifests.length;
  return { manifests, findings };
}

async function readEntries(
  reading: Reading,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<RepoPath, Uint8Array | null>> {
  const regular = entries.filter((entry) => entry.mode === '100644');
  reading.counters.blobsRead += regular.length;
  return reading.tree.read(regular, FILE_LIMIT_BYTES);
}

/** What is wrong with the names and modes of listed files, beside what is known of them already. */
export function treeFindings(listed: TreeFacts, known: readonly Finding[]): readonly Finding[] {
  const keyOf = ({ code, place }: Finding): string => `${code} ${place.file}`;
  const there = new Set(known.map(keyOf));
  return validateTree(listed).filter((item) => !there.has(keyOf(item)));
}

function tooLarge(entry: TreeEntry): Finding {
  const meaning = idOfPath(entry.path);
  const org = meaning !== undefined && 'org' in meaning ? meaning.org : null;
  return finding('YAML_TOO_LARGE', {
    org,
    place: startOf(entry.path),
    message: 'this file is not read',
    expected: `at most ${FILE_LIMIT_BYTES} bytes`,
    found: 'a larger one',
  });
}

/** The price book that fleet.yaml names, as the rules are told of it. */
function chosenPrices({ shared, unread, fleet }: Pick<Frame, 'shared' | 'unread' | 'fleet'>): ChosenPrices {
  const isUnread = unread.some((path) => path === `prices/${fleet?.document.spec.prices}.yaml`);
  const spec = pricesOf(shared, fleet);
  // Its shape was checked when it was parsed.
  return spec === null ? (isUnread ? 'unknown' : 'none') : (spec as unknown as PriceBook['spec']);
}

/** The spec of the fleet's price book, or null when there is none. */
export function pricesOf(
  objects: readonly { readonly id: ObjectId; readonly document: Manifest['document'] }[],
  fleet: Typed<'Fleet'> | null,
): Manifest['document'] | null {
  const name = fleet?.document.spec.prices;
  const book = objects.find((object) => object.id.kind === 'PriceBook' && object.id.name === name);
  const spec = book?.document['spec'];
  return spec !== undefined && isJsonObject(spec) ? spec : null;
}
