import type { EscalationEndEvent, OrgSlug } from '../../core/model/index.ts';
import type { LoggedStep, RuntimeStore } from '../../ports/index.ts';

/** A gateway's word that people answered a question: `expired` and `lost` are its own doing, and claim nothing. */
export interface Claim<Where> {
  readonly where: Where;
  readonly sequence: number;
  readonly gateway: string;
  readonly outcome: 'approved' | 'denied';
}

/** What gateways say that people answered, by the id of the question. */
export type Claims<Where> = Map<string, Claim<Where>[]>;

/** Notes what an end claims of people. */
export function noteClaim<Where>(
  claims: Claims<Where>,
  { id, outcome }: EscalationEndEvent,
  from: Pick<Claim<Where>, 'where' | 'sequence' | 'gateway'>,
): void {
  if (outcome !== 'approved' && outcome !== 'denied') return;
  const known = claims.get(id);
  const claim = { ...from, outcome };
  if (known === undefined) claims.set(id, [claim]);
  else known.push(claim);
}

/** What the log of the store has of one question. */
interface Answer {
  readonly asker: string;
  outcome: 'approved' | 'denied' | null;
  by: string;
}

const PAGE = 1000;

/**
 * Holds what gateways claim against the log of the control plane, which outlives the queue: people, or the queue's rule for
 * what nobody answers, have to have said it, and to that gateway. What a gateway ended of itself is no answer of anybody's.
 * Read after the lines: an answer is in the log before a gateway hears of it.
 */
export async function contradicted<Where>(
  runtime: Pick<RuntimeStore, 'escalationLog'>,
  org: OrgSlug,
  claims: Claims<Where>,
): Promise<readonly { readonly claim: Claim<Where>; readonly message: string }[]> {
  const answers = new Map<string, Answer>();
  for await (const step of allSteps(runtime, org)) if (claims.has(step.id)) noteStep(answers, step);
  return [...claims].flatMap(([id, said]) =>
    said.flatMap((claim) => {
      const message = contradiction(id, claim, answers.get(id));
      return message === null ? [] : [{ claim, message }];
    }),
  );
}

function contradiction<Where>(
  id: string,
  { gateway, outcome }: Claim<Where>,
  answer: Answer | undefined,
): string | null {
  const says = `the gateway says that ${id} is ${outcome}`;
  if (answer === undefined) return `${says}, expected the question in the log of escalations, found none`;
  if (answer.asker !== `gateway ${gateway}`)
    return `${says}, expected its own question in the log of escalations, found one of ${answer.asker}`;
  if (answer.outcome === null) return `${says}, expected an answer in the log of escalations, found none`;
  if (answer.outcome === outcome) return null;
  return `${says}, expected ${answer.outcome} as ${answer.by} said`;
}

function noteStep(answers: Map<string, Answer>, { id, actor, what, outcome }: LoggedStep): void {
  const known = answers.get(id);
  if (known === undefined) answers.set(id, { asker: actor, outcome: null, by: '' });
  else if (what === 'resolved' && actor !== known.asker)
    Object.assign(known, { outcome: outcome === 'approved' ? 'approved' : 'denied', by: actor });
}

async function* allSteps(
  runtime: Pick<RuntimeStore, 'escalationLog'>,
  org: OrgSlug,
): AsyncGenerator<LoggedStep, void, undefined> {
  let after: LoggedStep | undefined;
  for (;;) {
    const page: readonly LoggedStep[] = await runtime.escalationLog(org, {
      limit: PAGE,
      ...(after === undefined ? {} : { after: `${after.number}:${after.id}` }),
    });
    yield* page;
    after = page.at(-1) ?? after;
    if (page.length < PAGE) return;
  }
}
