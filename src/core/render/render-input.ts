import type { Finding, JsonObject, Manifest } from '../model/index.ts';
import type { Generated, Generation } from './generate.ts';
import type { DonePatch } from './overlay.ts';
import type { CompiledTemplate } from './template.ts';

/** Everything of one org that a render reads, shapes already checked. */
export interface RenderInput {
  readonly organization: Manifest;
  /** The version that the org is pinned to. */
  readonly template: CompiledTemplate;
  readonly overlays: readonly Manifest[];
  /** Hand-written manifests of kinds that templates generate. */
  readonly custom: readonly Manifest[];
  readonly credentials: Manifest | null;
  readonly waivers: readonly Manifest[];
  readonly pins: readonly Manifest[];
}

/** A generated document after overlays. */
export interface Final {
  readonly generated: Generated;
  readonly document: JsonObject;
  readonly done: readonly DonePatch[];
}

/** Everything that is rendered, before text: what `renderOrg` and `traceOrg` share. */
export interface Assembly {
  readonly finals: readonly Final[];
  readonly written: readonly Manifest[];
  readonly generation: Generation;
  readonly findings: readonly Finding[];
}
