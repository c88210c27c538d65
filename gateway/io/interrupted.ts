import type { DecisionEvent, EscalationEvent, Sha256Hex } from '../../src/core/model/index.ts';
import type { EscalationBook } from './escalation-book.ts';
import type { Service } from './service.ts';
import type { SliceBook } from './wallets.ts';

/** Requests that a crash cut off: everything they held is settled, and a decision says why (ai-gateways 7, rule 9). */
export async function settleInterrupted(
  service: Pick<Service, 'nowMs' | 'evidence' | 'log'>,
  book: SliceBook,
  { questions, gateway }: { readonly questions: Pick<EscalationBook, 'undecided'>; readonly gateway: string },
): Promise<void> {
  const cutOff = book.recovered();
  const asked = new Map(questions.undecided().map((event) => [event.requestId, event]));
  const decisions = cutOff.map((request) => {
    // Of one that waited for a person nothing but questions of policies went out.
    const question = request.target === null ? asked.get(request.requestId) : undefined;
    return { ...cutOffDecision(service, request), ...(question === undefined ? {} : waitedFor(question)) };
  });
  await Promise.all(decisions.map((event) => service.evidence.decision(event, () => {})));
  if (decisions.length > 0) {
    service.log.warn('requests were cut off by the last stop; their holds are settled whole', {
      requests: decisions.length,
      gateway,
    });
  }
}

/**
 * Questions to people that a stop cut off: what waited was in memory alone, so each ends as lost, and a request that never went
 * out gets the decision that says so. After `settleInterrupted`, which decides those of which anything did go out.
 */
export async function endLost(
  service: Pick<Service, 'nowMs' | 'evidence' | 'log'>,
  questions: Pick<EscalationBook, 'open' | 'undecided'>,
): Promise<void> {
  const open = questions.open();
  const ends = open.map(({ id, requestId }) =>
    service.evidence.escalation({ type: 'escalation-end', id, at: service.nowMs(), requestId, outcome: 'lost' }),
  );
  await Promise.all(ends);
  const decisions = questions.undecided().map((question) => ({
    ...cutOffDecision(service, { requestId: question.requestId, target: null, attempts: 0, wallets: [] }),
    ...waitedFor(question),
  }));
  await Promise.all(decisions.map((event) => service.evidence.decision(event, () => {})));
  if (open.length > 0)
    service.log.warn('what waited for people is lost with the last stop', { questions: open.length });
}

/** What the decision of a request says that waited for a person. */
function waitedFor({ reasonCode, token, team, model, tool }: EscalationEvent) {
  return {
    ...{ verdict: 'escalate' as const, reasonCode, token, team, model },
    ...(tool === undefined ? {} : { tool: { server: tool.server, method: 'tools/call', tool: tool.tool } }),
  };
}

function cutOffDecision(
  { nowMs }: Pick<Service, 'nowMs'>,
  { requestId, target, attempts, wallets }: Pick<DecisionEvent, 'requestId' | 'target' | 'attempts' | 'wallets'>,
): DecisionEvent {
  return {
    type: 'decision',
    id: `evt${requestId.slice(3)}`,
    at: nowMs(),
    requestId,
    token: null,
    team: null,
    route: 'interrupted',
    model: null,
    target,
    provider: null,
    attempts,
    status: 503,
    verdict: 'allow',
    reasonCode: 'gateway.interrupted',
    stream: false,
    simulated: false,
    configVersion: 'unknown',
    contentDigest: '0'.repeat(64) as Sha256Hex,
    generation: 0,
    commit: null,
    steps: [],
    wallets,
    inputTokens: 0,
    outputTokens: 0,
    // What was paid for may have been answered: nobody knows how many tokens that took.
    ...(wallets.length > 0 ? { usageFlag: 'unknown' as const } : {}),
    durationMs: 0,
  };
}
