import {
  type Finding,
  finding,
  isJsonObject,
  isName,
  type Json,
  type JsonObject,
  LIVE_KINDS,
  type Manifest,
  type ObjectId,
  type ObjectKey,
  type Organization,
  objectKey,
} from '../model/index.ts';
import { type Fallbacks, fillDefaults } from './inputs.ts';
import type { Fault, Frame } from './scope.ts';
import type { CompiledBody, CompiledTemplate } from './template.ts';
import { createRecorder, type RawLeaves } from './trace.ts';

/** One document that a template made for an org, before overlays. */
export interface Generated {
  readonly id: ObjectId;
  readonly key: ObjectKey;
  readonly document: JsonObject;
  readonly body: CompiledBody;
  /** Its index among the documents of its body: the first step of its recorded leaves. */
  readonly index: number;
  /** The item of the body that made it. */
  readonly pointer: string;
  /** Null unless tracing. */
  readonly leaves: RawLeaves | null;
}

export interface Generation {
  readonly documents: readonly Generated[];
  readonly findings: readonly Finding[];
  readonly fallbacks: Fallbacks;
}

/**
 * Renders every body for one org whose inputs are valid; of a retired org none that would make a token or a gateway. With
 * `trace`, the same evaluation also says where leaves come from.
 */
export function generate(organization: Manifest, template: CompiledTemplate, trace: boolean): Generation {
  const fallbacks: Fallbacks = new Map();
  const spec = organization.spec as unknown as Organization['spec'];
  const inputs = fillDefaults(template.inputs, spec.inputs as JsonObject, trace ? fallbacks : null);
  const slots = [orgScope(organization, spec), inputs];
  const documents: Generated[] = [];
  const findings: Finding[] = [];
  const bodies = template.bodies.filter(({ kind }) => spec.retired === undefined || !LIVE_KINDS.has(kind));
  for (const body of bodies) {
    const tracing = trace ? createRecorder() : null;
    const faults: Fault[] = [];
    const frame: Frame = { slots: [...slots], faults, recorder: tracing?.recorder ?? null };
    const out: Json[] = [];
    for (const { pointer, spread } of body.items) {
      const from = out.length;
      spread(frame, out);
      for (let index = from; index < out.length; index += 1) {
        const made = assemble(out[index], { organization, template, body, pointer });
        if ('document' in made) {
          const { id, document } = made;
          documents.push({ id, key: objectKey(id), document, body, index, pointer, leaves: tracing?.leaves ?? null });
        } else findings.push(made);
      }
    }
    findings.push(...faults.map((fault) => collision(fault, organization, body)));
  }
  return { documents, findings, fallbacks };
}

function orgScope(organization: Manifest, spec: Organization['spec']): JsonObject {
  const facts = {
    slug: organization.metadata.name,
    uid: spec.uid,
    displayName: spec.displayName,
    isolation: spec.isolation,
    domains: spec.domains,
  };
  return Object.assign(Object.create(null) as JsonObject, facts);
}

interface Making {
  readonly organization: Manifest;
  readonly template: CompiledTemplate;
  readonly body: CompiledBody;
  readonly pointer: string;
}

/** The whole manifest of a rendered item, with apiVersion, metadata.org and pack.version set; or why there is none. */
function assemble(
  item: Json | undefined,
  making: Making,
): { readonly id: ObjectId; readonly document: JsonObject } | Finding {
  const { organization, body } = making;
  const rendered = isJsonObject(item) ? item : {};
  const metadata = isJsonObject(rendered['metadata']) ? rendered['metadata'] : {};
  const { name, environment = null } = metadata as { readonly [key: string]: Json | undefined };
  if (typeof name !== 'string' || !isName(name) || (environment !== null && !isEnvironment(environment))) {
    const message = `a ${body.kind} of this template has no name that is one`;
    return complaint(making, 'RENDERED_INVALID', {
      message,
      expected: 'a plain name (and environment)',
      found: 'another text',
    });
  }
  const slug = organization.metadata.name;
  const { org = slug } = metadata as { readonly [key: string]: Json | undefined };
  if (org !== slug) {
    const message = `${body.kind}/${name} is generated for another org`;
    return complaint(making, 'RENDERED_IDENTITY', { message, expected: slug, found: String(org) });
  }
  const spec = rendered['spec'] ?? null;
  const { version } = making.template;
  const stated = packOf(spec)?.['version'] ?? version;
  if (stated !== version) {
    const message = "the pack of a policy states a version that is not the template's";
    return complaint(making, 'RENDERED_IDENTITY', { message, expected: version, found: String(stated) });
  }
  // A body states no other fields, and the kind of its file: checked when it was compiled.
  const document = {
    apiVersion: rendered['apiVersion'] ?? 'tenantry/v1',
    kind: body.kind,
    metadata: { ...metadata, org: slug },
    spec: withPackVersion(spec, version),
  };
  return { id: { kind: body.kind, environment, name }, document };
}

function isEnvironment(value: Json): value is string {
  return typeof value === 'string' && isName(value);
}

/** The pack of a policy document, or null for everything else. */
function packOf(spec: Json): JsonObject | null {
  const document = isJsonObject(spec) ? spec['document'] : undefined;
  const pack = isJsonObject(document) ? document['pack'] : undefined;
  return isJsonObject(pack) ? pack : null;
}

/** A policy's pack carries the template's version; the suffix for its content is the gateway's. */
function withPackVersion(spec: Json, version: string): Json {
  const pack = packOf(spec);
  if (pack === null || !isJsonObject(spec)) return spec;
  return { ...spec, document: { ...(spec['document'] as JsonObject), pack: { ...pack, version } } };
}

function complaint(
  { organization, body, pointer }: Making,
  code: 'RENDERED_INVALID' | 'RENDERED_IDENTITY',
  facts: { readonly message: string; readonly expected: string; readonly found: string },
): Finding {
  const place = body.placeOf(pointer);
  return finding(code, { ...facts, org: organization.org, place, related: [organization.placeOf('/spec/inputs')] });
}

function collision(fault: Fault, organization: Manifest, body: CompiledBody): Finding {
  return finding('MERGE_COLLISION', {
    org: organization.org,
    place: organization.placeOf('/spec/inputs'),
    message: `an input brings ${fault.key}, which the template sets itself`,
    expected: 'other keys',
    found: fault.key,
    related: [body.placeOf(fault.pointer)],
  });
}
