import { instantMs, isName, type OrgSlug, orgSlug } from '../../core/model/index.ts';
import { VERBS, type Verb } from '../../core/rollout/index.ts';
import type { PublishParts } from '../publish/index.ts';
import { isReason } from '../reason.ts';
import { deny, endOverride, overrideView, rollBack, type Taken, tellRollout, viewNow } from '../rollout/index.ts';
import type { Outcome } from '../tokens.ts';
import { type Answer, answer, refusal } from './context.ts';

/** What an operator asks of the controller; `reason` stands in the history of the org. */
export type OperatorAsk = { readonly org: OrgSlug; readonly reason: string } & (
  | { readonly do: Verb }
  | { readonly do: 'deny'; readonly name: string; readonly expiresAt?: number }
  | { readonly do: 'rollback'; readonly to: number; readonly gateway?: string; readonly expiresAt?: number }
  | { readonly do: 'end'; readonly id: string }
);

/** Does what an operator asks, as `by`; the same for the control plane and for a command without one. */
export async function operate(parts: PublishParts, ask: OperatorAsk, by: string): Promise<Answer<object>> {
  const { org, reason } = ask;
  const taking = { org, actor: by, reason };
  switch (ask.do) {
    case 'deny':
      return overrideAnswer(org, await deny(parts, { ...taking, ...ask }));
    case 'rollback':
      return overrideAnswer(org, await rollBack(parts, { ...taking, ...ask }));
    case 'end':
      return overrideAnswer(org, await endOverride(parts, { ...taking, id: ask.id }));
    default:
      return told(parts, { org, verb: ask.do, by, reason });
  }
}

async function told(parts: PublishParts, ask: Parameters<typeof tellRollout>[1]): Promise<Answer<object>> {
  const { org, verb } = ask;
  if ((await parts.store.delivery(org)) === undefined)
    return refusal(422, 'ORG_UNKNOWN', `expected an applied org, found ${org}`);
  const rollout = await tellRollout(parts, ask);
  if (rollout === null)
    return refusal(422, 'ROLLOUT_NONE', `expected an open rollout of ${org} to ${verb}, found none`);
  const { store, runtime } = parts;
  return answer({ rollout: await viewNow({ orgs: store, runtime }, org, rollout) });
}

function overrideAnswer(org: OrgSlug, outcome: Outcome<Taken>): Answer<object> {
  if (!outcome.ok) return refusal(422, outcome.code, outcome.message);
  const { override, published, withheld } = outcome.value;
  const { generation, changed, removed, findings } = published;
  return answer({
    override: overrideView(org, override),
    published: { generation, changed, removed, findings },
    ...(withheld === undefined ? {} : { withheld }),
  });
}

const COMMON = ['org', 'do', 'reason'];
const MORE: { readonly [does: string]: readonly string[] } = {
  deny: ['name', 'expires'],
  rollback: ['to', 'gateway', 'expires'],
  end: ['id'],
};

/** What a body asks; undefined for anything that is not exactly such an ask. */
export function operatorAsk(body: unknown): OperatorAsk | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { org: slug, do: does, reason, ...rest } = body as Record<string, unknown>;
  const org = typeof slug === 'string' ? orgSlug(slug) : undefined;
  if (org === undefined || typeof does !== 'string' || !isReason(reason)) return undefined;
  const verb = VERBS.find((item) => item === does);
  const allowed = verb === undefined ? (Object.hasOwn(MORE, does) ? MORE[does] : undefined) : [];
  if (allowed === undefined || Object.keys(rest).some((key) => !allowed.includes(key) && !COMMON.includes(key)))
    return undefined;
  const expiry = expiryOf(rest['expires']);
  if (expiry === undefined) return undefined;
  const common = { org, reason };
  const { name, to, gateway, id } = rest;
  if (verb !== undefined) return { ...common, do: verb };
  if (does === 'deny') return isSubject(name) ? { ...common, do: 'deny', name, ...expiry } : undefined;
  if (does === 'end') return typeof id === 'string' && isName(id) ? { ...common, do: 'end', id } : undefined;
  if (typeof to !== 'number' || !Number.isSafeInteger(to) || to < 1) return undefined;
  if (gateway !== undefined && !(typeof gateway === 'string' && isName(gateway))) return undefined;
  return { ...common, do: 'rollback', to, ...(gateway === undefined ? {} : { gateway }), ...expiry };
}

function isSubject(name: unknown): name is string {
  return typeof name === 'string' && isName(name.replace(/^(token|gateway)\//i, ''));
}

function expiryOf(given: unknown): { readonly expiresAt?: number } | undefined {
  if (given === undefined) return {};
  const expiresAt = typeof given === 'string' ? instantMs(given) : undefined;
  return expiresAt === undefined ? undefined : { expiresAt };
}
