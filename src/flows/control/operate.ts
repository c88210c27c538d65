import { endMs, isName, type OrgSlug, orgSlug } from '../../core/model/index.ts';
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
  const moved = await tellRollout(parts, ask);
  if (moved === null) return refusal(422, 'ROLLOUT_NONE', `expected an open rollout of ${org} to ${verb}, found none`);
  const { store, runtime } = parts;
  const rollout = await viewNow({ orgs: store, runtime }, org, moved.rollout);
  return answer({ rollout, findings: moved.findings });
}

function overrideAnswer(org: OrgSlug, outcome: Outcome<Taken>): Answer<object> {
  if (!outcome.ok) return refusal(422, outcome.code, outcome.message);
  const { override, taken, published, withheld } = outcome.value;
  const { generation, changed, removed, findings } = published;
  return answer({
    override: overrideView(org, override),
    taken,
    published: { generation, changed, removed, findings },
    ...(withheld === undefined ? {} : { withheld }),
  });
}

const COMMON = ['org', 'do', 'reason'];
const MORE: { readonly [does: string]: readonly string[] } = {
  deny: ['name', 'expires'],
  rollback: ['to', 'gateway', 'expires'],
  end: ['id'],
  ...Object.fromEntries(VERBS.map((verb) => [verb, []])),
};

/** What a body asks, or in one sentence what of it was expected and what was found. */
export type AskedOperator =
  | { readonly ok: true; readonly value: OperatorAsk }
  | { readonly ok: false; readonly message: string };

const AN_END = 'an end such as 2027-01-31T00:00:00Z, or a day, at whose end in UTC it ends';
const A_NAME = 'a name of a-z, 0-9 and hyphens';

/** Reads a body, closed: what is not exactly such an ask is refused by the field that is not. */
export function operatorAsk(body: unknown): AskedOperator {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const asked: Readonly<Record<string, unknown>> = isObject ? { ...body } : {};
  const message = whyNot(asked);
  if (message !== undefined) return { ok: false, message };
  // Each field was looked at.
  const { org, do: does, reason, expires, ...of } = asked;
  const end = expires === undefined ? {} : { expiresAt: endMs(String(expires)) };
  return { ok: true, value: { ...of, ...end, org, do: does, reason } as unknown as OperatorAsk };
}

/** The first field that is not as expected; undefined where all are. */
function whyNot({ org, do: does, reason, ...of }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof org !== 'string' || orgSlug(org) === undefined) return wanted('`org`: the name of an org', org);
  const allowed = typeof does === 'string' && Object.hasOwn(MORE, does) ? MORE[does] : undefined;
  if (allowed === undefined) return wanted(`\`do\`: one of ${Object.keys(MORE).join(', ')}`, does);
  const other = Object.keys(of).find((key) => !allowed.includes(key));
  if (other !== undefined) return wanted(`no fields of ${does} but ${[...COMMON, ...allowed].join(', ')}`, other);
  if (!isReason(reason)) return wanted('a reason of 3 to 1000 characters', lengthOf(reason));
  if (allowed.includes('expires') && !isEnd(of['expires'])) return wanted(AN_END, of['expires']);
  if (does === 'deny' && !isSubject(of['name']))
    return wanted(`${A_NAME}, with or without token/ or gateway/ before it`, of['name']);
  if (does === 'end' && !isNameText(of['id'])) return wanted(`the id of an override, ${A_NAME}`, of['id']);
  if (does !== 'rollback') return undefined;
  if (!Number.isSafeInteger(of['to']) || Number(of['to']) < 1) return wanted('a generation, from 1 up', of['to']);
  if (of['gateway'] !== undefined && !isNameText(of['gateway'])) return wanted(`a gateway, ${A_NAME}`, of['gateway']);
  return undefined;
}

const wanted = (expected: string, found: unknown): string =>
  `expected ${expected}, found ${found === undefined ? 'none' : clipped(JSON.stringify(found))}`;

const MOST_SHOWN = 80;
const clipped = (text: string): string => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);

/** A reason is told by its length: it may be long, and say what nobody else should read. */
const lengthOf = (reason: unknown): unknown => (typeof reason === 'string' ? reason.length : reason);

function isSubject(name: unknown): boolean {
  return typeof name === 'string' && isName(name.replace(/^(token|gateway)\//i, ''));
}

function isNameText(text: unknown): boolean {
  return typeof text === 'string' && isName(text);
}

function isEnd(given: unknown): boolean {
  return given === undefined || (typeof given === 'string' && endMs(given) !== undefined);
}
