import type { DesiredRule } from '../rule.ts';

export const gatewayNameDuplicate: DesiredRule = {
  code: 'GATEWAY_NAME_DUPLICATE',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const others = org
        .named('Gateway', gateway.id.name)
        .filter(({ id }) => id.environment !== gateway.id.environment);
      if (others.length === 0) return [];
      const where = others.map(({ id }) => id.environment).join(', ');
      return [
        org.report(
          'GATEWAY_NAME_DUPLICATE',
          { object: gateway, pointer: '/metadata/name' },
          {
            message: `gateway ${gateway.id.name} exists in ${gateway.id.environment} and in ${where}`,
            expected: 'a name that no other gateway of the org has',
            found: JSON.stringify(gateway.id.name),
            related: others.map((object) => org.placeOf({ object, pointer: '/metadata/name' })),
          },
        ),
      ];
    }),
};
