import { EmitError, emit, pathOf } from '../core/kinds/index.ts';
import {
  byCodeUnit,
  type Clock,
  type Finding,
  type Hash,
  instantText,
  isJsonObject,
  type Json,
  type JsonObject,
  type Kind,
  type Manifest,
  type Organization,
  type OrgSlug,
  type OrgUid,
  ofKind,
  parseJson,
  pointerSteps,
  type Random,
  type RenderedObject,
  type RepoPath,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import { type CompiledTemplate, type NextFacts, type RenderInput, starterInputs } from '../core/render/index.ts';
import type { PresignedRoots, ReadTree, WriteTree } from '../ports/index.ts';
import { type Frame, openFrame, zeroCounters } from './frame.ts';
import { nextPort, standingGateways } from './next-port.ts';
import { loadOrgs } from './org.ts';
import { namedOwners, type OwnersByOrg, specsOf, staleOwnerFile } from './owners.ts';
import type { Outcome } from './tokens.ts';
import { chooseUid, heldUid, uidHolders } from './uid.ts';

export interface AddOrgAsk {
  readonly org: OrgSlug;
  /** `name@version` */
  readonly template: string;
  /** `path=value`, below spec: displayName=…, domains.0=…, inputs.workload=…; values are JSON where they parse as it. */
  readonly sets: readonly string[];
}

export interface AddedOrg {
  readonly uid: OrgUid;
  /** How many pre-signed uids are left after this one; null where none was prepared. */
  readonly presignedLeft: number | null;
  /** Who reviews changes of the org. */
  readonly owners: readonly string[];
  readonly files: readonly RepoPath[];
  /** The five things that onboarding always is: teams, tokens, wallet model, baseline configuration, who reviews. */
  readonly parts: { readonly [part: string]: readonly string[] };
}

export interface AddOrgParts {
  readonly tree: ReadTree;
  readonly write: WriteTree;
  readonly hash: Hash;
  readonly random: Random;
  readonly clock: Clock;
  /** Uids whose first root a ceremony has signed; where there are some, a new org takes one of them. */
  readonly roots: Pick<PresignedRoots, 'uids'>;
}

const TOKENS_LIVE_MS = 365 * 86_400_000;

/** Writes org.yaml, begun with the template's starter, and everything it renders to; or nothing. */
export async function addOrg(parts: AddOrgParts, ask: AddOrgAsk): Promise<Outcome<AddedOrg>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  if (frame.orgTrees.has(ask.org)) {
    return { ok: false, code: 'ORG_EXISTS', message: `expected a new org, found orgs/${ask.org}; pick another name` };
  }
  // Without its settings a fleet has no renderer, and every template looks as if it were not there.
  if (frame.renderer === null) return refused(settingsFindings(frame));
  const gone = frame.fleet?.document.spec.retiredOrgs?.find((item) => item.org === ask.org);
  if (gone !== undefined) {
    const message = `expected a name that no org ever had, found ${ask.org}, which was retired at ${gone.retired}; pick another name`;
    return { ok: false, code: 'ISO_I55_RETIRED_ORG_REUSED', message };
  }
  const template = await frame.template(ask.template);
  if (template.compiled === null || template.manifest === null) {
    if (template.findings.length > 0) return refused(template.findings);
    const known = [...frame.templateTrees.keys()].sort(byCodeUnit).join(', ');
    const message = `expected one of ${known}, found ${ask.template}`;
    return { ok: false, code: 'TEMPLATE_UNKNOWN', message };
  }
  const loaded = await loadOrgs(frame, [...frame.orgTrees.keys()]);
  const specs = await specsOf(frame, [...frame.orgTrees.keys()]);
  const owners = new Map([...specs].map(([org, spec]) => [org, spec?.owners ?? null] as const));
  const unread = loaded.find(({ org }) => owners.get(org) === null);
  // Its owners would be left out of the owner file, and its ports and uid given away.
  if (unread !== undefined) return refused(unread.findings);
  const standing = await standingGateways(frame, loaded);
  if (standing.findings.length > 0) return refused(standing.findings);
  const holders = uidHolders(frame, specs);
  const uid = await chooseUid(parts, new Set(holders.keys()));
  if (!uid.ok) return uid;
  const next: NextFacts = {
    port: nextPort(loaded, standing.manifests),
    env: envName(ask.org),
    expires: instantText(parts.clock.nowMs() + TOKENS_LIVE_MS),
  };
  const platform = frame.fleet?.document.spec.owners.platform ?? [];
  const document = organizationOf(ask, { uid: uid.value.uid, template: template.manifest, next, platform });
  if (!document.ok) return document;
  const taken = heldUid(document.value, holders);
  if (taken !== null) return taken;
  const org = { org: ask.org, document: document.value, frame, compiled: template.compiled, owners };
  return writeOrg(parts, { ...org, presignedLeft: uid.value.left });
}

