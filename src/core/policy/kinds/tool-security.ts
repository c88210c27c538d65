import { hasAwsAccessKey, hasJwt, hasPrivateKey } from '../detect/credentials.ts';
import { dangerIn } from '../detect/dangers.ts';
import { type Detector, isFoundIn, TextView } from '../detect/detector.ts';
import { HEALTH, PAYMENT, PERSONAL } from '../detect/personal.ts';
import { termDetector } from '../detect/terms.ts';
import type { PolicyToolSecurity } from '../generated/types.ts';
import { validatePolicyToolSecurity } from '../generated/validators.js';
import { callsOfRequest, type ToolCall, textsOfCall } from '../text/calls.ts';
import { ALLOW, policyKind, type StepResult } from './kind.ts';
import schema from './tool-security.schema.json' with { type: 'json' };

type EntityType = NonNullable<PolicyToolSecurity['blocked_entity_types']>[number];

const detectorsOf = (all: readonly Detector[], type: string) => {
  const some = all.filter((detector) => detector.type === type);
  return (text: string): boolean => {
    const view = new TextView(text);
    return some.some((detector) => isFoundIn(detector, view));
  };
};

const ENTITIES: { readonly [type in EntityType]: (text: string) => boolean } = {
  pan: detectorsOf(PAYMENT, 'CREDIT_CARD'),
  ssn: detectorsOf(PERSONAL, 'SSN'),
  mrn: detectorsOf(HEALTH, 'MRN'),
  jwt: hasJwt,
  aws_access_key: hasAwsAccessKey,
  private_key: hasPrivateKey,
};

export const toolSecurity = policyKind<PolicyToolSecurity>({
  kind: 'tool-security',
  phases: ['input', 'output'],
  namespace: 'tool_security',
  controls: ['OWASP LLM 2026/03'],
  schema,
  validate: validatePolicyToolSecurity,
  notes: [
    'Looks at every tool call of an answer, whole and streamed, and at those that a request tells of from earlier turns: at the name, and at each key, text and number of the arguments with JSON escapes and exponents undone. Results of tools are for `prompt-injection` and the detectors of texts.',
    '`blocked_entity_types`: pan (card numbers of four brands with a valid check digit), ssn, mrn (next to its keyword, which may be the key), jwt, aws_access_key (the id of the key), private_key (PEM, OpenPGP); an empty list means all: `tool_security.sensitive_data`.',
    'Attacks by their shape, in the text, percent-decoded twice, and with compatible characters folded: `tool_security.path_traversal` (`../` and a few files of systems), `tool_security.ssrf` (URLs to loopback, private, link-local and metadata addresses in any notation of IPv4, to names like `.internal`, and schemes like `file` and `gopher`), `tool_security.command_injection` (a known program after `;`, `|`, `&`, a new line, a back-tick or `$(`), `tool_security.injection` (common forms of SQL, template, script and lookup injection).',
    'These are heuristics: they do not see what is encoded otherwise (Base64, other encodings of a shell), split over several arguments or calls, or hidden behind a name that resolves to an inner address; and a tool that is meant to take shell commands, SQL or relative paths is refused by them, so it needs a chain without this kind.',
    '`blocked_patterns` are literal texts, compared without regard to case with each text of the call and with the whole arguments as JSON: `tool_security.blocked_pattern`.',
    '`analysis_mode` is accepted as `local`, `fail_closed` as `true` only; `firewall_endpoint` and `secret_key_ref` are refused by name.',
  ],
  compile: (config) => {
    const types = config.blocked_entity_types ?? [];
    const entities = Object.entries(ENTITIES).flatMap(([type, has]) =>
      types.length === 0 || types.includes(type as EntityType) ? [has] : [],
    );
    const terms = (config.blocked_patterns ?? []).map((term) => termDetector(term, 'PATTERN'));
    const judge = (call: ToolCall): StepResult => {
      const reason = faultOf(call, entities, terms);
      return reason === null ? ALLOW : { ...refused, reasonCode: `tool_security.${reason}` };
    };
    return {
      input: ({ body }) =>
        callsOfRequest(body)
          .map(judge)
          .find(({ verdict }) => verdict === 'block') ?? ALLOW,
      call: judge,
    };
  },
});

const refused: StepResult = {
  verdict: 'block',
  reasonCode: null,
  redactions: 0,
  message: 'A tool call holds what this gateway does not let through.',
};

function faultOf(
  call: ToolCall,
  entities: readonly ((text: string) => boolean)[],
  terms: readonly Detector[],
): string | null {
  const parts = textsOfCall(call);
  // A keyword may be the key of the value that it tells of, so the arguments as they stand are a text too.
  const texts = [...parts, call.arguments];
  for (const text of texts) {
    if (entities.some((has) => has(text))) return 'sensitive_data';
    const view = new TextView(text);
    if (terms.some((term) => isFoundIn(term, view))) return 'blocked_pattern';
  }
  for (const text of parts) {
    const danger = dangerIn(text);
    if (danger !== null) return danger;
  }
  return null;
}
