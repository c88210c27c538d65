import { documentPointer, keyedPointer, ORDER_KEY, oneOf, toKeyed } from '../core/kinds/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ObjectKey,
  type OrgSlug,
  objectKey,
  type Place,
  pointerSteps,
  valueAt,
} from '../core/model/index.ts';
import { traceOrg } from '../core/render/index.ts';
import type { ReadTree } from '../ports/index.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { loadOrgs } from './org.ts';
import type { Outcome } from './tokens.ts';

/** Where one value of one object comes from. */
export interface WhyAnswer {
  readonly key: ObjectKey;
  /** In keyed form. */
  readonly pointer: string;
  readonly value: Json;
  readonly template: Place | null;
  readonly inputs: readonly Place[];
  readonly overlay: Place | null;
  readonly written: Place | null;
}

export interface WhyAsk {
  readonly org: OrgSlug;
  /** `Kind/name`, or `Kind/environment/name`; the environment may be left out where the name is unique. */
  readonly object: string;
  /** `spec.limit`, or a JSON pointer. */
  readonly field: string;
}

/** Template line, input lines and overlay of a value, from the work tree. */
export async function why(parts: { readonly tree: ReadTree }, ask: WhyAsk): Promise<Outcome<WhyAnswer>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  const [loaded] = await loadOrgs(frame, [ask.org]);
  if (loaded === undefined)
    return {
      ok: false,
      code: 'ORG_UNKNOWN',
      message: `expected ${oneOf([...frame.orgTrees.keys()], ask.org, 'an org below orgs/')}, found ${ask.org}`,
    };
  const trace = loaded.input === null ? null : traceOrg(loaded.input);
  if (trace === null || !trace.ok) {
    return {
      ok: false,
      code: 'APPLY_INVALID',
      message: `${ask.org} cannot be rendered: ${loaded.findings[0]?.message ?? 'see tenantry check'}`,
    };
  }
  const { objects } = trace.value.desired;
  const found = objects.filter(
    (object) => objectKey(object.id) === ask.object || `${object.id.kind}/${object.id.name}` === ask.object,
  );
  const [object] = found;
  if (object === undefined || found.length > 1) {
    const known = (found.length > 1 ? found : objects).map((item) => objectKey(item.id));
    const message = `expected ${oneOf(known, ask.object, 'an object')}, found ${ask.object}`;
    return { ok: false, code: 'OBJECT_UNKNOWN', message };
  }
  const key = objectKey(object.id);
  const given = ask.field.startsWith('/') ? ask.field : `/${ask.field.replaceAll('.', '/')}`;
  const keyed = toKeyed(object.id.kind, object.document);
  const pointer = valueAt(keyed, given) === undefined ? keyedPointer(object.id.kind, object.document, given) : given;
  // As the manifest has it: the keyed form is for pointers.
  const isThere = valueAt(keyed, pointer) !== undefined;
  const value = valueAt(object.document, documentPointer(object.id.kind, object.document, pointer));
  const provenance = trace.value.at(key, pointer);
  if (!isThere || value === undefined || provenance === undefined)
    return {
      ok: false,
      code: 'OBJECT_FIELD_UNKNOWN',
      message: `expected a field of ${key} (${fieldsThere(keyed, given)}), found ${ask.field}`,
    };
  const { template, inputs, overlay, written } = provenance;
  return { ok: true, value: { key, pointer, value, template, inputs, overlay, written } };
}

/** What the document has at the last step of a pointer that leads somewhere, for who missed the next one. */
function fieldsThere(keyed: JsonObject, pointer: string): string {
  const steps = pointerSteps(pointer);
  let at: Json = keyed;
  let path = '';
  for (const step of steps) {
    const next: Json | undefined = isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
    if (next === undefined) break;
    at = next;
    path += path === '' ? step : `.${step}`;
  }
  const names = isJsonObject(at) ? Object.keys(at).filter((name) => name !== ORDER_KEY) : [];
  return names.length === 0 ? `${path} has no fields` : `${path === '' ? 'it' : path} has ${names.join(', ')}`;
}
