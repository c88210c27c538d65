import { isJsonObject, type Json, pointerStep, valueAt } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

const ROLES = '/policy/rbac/roles';

export const i36WildcardTool: DesiredRule = {
  code: 'ISO_I36_WILDCARD_TOOL',
  needs: 'desired',
  decide: (org) =>
    org.all('Policy').flatMap((object) =>
      wildcards(object.document.spec.document as Json).map(({ role, tool, pointer }) =>
        org.report(
          'ISO_I36_WILDCARD_TOOL',
          { object, pointer: `/spec/document${pointer}` },
          {
            message: `role ${role} may use every tool, those that do not exist yet too`,
            expected: 'the tools by name',
            found: JSON.stringify(tool),
          },
        ),
      ),
    ),
};

interface Wildcard {
  readonly role: string;
  readonly tool: string;
  readonly pointer: string;
}

/** Allowed tools that a fresh random name would match: `*` is the one that the engine knows. */
function wildcards(document: Json): readonly Wildcard[] {
  const roles = valueAt(document, ROLES);
  if (!isJsonObject(roles)) return [];
  return Object.entries(roles).flatMap(([role, rules]) => {
    const allowed = isJsonObject(rules) ? rules['allowed_tools'] : undefined;
    if (!Array.isArray(allowed)) return [];
    return allowed.flatMap((tool: Json, index) =>
      typeof tool === 'string' && /^\*+$/.test(tool)
        ? [{ role, tool, pointer: `${ROLES}/${pointerStep(role)}/allowed_tools/${index}` }]
        : [],
    );
  });
}
