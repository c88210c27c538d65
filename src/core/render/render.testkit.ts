import { createHash } from 'node:crypto';
import { emit } from '../kinds/index.ts';
import type { GitId, Hash, JsonObject, Manifest, RepoPath, Result, Sha256Hex } from '../model/index.ts';
import { parseManifest, readYaml } from '../parse/index.ts';
import { type CompiledTemplate, compileTemplate, type RenderInput } from './index.ts';

const sha = (algorithm: string, data: Uint8Array | string): string => createHash(algorithm).update(data).digest('hex');

export const testHash: Hash = {
  sha256: (data) => sha('sha256', data) as Sha256Hex,
  gitBlobId: (text) => sha('sha1', `blob ${text.length}\0${text}`) as GitId,
};

/** The manifest that a text is, or a failing test. */
export function manifest(file: string, text: string): Manifest {
  return mustBe(parseManifest(text, file as RepoPath));
}

/** The value of a stage's answer, or a failing test that shows the findings. */
export function mustBe<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.findings, null, 1));
  return result.value;
}

export const INPUT_SCHEMA = `
    type: object
    additionalProperties: false
    required: [title]
    properties:
      title: { type: string, maxLength: 4000 }
      note: { type: string }
      size: { type: integer, default: 3 }
      share: { type: number }
      open: { type: boolean, default: false }
      mode: { type: string, enum: [fast, safe], default: safe }
      names: { type: array, items: { type: string }, default: [] }
      labels: { type: object, additionalProperties: { type: string }, default: {} }
      people:
        type: array
        default: []
        items:
          type: object
          additionalProperties: false
          required: [name]
          properties:
            name: { type: string, pattern: '^[a-z0-9-]+$' }
            lead: { type: string }
            members: { type: array, items: { type: string }, default: [] }
      nested:
        type: object
        additionalProperties: false
        properties:
          deep: { type: string }
`;

/** template.yaml of `t@1.0.0`, with the inputs above unless others are given. */
export function templateYaml(rest: { readonly inputs?: string; readonly floors?: string } = {}): string {
  return `apiVersion: tenantry/v1
kind: Template
metadata: { name: t@1.0.0 }
spec:
  changelog: [First version.]
  floors: ${rest.floors ?? '[]'}
  inputs:${rest.inputs ?? INPUT_SCHEMA}`;
}

export interface TemplateFiles {
  readonly inputs?: string;
  readonly floors?: string;
  /** Body files by name. */
  readonly bodies: { readonly [file: string]: string };
}

/** Compiles a template from texts. */
export function compiled(files: TemplateFiles): Result<CompiledTemplate> {
  const folder = 'templates/t/1.0.0';
  return compileTemplate({
    name: 't',
    version: '1.0.0',
    manifest: manifest(`${folder}/template.yaml`, templateYaml(files)),
    bodies: Object.entries(files.bodies).map(([name, text]) => {
      const file = `${folder}/${name}` as RepoPath;
      const { value, placeOf } = mustBe(readYaml(text, file));
      return { file, value, placeOf };
    }),
  });
}

/** A template whose one Team's displayName is `leaf`, which stands on line 5. */
export function leafTemplate(leaf: string): TemplateFiles {
  const body = `manifests:
  - kind: Team
    metadata: { name: a }
    spec:
      displayName: ${JSON.stringify(leaf)}
      leads: []
      members: []
`;
  return { bodies: { 'teams.yaml': body } };
}

/** org.yaml of `acme`, pinned to t@1.0.0. */
export function organization(inputs: JsonObject, spec: JsonObject = {}): Manifest {
  const document = {
    apiVersion: 'tenantry/v1',
    kind: 'Organization',
    metadata: { org: 'acme', name: 'acme' },
    spec: {
      displayName: 'Acme',
      uid: 'abcdefghij0123456789',
      isolation: 'dedicated',
      owners: ['@msp/west'],
      domains: ['acme.example', 'acme.test.example'],
      template: 't@1.0.0',
      inputs,
      ...spec,
    },
  };
  return manifest('orgs/acme/org.yaml', emit(document));
}

/** Everything that a render reads, empty but for what is given. */
export function renderInput(template: CompiledTemplate, rest: Partial<RenderInput> = {}): RenderInput {
  return {
    organization: organization({ title: 'Hello' }),
    template,
    overlays: [],
    custom: [],
    credentials: null,
    waivers: [],
    pins: [],
    ...rest,
  };
}

/** An overlay of acme. */
export function overlay(name: string, target: JsonObject, patches: readonly JsonObject[]): Manifest {
  const document = {
    apiVersion: 'tenantry/v1',
    kind: 'Overlay',
    metadata: { org: 'acme', name },
    spec: { target, reason: 'a test of overlays', patches },
  };
  return manifest(`orgs/acme/overlays/${name}.yaml`, emit(document));
}
