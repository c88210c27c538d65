import type { CaseInput, PolicyDocument } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import { POLICY_KINDS } from '../kinds/table.ts';
import type { CompiledPolicy, Decision, RequestFacts } from '../types.ts';

/**
 * Runs the cases of `testing.suites` through the input policies and reports each whose verdict or reason is another. A case that
 * expects `escalate` is run up to the first policy that asks another service.
 */
export function runTests(document: PolicyDocument, policy: CompiledPolicy, report: Report): void {
  for (const [suite, { cases, name }] of (document.testing?.suites ?? []).entries()) {
    for (const [index, { expected, input, ...test }] of cases.entries()) {
      const pointer = `/testing/suites/${suite}/cases/${index}`;
      const outcome = policy.input(requestOf(input));
      if (outcome.inquiry !== null && expected.verdict !== 'escalate') {
        reportAsks(outcome, { pointer, title: `${test.name} of ${name}` }, report);
        continue;
      }
      const { verdict, reasonCode } = outcome.inquiry === null ? outcome : handedOver(outcome);
      const reason = expected.reason_code;
      if (verdict === expected.verdict && (reason === undefined || reason === reasonCode)) continue;
      report('POLICY_TEST_FAILED', `${pointer}/expected`, {
        message: `The case ${test.name} of ${name} came to another verdict.`,
        expected: words(expected.verdict, reason ?? null),
        found: words(verdict, reasonCode),
      });
    }
  }
}

/** What a case comes to whose request somebody else judges: a person, for a policy before; else the service that is asked. */
function handedOver({ steps, blockedBy }: Decision): Pick<Decision, 'verdict' | 'reasonCode'> {
  const person = steps.find(({ verdict }) => verdict === 'escalate');
  const asking = POLICY_KINDS.find(({ kind }) => kind === blockedBy?.policy);
  return { verdict: 'escalate', reasonCode: person?.reasonCode ?? `${asking?.namespace}.asked` };
}

interface CasePlace {
  readonly pointer: string;
  readonly title: string;
}

/** Nobody is asked here, so the case has no verdict. */
function reportAsks({ blockedBy }: Decision, { pointer, title }: CasePlace, report: Report): void {
  report('POLICY_TEST_ASKS', `${pointer}/input`, {
    message: `The case ${title} reaches a policy that asks another service.`,
    expected: 'a case that is decided without asking, or one that expects escalate',
    found: blockedBy?.policy ?? '',
  });
}

const words = (verdict: string, reason: string | null): string =>
  reason === null ? verdict : `${verdict} (${reason})`;

/** The request that a case stands for: a chat completion with a valid token of the given team and no role. */
function requestOf(input: CaseInput): RequestFacts {
  const headers = Object.entries(input.headers ?? {}).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ]);
  return {
    path: '/v1/chat/completions',
    headers: new Map(headers),
    model: null,
    team: input.team_slugs?.[0] ?? null,
    role: null,
    gateway: input.gateway_name ?? '',
    token: null,
    authenticated: true,
    body: { messages: input.messages.map(({ role, content }) => ({ role, content })) },
  };
}
