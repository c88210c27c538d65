import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  type Organization,
  type Result,
  type Template,
} from '../model/index.ts';
import type { Scope } from './scope.ts';
import { ORG_SHAPE, type Shape } from './shape.ts';
import { compileValue } from './structure.ts';

/** What a new org can be given that only the whole fleet or the day knows. */
export interface NextFacts {
  /** A port that no gateway of the fleet listens on. */
  readonly port: number;
  /** The org's slug as it begins the name of an environment variable: NEW_ORG, _3M. */
  readonly env: string;
  /** When tokens of a new org may run out, RFC 3339. */
  readonly expires: string;
}

const TEXT: Shape = { type: 'scalar', scalar: 'string', values: null };
const always = (shape: Shape) => ({ shape, always: true, fallback: undefined, fallbackPointer: '' });
const NEXT_SHAPE: Shape = {
  type: 'map',
  fields: new Map([
    ['port', always({ type: 'scalar', scalar: 'integer', values: null })],
    ['env', always(TEXT)],
    ['expires', always(TEXT)],
  ]),
};

/**
 * The inputs with which an org of this template begins: `spec.starter` of template.yaml, whose leaves may use `org` and
 * `next`. An empty map for a template without a starter. The result is ordinary inputs: edited, checked and rendered as
 * if a person had typed them.
 */
export function starterInputs(template: Manifest, organization: JsonObject, next: NextFacts): Result<JsonObject> {
  const { starter } = template.spec as unknown as Template['spec'];
  const findings: Finding[] = [];
  const scope: Scope = {
    names: new Map([
      ['org', { slot: 0, shape: ORG_SHAPE }],
      ['next', { slot: 1, shape: NEXT_SHAPE }],
    ]),
    present: new Set(),
  };
  const report = { findings, placeOf: template.placeOf };
  const evaluate = compileValue({ value: (starter ?? {}) as Json, pointer: '/spec/starter', scope, report });
  if (findings.length > 0) return { ok: false, findings };
  const { displayName, uid, isolation, domains } = organization['spec'] as unknown as Organization['spec'];
  const { name } = organization['metadata'] as unknown as Organization['metadata'];
  const org = Object.assign(Object.create(null) as JsonObject, { slug: name, uid, displayName, isolation, domains });
  const value = evaluate({ slots: [org, { ...next }], faults: [], recorder: null });
  return { ok: true, value: value !== undefined && isJsonObject(value) ? value : {}, findings: [] };
}
