import { type Finding, isJsonObject, type Json, valueAt } from '../../model/index.ts';
import type { OrgView } from '../view.ts';

/** What hands requests to people in an org that names nobody who decides: its policies, its tools, and wallets that hold. */
export function escalatesToNobody(org: OrgView): readonly Finding[] {
  if (org.all('Review').length > 0) return [];
  const nobody = { expected: 'a Review of this org', found: '0 manifests of kind Review' };
  const policies = org.all('Policy').flatMap((object) => {
    const document = object.document.spec.document as Json;
    return kindsIn(document).flatMap(({ kind, index }) => {
      if (!escalates(kind, valueAt(document, `/policy/${kind}`) ?? {})) return [];
      const message = `${kind} hands requests to people, and nobody of this org decides about them`;
      const pointer = `/spec/document/policies/chain/${index}`;
      return [org.report('ESCALATION_WITHOUT_REVIEW', { object, pointer }, { message, ...nobody })];
    });
  });
  const wallets = org.all('Wallet').flatMap((object) => {
    if (object.document.spec.whenExhausted !== 'hold') return [];
    const message = `wallet ${object.id.name} holds requests for people, and nobody of this org decides about them`;
    return [
      org.report('ESCALATION_WITHOUT_REVIEW', { object, pointer: '/spec/whenExhausted' }, { message, ...nobody }),
    ];
  });
  const tools = org.all('Policy').flatMap((object) =>
    approvalsIn(object.document.spec.document as Json).map(({ id, index }) => {
      const message = `tool server ${id} hands calls to people, and nobody of this org decides about them`;
      const pointer = `/spec/document/tool_servers/${index}/require_approval`;
      return org.report('ESCALATION_WITHOUT_REVIEW', { object, pointer }, { message, ...nobody });
    }),
  );
  return [...policies, ...tools, ...wallets];
}

/** The tool servers of a document of which a person approves calls. */
function approvalsIn(document: Json): readonly { readonly id: string; readonly index: number }[] {
  const servers = valueAt(document, '/tool_servers');
  if (!Array.isArray(servers)) return [];
  return servers.flatMap((server: Json, index) =>
    valueAt(server, '/require_approval') === undefined ? [] : [{ id: String(valueAt(server, '/id')), index }],
  );
}

interface ChainEntry {
  readonly kind: string;
  readonly index: number;
}

/** An entry of a chain is a name, or an object of one name with its conditions. */
function kindsIn(document: Json): readonly ChainEntry[] {
  const chain = valueAt(document, '/policies/chain');
  if (!Array.isArray(chain)) return [];
  return chain.flatMap((entry: Json, index): readonly ChainEntry[] => {
    const names = isJsonObject(entry) ? Object.keys(entry) : [entry];
    return names.flatMap((kind) => (typeof kind === 'string' ? [{ kind, index }] : []));
  });
}

/** human-oversight asks people unless it blocks; others where they are told to, or where a tool call needs an approval. */
function escalates(kind: string, settings: Json): boolean {
  if (kind === 'human-oversight') return valueAt(settings, '/action') !== 'block';
  return saysEscalate(settings);
}

function saysEscalate(value: Json): boolean {
  if (Array.isArray(value)) return value.some(saysEscalate);
  if (!isJsonObject(value)) return value === 'escalate';
  return Object.entries(value).some(([name, inner]) => name === 'transaction_limits' || saysEscalate(inner));
}
