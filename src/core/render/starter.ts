import type { ErrorObject } from 'ajv';
import {
  type Finding,
  type FindingCode,
  finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  type Organization,
  type Result,
  type Template,
  valueAt,
} from '../model/index.ts';
import { inputFindings } from './inputs.ts';
import type { Scope } from './scope.ts';
import { ORG_SHAPE, type Shape } from './shape.ts';
import { compileValue } from './structure.ts';
import type { CompiledTemplate } from './template.ts';

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

/** What another org would make fit: a text with an expression that is too short, or not like a pattern, for this one. */
function isOfSample(starter: JsonObject, { keyword, instancePath }: ErrorObject): boolean {
  const written = valueAt(starter, instancePath.slice('/inputs'.length));
  return keyword !== 'type' && typeof written === 'string' && written.includes('{{');
}

/** An org that nobody is: what a starter makes of it can be judged before there is one. */
const SAMPLE: JsonObject = {
  metadata: { name: 'sample', org: 'sample' },
  spec: {
    displayName: 'Sample',
    uid: 'sample00000000000000',
    isolation: 'dedicated',
    domains: ['sample.example'],
  },
};
const SAMPLE_NEXT: NextFacts = { port: 41_002, env: 'SAMPLE', expires: '2027-01-01T00:00:00Z' };

/**
 * What the first `org add` with this template would stumble over: a starter that says what the input schema refuses
 * (TEMPLATE_STARTER), and inputs that it leaves to `--set` (TEMPLATE_STARTER_LACKS). A template without a starter has none.
 */
export function starterFindings(template: CompiledTemplate, manifest: Manifest): readonly Finding[] {
  const { starter } = manifest.spec as unknown as Template['spec'];
  if (starter === undefined) return [];
  const made = starterInputs(manifest, SAMPLE, SAMPLE_NEXT);
  if (!made.ok) return made.findings;
  const errors = (template.checkInputs(made.value) ?? []).filter((error) => !isOfSample(starter as JsonObject, error));
  const begun: Manifest = {
    ...manifest,
    document: { ...SAMPLE, spec: { inputs: made.value } },
    placeOf: (pointer, at) => manifest.placeOf(pointer.replace(/^\/spec\/inputs/, '/spec/starter'), at),
  };
  const lacks = (isLacking: boolean) => errors.filter(({ keyword }) => (keyword === 'required') === isLacking);
  const told = (code: FindingCode, isLacking: boolean): readonly Finding[] =>
    inputFindings(lacks(isLacking), template.inputs, begun).map((item) =>
      finding(code, {
        place: item.place,
        message: `an org that begins with the starter: ${item.message}`,
        expected: item.expected,
        found: item.found,
      }),
    );
  return [...told('TEMPLATE_STARTER', false), ...told('TEMPLATE_STARTER_LACKS', true)];
}