function settingsFindings({ findings }: Frame): readonly Finding[] {
  return findings.filter(({ place }) => place.file === 'fleet.yaml');
}

interface NewOrg {
  readonly org: OrgSlug;
  readonly document: JsonObject;
  readonly frame: Frame;
  readonly compiled: CompiledTemplate;
  /** Of the orgs that stand. */
  readonly owners: OwnersByOrg;
  readonly presignedLeft: number | null;
}

async function writeOrg(parts: AddOrgParts, made: NewOrg): Promise<Outcome<AddedOrg>> {
  const { org, document, frame, compiled, presignedLeft } = made;
  const path = pathOf(org, { kind: 'Organization', environment: null, name: org });
  const emitted = textOf(document);
  if (!emitted.ok) return emitted;
  const text = emitted.value;
  const parsed = parseManifest(new TextEncoder().encode(text), path, { mode: 'strict' });
  if (!parsed.ok) return refused(parsed.findings);
  const nothing = { overlays: [], custom: [], credentials: null, waivers: [], pins: [] };
  const input: RenderInput = { organization: parsed.value, template: compiled, ...nothing };
  const rendered = frame.renderer?.renderOrg(input) ?? { ok: false, findings: frame.findings };
  if (!rendered.ok) return notRendered(rendered.findings);
  const generated = rendered.value.objects.filter((object) => object.origin === 'generated');
  const texts = generated.map((object) => [object.path, object.text] as const);
  const own = namedOwners({ input });
  const ownerFile = await staleOwnerFile(frame, new Map([...made.owners, [org, own] as const]));
  const files = new Map<RepoPath, string>([[path, text], ...texts, ...(ownerFile ?? [])]);
  await parts.write.write(files);
  const { uid } = rendered.value;
  const facts = { uid, presignedLeft, owners: own ?? [], files: [...files.keys()] };
  return { ok: true, value: { ...facts, parts: onboardingParts(generated) } };
}

/** The text of org.yaml; JSON that `--set` gives may be nothing that YAML can say, such as 1e400. */
function textOf(document: JsonObject): Outcome<string> {
  try {
    return { ok: true, value: emit(document) };
  } catch (error) {
    if (!(error instanceof EmitError)) throw error;
    const where = pointerSteps(error.pointer).slice(1).join('.');
    return {
      ok: false,
      code: 'SET_MALFORMED',
      message: `expected ${error.expected} as ${where}, found something else`,
    };
  }
}

/** The five things that onboarding always is (operating model), by the names of the objects. */
function onboardingParts(objects: readonly RenderedObject[]): AddedOrg['parts'] {
  const names = (kind: Kind): readonly string[] => ofKind(objects, kind).map((item) => item.id.name);
  return {
    teams: names('Team'),
    tokens: names('Token'),
    'wallet model': names('Wallet'),
    'baseline configuration': [...names('Policy'), ...names('Gateway')],
    'who reviews': names('Review'),
  };
}

function refused(findings: readonly Finding[]): Outcome<never> {
  return { ok: false, code: findings[0]?.code ?? 'APPLY_INVALID', message: describe(findings) };
}

/** Of an org.yaml that was not written there is nothing to correct. */
function notRendered(findings: readonly Finding[]): Outcome<never> {
  const fix = 'nothing was written; give other values with --set <path>=<value>';
  return { ok: false, code: findings[0]?.code ?? 'APPLY_INVALID', message: `${describe(findings)}\n${fix}` };
}

function describe(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ place, message, expected, found }) =>
      `${place.file}:${place.line}: ${message}: expected ${expected}, found ${found}`,
  );
  return lines.join('\n') || 'the org cannot be rendered';
}

/** The slug as it may begin the name of an environment variable, which no digit does. */
function envName(org: OrgSlug): string {
  const name = org.toUpperCase().replaceAll('-', '_');
  return /^\d/.test(name) ? `_${name}` : name;
}

