import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';

interface Described {
  readonly paths: {
    readonly [path: string]: {
      readonly get?: {
        readonly responses: { readonly '200': { readonly content?: { readonly [type: string]: object } } };
      };
    };
  };
}

test.each([
  ['an event', { type: 'intent', id: 'int_1', at: 1, requestId: 'req_1', target: 'main', wallets: [] }, true],
  ['one that is not of its shape', { misshapen: 'expected the field id', event: { type: 'intent' } }, true],
  ['a row that is damaged', { damaged: true }, true],
  ['nothing of these', {}, false],
  ['two of these', { damaged: true, misshapen: 'why', event: {} }, false],
])('the description of events knows %s', (_, row, isKnown) => {
  const { paths } = openApiDocument() as unknown as Described;
  const answer = paths['/api/v1/orgs/{org}/events']?.get?.responses['200'].content?.['application/json'];
  const { schema } = answer as { readonly schema: object };
  const validate = new Ajv().compile(schema);
  expect(validate({ items: [{ gateway: 'desk', sequence: 1, hash: 'ab', ...row }], next: null })).toBe(isKnown);
});
