import { isJsonObject, type Json, type Kind, pointerStep, valueAt } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

interface Selected {
  readonly kind: Kind;
  readonly name: string;
  readonly pointer: string;
}

export const i05TargetingNotOfOrg: DesiredRule = {
  code: 'ISO_I05_TARGETING_NOT_OF_ORG',
  needs: 'desired',
  decide: (org) =>
    org.all('Policy').flatMap((object) =>
      selectedBy(object.document.spec.document as Json)
        .filter(({ kind, name }) => org.named(kind, name).length === 0)
        .map(({ kind, name, pointer }) =>
          org.report(
            'ISO_I05_TARGETING_NOT_OF_ORG',
            { object, pointer: `/spec/document${pointer}` },
            {
              message: `policy ${object.id.name} is meant for ${kind.toLowerCase()} ${JSON.stringify(name)}, which org ${org.org} does not have`,
              expected: `teams and gateways of org ${org.org}`,
              found: JSON.stringify(name),
            },
          ),
        ),
    ),
};

/** What the chain entries of a document select by name. */
function selectedBy(document: Json): readonly Selected[] {
  const chain = valueAt(document, '/policies/chain');
  if (!Array.isArray(chain)) return [];
  return chain.flatMap((entry: Json, index) => {
    if (!isJsonObject(entry)) return [];
    return Object.entries(entry).flatMap(([kind, options]) => {
      const pointer = `/policies/chain/${index}/${pointerStep(kind)}/targeting`;
      const targeting = isJsonObject(options) ? options['targeting'] : undefined;
      if (!isJsonObject(targeting)) return [];
      return [
        ...namesIn(targeting['teams'], 'Team', `${pointer}/teams`),
        ...namesIn(targeting['gateways'], 'Gateway', `${pointer}/gateways`),
      ];
    });
  });
}

function namesIn(value: Json | undefined, kind: Kind, pointer: string): readonly Selected[] {
  if (typeof value === 'string') return [{ kind, name: value, pointer }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((name: Json, index) =>
    typeof name === 'string' ? [{ kind, name, pointer: `${pointer}/${index}` }] : [],
  );
}
