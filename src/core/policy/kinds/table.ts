import { type Control, controls } from '../controls.ts';
import type { Phase } from '../types.ts';
import { kindOf } from './index.ts';

/** One of the 39 kinds of the policy language. */
export interface KindEntry {
  readonly kind: string;
  /** Where it runs by default; empty for a kind that only reports. */
  readonly phases: readonly Phase[];
  /** The prefix of its reason codes. */
  readonly namespace: string;
  readonly supported: boolean;
  /** What it speaks to; empty where no list that we know names it. */
  readonly controls: readonly Control[];
}

const IN: readonly Phase[] = ['input'];
const OUT: readonly Phase[] = ['output'];
const BOTH: readonly Phase[] = ['input', 'output'];

// Name, default phase, namespace: facts of reference/policy-config.md section 2.3.
const facts: readonly (readonly [string, readonly Phase[], string])[] = [
  ['prompt-injection', IN, 'prompt_injection'],
  ['pii-detector', BOTH, 'pii'],
  ['hipaa-phi-detector', BOTH, 'hipaa_phi'],
  ['rbac', IN, 'rbac'],
  ['agent-firewall', BOTH, 'agent_firewall'],
  ['audit-logger', IN, 'audit_logger'],
  ['cjis-mode', IN, 'cjis'],
  ['dlp-filter', BOTH, 'dlp'],
  ['safety-filter', IN, 'safety'],
  ['student-privacy', IN, 'student_privacy'],
  ['case-privacy', IN, 'case_privacy'],
  ['itar-ear-filter', IN, 'itar_ear'],
  ['entity-list-filter', BOTH, 'entity_list'],
  ['dual-use-filter', IN, 'dual_use'],
  ['embedding-detector', BOTH, 'embedding'],
  ['data-routing-policy', IN, 'data-routing-policy'],
  ['language-validator', BOTH, 'language-validator'],
  ['external-moderation', BOTH, 'external-moderation'],
  ['bot-detector', IN, 'bot_detector'],
  ['content-extractor', BOTH, 'content-extractor'],
  ['document-analyzer', BOTH, 'document-analyzer'],
  ['code-sanitizer', BOTH, 'code-sanitizer'],
  ['tool-validation', BOTH, 'tool_validation'],
  ['tool-security', BOTH, 'tool_security'],
  ['tool-budget', BOTH, 'tool_budget'],
  ['gdpr-compliance', IN, 'gdpr'],
  ['flagged-review', OUT, 'flagged_review'],
  ['quality-scorer', OUT, 'quality'],
  ['human-oversight', OUT, 'human_oversight'],
  ['citation-verifier', OUT, 'citation'],
  ['mnpi-filter', OUT, 'mnpi'],
  ['financial-compliance', OUT, 'financial'],
  ['healthcare-compliance', OUT, 'healthcare'],
  ['legal-privilege', OUT, 'legal_privilege'],
  ['upl-filter', OUT, 'upl'],
  ['bias-monitor', OUT, 'bias'],
  ['response-rewriter', OUT, 'response_rewriter'],
  ['request-rewriter', IN, 'request_rewriter'],
  ['eu-ai-act', [], 'policy.reporting_only'],
];

/** Every kind of the policy language, with what this engine does of it. */
export const POLICY_KINDS: readonly KindEntry[] = facts.map(([kind, phases, namespace]) => ({
  kind,
  phases,
  namespace,
  supported: kindOf(kind) !== undefined,
  controls: controls(kindOf(kind)?.controls ?? []),
}));

const names = new Set(POLICY_KINDS.map((entry) => entry.kind));

export function isPolicyKind(name: string): boolean {
  return names.has(name);
}
