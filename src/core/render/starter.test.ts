import { describe, expect, it } from 'vitest';
import type { JsonObject, Manifest, RepoPath } from '../model/index.ts';
import { compileTemplate, starterFindings, starterInputs } from './index.ts';

const file = 'templates/basic/1.0.0/template.yaml' as RepoPath;
const template = (starter?: JsonObject): Manifest => ({
  id: { kind: 'Template', environment: null, name: 'basic@1.0.0' },
  org: null,
  file,
  metadata: { name: 'basic@1.0.0' },
  spec: starter === undefined ? {} : { starter },
  document: {},
  placeOf: () => ({ file, line: 7, column: 3 }),
});
const organization: JsonObject = {
  metadata: { name: 'delta', org: 'delta' },
  spec: { displayName: 'Delta', uid: 'a'.repeat(20), isolation: 'dedicated', domains: ['delta.example'] },
};
const next = { port: 41_032, env: 'DELTA', expires: '2027-01-01T00:00:00Z' };

describe('starter inputs', () => {
  it('fill org and next into leaves and keep types', () => {
    const starter = {
      listen: '127.0.0.1:{{next.port}}',
      port: '{{next.port}}',
      key: '{{next.env}}_KEY',
      who: ['{{org.slug}}'],
    };
    const result = starterInputs(template(starter), organization, next);
    expect(result).toMatchObject({
      ok: true,
      value: { listen: '127.0.0.1:41032', port: 41_032, key: 'DELTA_KEY', who: ['delta'] },
    });
  });

  it('are empty for a template without a starter', () => {
    expect(starterInputs(template(), organization, next)).toMatchObject({ ok: true, value: {} });
  });

  it('know no inputs and no other names', () => {
    const result = starterInputs(template({ a: '{{inputs.x}}', b: '{{org.constructor}}' }), organization, next);
    expect(result.ok).toBe(false);
    expect(result.findings.map((item) => item.code)).toEqual(['TEMPLATE_UNKNOWN_PATH', 'TEMPLATE_UNKNOWN_PATH']);
  });
});

describe('a starter is judged by the inputs of its own version', () => {
  const schema: JsonObject = {
    type: 'object',
    additionalProperties: false,
    required: ['zone', 'teams'],
    properties: {
      zone: { type: 'string' },
      teams: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^[a-z]+$' } },
      size: { type: 'integer', default: 1 },
    },
  };

  it.each<readonly [string, JsonObject | undefined, readonly string[]]>([
    ['none', undefined, []],
    ['one that fits', { zone: 'UTC', teams: ['{{org.slug}}'], size: '{{next.port}}' }, []],
    ['an input of another version', { timeZone: 'UTC', teams: ['desk'], zone: 'UTC' }, ['TEMPLATE_STARTER /timeZone']],
    ['another type', { zone: '{{next.port}}', teams: ['desk'] }, ['TEMPLATE_STARTER /zone']],
    ['an item that is refused', { zone: 'UTC', teams: ['Desk 1'] }, ['TEMPLATE_STARTER /teams/0']],
    ['what fits another org', { zone: '{{org.slug}}', teams: ['{{org.displayName}}'] }, []],
    ['what is left to --set', { teams: ['desk'] }, ['TEMPLATE_STARTER_LACKS ']],
    ['a name that is not there', { zone: '{{inputs.x}}', teams: ['desk'] }, ['TEMPLATE_UNKNOWN_PATH /zone']],
  ])('%s', (_, starter, expected) => {
    const manifest = {
      ...template(starter),
      spec: { inputs: schema, floors: [], ...(starter === undefined ? {} : { starter }) },
      placeOf: (pointer: string) => ({ file, line: 7, column: 3, pointer }),
    } as unknown as Manifest;
    const compiled = compileTemplate({ name: 'basic', version: '1.0.0', manifest, bodies: [] });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
    const found = starterFindings(compiled.value, manifest).map(
      ({ code, place }) => `${code} ${(place as unknown as { pointer: string }).pointer.replace('/spec/starter', '')}`,
    );
    expect(found).toEqual(expected);
  });
});
