import type { ObjectKey, Place } from '../core/model/index.ts';
import { type OrgTrace, type RenderInput, traceOrg } from '../core/render/index.ts';

/** The input that a person would edit to change a value: overlay, own manifest, org.yaml line, else the template. */
export type SourceOf = (key: ObjectKey, pointer: string) => Place | null;

/**
 * Places of inputs by object key and pointer (keyed or the document's own). Tracing costs three renders, so it runs when
 * the first place is asked for, and never for an org without a finding or a change.
 */
export function inputSource(input: RenderInput): SourceOf {
  let trace: OrgTrace | null | undefined;
  return (key, pointer) => {
    if (trace === undefined) {
      const result = traceOrg(input);
      trace = result.ok ? result.value : null;
    }
    const found = trace?.at(key, pointer);
    return found === undefined ? null : (found.overlay ?? found.written ?? found.inputs[0] ?? found.template);
  };
}
