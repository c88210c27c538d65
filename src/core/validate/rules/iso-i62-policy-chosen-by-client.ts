import { isJsonObject, type Json, pointerStep, valueAt } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const i62PolicyChosenByClient: DesiredRule = {
  code: 'ISO_I62_POLICY_CHOSEN_BY_CLIENT',
  needs: 'desired',
  decide: (org) =>
    org.all('Policy').flatMap((object) =>
      headerConditions(object.document.spec.document as Json).map(({ kind, headers, pointer }) =>
        org.report(
          'ISO_I62_POLICY_CHOSEN_BY_CLIENT',
          { object, pointer: `/spec/document${pointer}` },
          {
            message: `whether ${kind} runs is decided by what the client sends`,
            expected: 'targeting by team or gateway, which the token decides',
            found: `a condition on ${headers.join(', ')}`,
          },
        ),
      ),
    ),
};

interface HeaderCondition {
  readonly kind: string;
  readonly headers: readonly string[];
  readonly pointer: string;
}

function headerConditions(document: Json): readonly HeaderCondition[] {
  const chain = valueAt(document, '/policies/chain');
  if (!Array.isArray(chain)) return [];
  return chain.flatMap((entry: Json, index) => {
    if (!isJsonObject(entry)) return [];
    return Object.entries(entry).flatMap(([kind, options]): readonly HeaderCondition[] => {
      const pointer = `/policies/chain/${index}/${pointerStep(kind)}/when/header`;
      const header = valueAt(options, '/when/header');
      return isJsonObject(header) && Object.keys(header).length > 0
        ? [{ kind, headers: Object.keys(header), pointer }]
        : [];
    });
  });
}
