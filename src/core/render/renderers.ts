import { renderOrg } from './org.ts';
import { compileTemplate } from './template.ts';
import { traceOrg } from './trace-org.ts';

/** One version of the way from template and org files to manifests. */
export interface Renderer {
  readonly version: number;
  readonly compileTemplate: typeof compileTemplate;
  readonly renderOrg: typeof renderOrg;
  readonly traceOrg: typeof traceOrg;
}

const renderers: ReadonlyMap<number, Renderer> = new Map([[1, { version: 1, compileTemplate, renderOrg, traceOrg }]]);

/** Renderers that this program has; a new one lands beside the old ones, then fleet.yaml moves `renderVersion`. */
export const renderVersions: readonly number[] = [...renderers.keys()];

/** The renderer of fleet.yaml's `renderVersion`, or undefined when this program does not have it. */
export function rendererOf(version: number): Renderer | undefined {
  return renderers.get(version);
}
