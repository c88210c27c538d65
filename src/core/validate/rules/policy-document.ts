import type { Json } from '../../model/index.ts';
import { objectKey } from '../../model/index.ts';
import { checkDocument } from '../../policy/index.ts';
import type { DesiredRule } from '../rule.ts';
import { escalatesToNobody } from './escalates-to-nobody.ts';

/**
 * What the policy engine says of each policy document, and whether anybody decides what is escalated: any of their codes, of
 * which the most frequent stands here.
 */
export const policyDocument: DesiredRule = {
  code: 'POLICY_SHAPE',
  needs: 'desired',
  decide: (org) => [
    ...org.all('Policy').flatMap((object) =>
      checkDocument(object.document.spec.document as Json, {
        placeOf: (pointer) => org.placeOf({ object, pointer }),
        pointer: '/spec/document',
        org: org.org,
        object: objectKey(object.id),
      }),
    ),
    ...escalatesToNobody(org),
  ],
};
