import type { CaseInput, PolicyDocument } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { CompiledPolicy, Decision, RequestFacts } from '../types.ts';

/** Runs the cases of `testing.suites` through the input policies and reports each whose verdict or reason is another. */
export function runTests(document: PolicyDocument, policy: CompiledPolicy, report: Report): void {
  for (const [suite, { cases, name }] of (document.testing?.suites ?? []).entries()) {
    for (const [index, { expected, input, ...test }] of cases.entries()) {
      const outcome = policy.input(requestOf(input));
      if (outcome.inquiry !== null) {
        reportAsks(
          outcome,
          { pointer: `/testing/suites/${suite}/cases/${index}`, title: `${test.name} of ${name}` },
          report,
        );
        continue;
      }
      const reason = expected.reason_code;
      if (outcome.verdict === expected.verdict && (reason === undefined || reason === outcome.reasonCode)) continue;
      report('POLICY_TEST_FAILED', `/testing/suites/${suite}/cases/${index}/expected`, {
        message: `The case ${test.name} of ${name} came to another verdict.`,
        expected: words(expected.verdict, reason ?? null),
        found: words(outcome.verdict, outcome.reasonCode),
      });
    }
  }
}

interface CasePlace {
  readonly pointer: string;
  readonly title: string;
}

/** Nobody is asked here, so the case has no verdict. */
function reportAsks({ blockedBy }: Decision, { pointer, title }: CasePlace, report: Report): void {
  report('POLICY_TEST_ASKS', `${pointer}/input`, {
    message: `The case ${title} reaches a policy that asks another service.`,
    expected: 'a case that is decided without asking',
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
