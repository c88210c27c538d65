import { describe, expect, it } from 'vitest';
import type { JsonObject, Manifest, RepoPath } from '../model/index.ts';
import { starterInputs } from './index.ts';

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
