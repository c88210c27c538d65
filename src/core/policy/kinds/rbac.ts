import type { PolicyRbac, RoleTools } from '../generated/types.ts';
import { validatePolicyRbac } from '../generated/validators.js';
import { toolsOf } from '../text/tools.ts';
import type { RequestFacts } from '../types.ts';
import { ALLOW, policyKind, type StepResult } from './kind.ts';
import schema from './rbac.schema.json' with { type: 'json' };

export const rbac = policyKind<PolicyRbac>({
  kind: 'rbac',
  phases: ['input'],
  namespace: 'rbac',
  controls: ['ISO/IEC 42001 A.9'],
  schema,
  validate: validatePolicyRbac,
  notes: [
    'The role is the one that the token manifest gives to the verified token. **This differs from Keeptrusts, which reads `X-User-Role`:** a header is what the caller claims, so here it opens nothing.',
    '`deny_if_missing` (default `[X-User-ID]`, names in any case) demands that a header is there and not empty; its value proves nothing. `require_auth` demands a valid token, so a stand-alone gateway, which knows no tokens, refuses everything under it.',
    '`roles` decides which tools a request may offer: exact names, `*` for all, denied before allowed. Once there are roles, a request that offers tools needs a token with a listed role; a request without tools passes. `data_access` and `minimum_necessary` are refused by name.',
  ],
  compile: (config) => {
    const required = (config.deny_if_missing ?? ['X-User-ID']).map((name) => name.toLowerCase());
    const roles = config.roles === undefined ? null : new Map(Object.entries(config.roles));
    const refuse = (facts: RequestFacts): StepResult | null => {
      if ((config.require_auth ?? false) && !facts.authenticated)
        return deny('unauthenticated', 'A valid token is required.');
      const missing = required.find((name) => (facts.headers.get(name) ?? '').trim() === '');
      return missing === undefined ? null : deny('header_missing', `The header ${missing} is required.`);
    };
    return {
      headersRead: required,
      input: ({ facts, body }) =>
        refuse(facts) ?? (roles === null ? ALLOW : judgeTools(roles, facts.role, toolsOf(body))),
    };
  },
});

const deny = (reason: string, message: string): StepResult => ({
  verdict: 'block',
  reasonCode: `rbac.${reason}`,
  redactions: 0,
  message,
});

function judgeTools(roles: ReadonlyMap<string, RoleTools>, role: string | null, tools: readonly string[]): StepResult {
  if (tools.length === 0) return ALLOW;
  const rules = role === null ? undefined : roles.get(role);
  if (rules === undefined) return deny('role_unknown', 'Tools need a token with a role that this gateway knows.');
  const allowed = tools.every((tool) => names(rules.allowed_tools, tool) && !names(rules.denied_tools, tool));
  return allowed ? ALLOW : deny('tool_denied', 'The role of this token may not use a tool of the request.');
}

const names = (list: readonly string[] | undefined, tool: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(tool));