interface Beginning {
  readonly uid: string;
  readonly template: Manifest;
  readonly next: NextFacts;
  /** Who owns the org until somebody says who does. */
  readonly platform: readonly string[];
}

/** A first org.yaml: the template's starter, then what `--set` says. */
function organizationOf(ask: AddOrgAsk, { uid, template, next, platform }: Beginning): Outcome<JsonObject> {
  const base: JsonObject = {
    displayName: ask.org,
    uid,
    isolation: 'dedicated',
    owners: [...platform],
    domains: [`${ask.org}.example`],
    template: ask.template,
  };
  const head = { apiVersion: 'tenantry/v1', kind: 'Organization', metadata: { name: ask.org, org: ask.org } };
  const starter = starterInputs(template, { ...head, spec: base }, next);
  if (!starter.ok) return refused(starter.findings);
  let spec: JsonObject = { ...base, inputs: starter.value };
  for (const set of ask.sets) {
    const at = set.indexOf('=');
    const path = set.slice(0, at).split('.');
    if (at < 1 || path.some((step) => step === '' || step === '__proto__')) return malformed('path=value', set);
    const fault = itemFault(spec, path);
    if (fault !== null) return malformed(fault, set);
    spec = withValue(spec, path, jsonOrText(set.slice(at + 1)));
  }
  return { ok: true, value: { ...head, spec } };
}

function malformed(expected: string, set: string): Outcome<never> {
  return { ok: false, code: 'SET_MALFORMED', message: `expected ${expected}, found ${JSON.stringify(set)}` };
}

/** What is expected where a path leads into a list by something else than the number of an item, or of the next one. */
function itemFault(spec: JsonObject, path: readonly string[]): string | null {
  let inner: Json | undefined = spec;
  for (const [index, step] of path.entries()) {
    const list: readonly Json[] | null = Array.isArray(inner) ? inner : index > 0 && /^\d+$/.test(step) ? [] : null;
    if (list !== null && !(/^(0|[1-9]\d*)$/.test(step) && Number(step) <= list.length)) {
      const where = path.slice(0, index).join('.');
      return `an item of ${where} by its number, ${list.length === 0 ? '0' : `0 to ${list.length}`}`;
    }
    inner =
      list === null
        ? isJsonObject(inner) && Object.hasOwn(inner, step)
          ? inner[step]
          : undefined
        : list[Number(step)];
  }
  return null;
}

function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

function withValue(target: JsonObject, [step = '', ...rest]: readonly string[], value: Json): JsonObject {
  const inner = Object.hasOwn(target, step) ? target[step] : undefined;
  if (rest.length === 0) return { ...target, [step]: value };
  if (Array.isArray(inner) || /^\d+$/.test(rest[0] ?? ''))
    return { ...target, [step]: withItem(Array.isArray(inner) ? inner : [], rest, value) };
  return { ...target, [step]: withValue(isJsonObject(inner) ? inner : {}, rest, value) };
}

function withItem(list: readonly Json[], [index = '', ...rest]: readonly string[], value: Json): readonly Json[] {
  const copy = [...list];
  const at = Number(index);
  const inner = copy[at];
  copy[at] = rest.length === 0 ? value : withValue(isJsonObject(inner) ? inner : {}, rest, value);
  return copy;
}

/** Every org of a tree in one line each. */
export async function listOrgs(parts: { readonly tree: ReadTree; readonly hash: Hash }): Promise<readonly OrgLine[]> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => false, counters: zeroCounters() });
  const loaded = await loadOrgs(frame, [...frame.orgTrees.keys()].sort(byCodeUnit));
  return loaded.map((item) => {
    const spec = ofKind(item.desired?.objects ?? [], 'Organization')[0]?.document.spec;
    return {
      org: item.org,
      displayName: spec?.displayName ?? null,
      template: item.template === '' ? null : item.template,
      isolation: spec?.isolation ?? null,
      objects: item.desired?.objects.length ?? 0,
    };
  });
}

export interface OrgLine {
  readonly org: OrgSlug;
  /** null where the org cannot be rendered. */
  readonly displayName: string | null;
  /** null where org.yaml cannot be read. */
  readonly template: string | null;
  readonly isolation: Organization['spec']['isolation'] | null;
  readonly objects: number;
}
