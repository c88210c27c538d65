import { emit, pathOf } from '../core/kinds/index.ts';
import {
  byCodeUnit,
  type Hash,
  isJsonObject,
  type Json,
  type JsonObject,
  type OrgSlug,
  ofKind,
  type Random,
  type RepoPath,
} from '../core/model/index.ts';
import { parseManifest } from '../core/parse/index.ts';
import { type RenderInput, rendererOf } from '../core/render/index.ts';
import type { ReadTree, WriteTree } from '../ports/index.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { loadOrgs } from './org.ts';
import type { Outcome } from './tokens.ts';

export interface AddOrgAsk {
  readonly org: OrgSlug;
  /** `name@version` */
  readonly template: string;
  /** `path=value`, below spec: displayName=…, domains.0=…, inputs.workload=…; values are JSON where they parse as it. */
  readonly sets: readonly string[];
}

export interface AddedOrg {
  readonly uid: string;
  readonly files: readonly RepoPath[];
  /** The five things that onboarding always is: teams, tokens, wallet model, baseline configuration, who reviews. */
  readonly parts: { readonly [part: string]: readonly string[] };
}

const UID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** 20 characters without bias: bytes above the last whole multiple of 36 are drawn again. */
export function mintUid(random: Random): string {
  let uid = '';
  while (uid.length < 20) {
    for (const byte of random.bytes(32)) {
      if (byte < 252 && uid.length < 20) uid += UID_ALPHABET[byte % 36] ?? '';
    }
  }
  return uid;
}

/** Writes org.yaml and everything it renders to, or nothing. */
export async function addOrg(
  parts: { readonly tree: ReadTree; readonly write: WriteTree; readonly hash: Hash; readonly random: Random },
  ask: AddOrgAsk,
): Promise<Outcome<AddedOrg>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  if (frame.orgTrees.has(ask.org))
    return { ok: false, code: 'ORG_EXISTS', message: `expected a new org, found orgs/${ask.org}; pick another name` };
  const { compiled, findings } = await frame.template(ask.template);
  if (compiled === null) {
    const known = [...frame.templateTrees.keys()].sort(byCodeUnit).join(', ');
    return {
      ok: false,
      code: 'TEMPLATE_UNKNOWN',
      message: findings[0]?.message ?? `expected one of ${known}, found ${ask.template}`,
    };
  }
  const uid = mintUid(parts.random);
  const document = organizationOf(ask, { uid, owners: frame.fleet?.document.spec.owners.platform ?? [] });
  if (!document.ok) return document;
  const path = pathOf(ask.org, { kind: 'Organization', environment: null, name: ask.org });
  const text = emit(document.value);
  const parsed = parseManifest(new TextEncoder().encode(text), path, { mode: 'strict' });
  if (!parsed.ok)
    return { ok: false, code: parsed.findings[0]?.code ?? 'APPLY_INVALID', message: describe(parsed.findings) };
  const input: RenderInput = {
    organization: parsed.value,
    template: compiled,
    overlays: [],
    custom: [],
    credentials: null,
    waivers: [],
    pins: [],
  };
  const renderer = rendererOf(frame.fleet?.document.spec.renderVersion ?? 0);
  const rendered = renderer?.renderOrg(input, parts.hash);
  if (rendered === undefined || !rendered.ok)
    return {
      ok: false,
      code: rendered?.findings[0]?.code ?? 'FLEET_RENDERER',
      message: describe(rendered?.findings ?? []),
    };
  const generated = rendered.value.objects.filter((object) => object.origin === 'generated');
  const files = new Map<RepoPath, string>([
    [path, text],
    ...generated.map((object) => [object.path, object.text] as const),
  ]);
  await parts.write.write(files);
  const names = (kind: 'Team' | 'Token' | 'Wallet' | 'Policy' | 'Gateway' | 'Review'): readonly string[] =>
    ofKind(generated, kind).map((item) => item.id.name);
  return {
    ok: true,
    value: {
      uid,
      files: [...files.keys()],
      parts: {
        teams: names('Team'),
        tokens: names('Token'),
        'wallet model': names('Wallet'),
        'baseline configuration': [...names('Policy'), ...names('Gateway')],
        'who reviews': names('Review'),
      },
    },
  };
}

function describe(
  findings: readonly {
    readonly message: string;
    readonly expected: string;
    readonly found: string;
    readonly place: { readonly line: number };
  }[],
): string {
  return (
    findings.map((item) => `${item.message}: expected ${item.expected}, found ${item.found}`).join('\n') ||
    'the org cannot be rendered'
  );
}

/** A first org.yaml: what must be decided has a value that says so, everything else comes from the template. */
function organizationOf(
  ask: AddOrgAsk,
  first: { readonly uid: string; readonly owners: readonly string[] },
): Outcome<JsonObject> {
  let spec: JsonObject = {
    displayName: ask.org,
    uid: first.uid,
    isolation: 'dedicated',
    owners: first.owners,
    domains: [`${ask.org}.example`],
    template: ask.template,
    inputs: {},
  };
  for (const set of ask.sets) {
    const at = set.indexOf('=');
    const path = set.slice(0, at).split('.');
    if (at < 1 || path.some((step) => step === '' || step === '__proto__')) {
      return { ok: false, code: 'SET_MALFORMED', message: `expected path=value, found ${JSON.stringify(set)}` };
    }
    spec = withValue(spec, path, jsonOrText(set.slice(at + 1)));
  }
  return {
    ok: true,
    value: { apiVersion: 'tenantry/v1', kind: 'Organization', metadata: { name: ask.org, org: ask.org }, spec },
  };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
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
  const loaded = await loadOrgs(frame, [...frame.orgTrees.keys()].sort(byCodeUnit), parts.hash);
  return loaded.map((item) => {
    const spec = ofKind(item.desired?.objects ?? [], 'Organization')[0]?.document.spec;
    return {
      org: item.org,
      displayName: spec?.displayName ?? '',
      template: item.template,
      isolation: spec?.isolation ?? '',
      objects: item.desired?.objects.length ?? 0,
    };
  });
}

export interface OrgLine {
  readonly org: OrgSlug;
  readonly displayName: string;
  readonly template: string;
  readonly isolation: string;
  readonly objects: number;
}
