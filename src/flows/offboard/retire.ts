import { pathOf } from '../../core/kinds/index.ts';
import {
  type Finding,
  fails,
  instantText,
  LIVE_KINDS,
  type Manifest,
  type Overlay,
  ofKind,
  type RepoPath,
} from '../../core/model/index.ts';
import { parseManifest } from '../../core/parse/index.ts';
import { sameJson } from '../../core/plan/index.ts';
import { editYaml, type RenderInput } from '../../core/render/index.ts';
import type { TreeEntry } from '../../ports/index.ts';
import { checkOrg } from '../judge.ts';
import { type LoadedOrg, staleness } from '../org.ts';
import type { Outcome } from '../tokens.ts';
import { type OffboardParts, refusedBy, type Standing, type StepFiles } from './parts.ts';
import { textOf, uneditable } from './texts.ts';

export interface Retired {
  /** Since when, as org.yaml says it. */
  readonly retired: string;
  readonly files: StepFiles;
}

/**
 * The first step: `retired` in org.yaml, and everything gone through which requests would still come in. Refused where the
 * org would not check afterwards: a pin of a gateway, say, which only the platform team may take away.
 */
export async function retire(parts: OffboardParts, standing: Standing): Promise<Outcome<Retired>> {
  const { org, frame, loaded } = standing;
  const { input } = loaded;
  if (input === null || frame.renderer === null) return refusedBy(loaded.findings, org);
  const pinned = pinnedGateways(input);
  if (pinned !== null) return pinned;
  const { organization } = input;
  const retired = instantText(parts.clock.nowMs());
  const text = editYaml(await textOf(frame, organization.file), [{ op: 'set', path: '/spec/retired', value: retired }]);
  const parsed = text === undefined ? undefined : parseManifest(text, organization.file, { mode: 'strict' });
  if (text === undefined || parsed?.ok !== true || !sameJson(parsed.value.spec, { ...organization.spec, retired }))
    return uneditable(organization.file);
  const after = withoutLive({ ...input, organization: parsed.value });
  const rendered = frame.renderer.renderOrg(after);
  if (!rendered.ok) return refusedBy(rendered.findings, org);
  const left = new Set(rendered.value.objects.map(({ path }) => path));
  const kept = new Set([...left, ...after.overlays.map(({ file }) => file)]);
  const manifests = [...input.custom, ...input.overlays, ...(input.credentials === null ? [] : [input.credentials])];
  const { extra } = staleness({ ...loaded, desired: rendered.value }, parts.hash);
  const removed = [...extra, ...manifests.map(({ file }) => file).filter((file) => !kept.has(file))];
  const files = new Map<RepoPath, string | null>([
    [organization.file, text],
    ...removed.map((path): [RepoPath, null] => [path, null]),
  ]);
  const entries = loaded.entries.filter(({ path }) => files.get(path) !== null);
  const fault = faultOf(parts, standing, { ...loaded, input: after, desired: rendered.value, entries });
  return fault === undefined ? { ok: true, value: { retired, files } } : refusedBy([fault], org);
}

/** Why an org with pins of single gateways is not retired; told before `check` would call those gateways missing. */
function pinnedGateways({ pins, organization }: RenderInput): Outcome<never> | null {
  const held = ofKind(pins, 'Pin').flatMap(({ id, document }) => {
    const { gateway, expires } = document.spec;
    return gateway === undefined ? [] : [`${pathOf(organization.org, id)} of ${gateway} until ${expires}`];
  });
  if (held.length === 0) return null;
  const expected = `no pin of a gateway, as ${organization.org} has none when it is retired`;
  const fix = 'have the platform team remove it in a change of its own first';
  return { ok: false, code: 'OFFBOARD_PINNED', message: `expected ${expected}, found ${held.join(', ')}; ${fix}` };
}

/** What a render reads, without credentials and without what was written by hand for a token or a gateway. */
function withoutLive(input: RenderInput): RenderInput {
  return {
    ...input,
    credentials: null,
    custom: input.custom.filter(({ id }) => !LIVE_KINDS.has(id.kind)),
    overlays: input.overlays.filter((overlay) => !LIVE_KINDS.has(targetOf(overlay))),
  };
}

function targetOf(overlay: Manifest): Overlay['spec']['target']['kind'] {
  return (overlay.spec as unknown as Overlay['spec']).target.kind;
}

/** The first thing that `check` would find of the org. */
function faultOf(
  parts: OffboardParts,
  { frame }: Standing,
  item: LoadedOrg & { readonly entries: readonly TreeEntry[] },
): Finding | undefined {
  return checkOrg(parts, frame, { item, applied: null }).find(fails);
}
