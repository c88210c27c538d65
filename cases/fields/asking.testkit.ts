import type { JsonObject } from '../../src/core/model/index.ts';
import type { ServiceReply } from '../../src/core/policy/index.ts';
import { type Act, type KindProbes, type Probe, probe } from './probe.testkit.ts';

// Kinds that ask somebody else: another value changes the question, what is made of the reply, or for how long a person is asked.

const replied = (body: JsonObject): ServiceReply => ({ kind: 'answered', body });
const hook = (more: JsonObject = {}): JsonObject => ({ endpoint: 'https://moderation.example/judge', ...more });
const scored: Act = { ask: 'hi', reply: replied({ flagged: false, scores: { hate: 0.6, spam: 0.1 } }) };
const lost: Act = { ask: 'hi', reply: { kind: 'failed', why: 'timeout' } };
const KEY = { secret_key_ref: { env: 'KEY_A' } };

const MODERATION: readonly Probe[] = [
  probe('provider', hook({ provider: 'webhook', ...KEY }), hook({ provider: 'openai-moderation', ...KEY }), scored),
  probe('endpoint', hook(), hook({ endpoint: 'https://moderation.example/other' }), scored),
  probe('secret_key_ref.env', hook(KEY), hook({ secret_key_ref: { env: 'KEY_B' } }), scored),
  probe(
    'secret_key_ref.store',
    hook({ secret_key_ref: { store: 'a' } }),
    hook({ secret_key_ref: { store: 'b' } }),
    scored,
  ),
  probe('categories', hook({ categories: ['hate'] }), hook({ categories: ['spam'] }), scored),
  probe('threshold', hook({ threshold: 0.5 }), hook({ threshold: 0.7 }), scored),
  probe('timeout_ms', hook({ timeout_ms: 500 }), hook({ timeout_ms: 600 }), scored),
  probe('fail_closed', hook({ fail_closed: true }), hook({ fail_closed: false }), lost),
  probe('webhook_headers.*', hook({ webhook_headers: { a: '1' } }), hook({ webhook_headers: { a: '2' } }), scored),
];

const place = (more: JsonObject = {}): JsonObject => ({
  ...{ name: 'judge', endpoint: 'https://judge.example/x', model: 'j-1', ...KEY },
  ...more,
});
const review = (more: JsonObject = {}, provider: JsonObject = {}): JsonObject => ({
  provider: place(provider),
  ...more,
});
const said = JSON.stringify({ flagged: true, rationale: 'rude' });
const flagged: Act = { answer: 'no', reply: replied({ choices: [{ message: { content: said } }] }) };
const returned = (more: JsonObject): JsonObject => review({ mode: 'review_and_return', ...more });
const deep: Act = { ...flagged, facts: { headers: new Map([['x-tenantry-review-depth', '1']]) } };
const byTarget: Act = { ...flagged, target: 'main' };

const REVIEW: readonly Probe[] = [
  probe('mode', review({ mode: 'judge' }), review({ mode: 'escalate' }), flagged),
  probe('provider.name', review(), review({}, { name: 'openai' }), byTarget),
  probe('provider.endpoint', review(), review({}, { endpoint: 'https://judge.example/y' }), flagged),
  probe('provider.model', review(), review({}, { model: 'j-2' }), flagged),
  probe('provider.secret_key_ref.env', review(), review({}, { secret_key_ref: { env: 'KEY_B' } }), flagged),
  probe(
    'provider.secret_key_ref.store',
    review({}, { secret_key_ref: { store: 'a' } }),
    review({}, { secret_key_ref: { store: 'b' } }),
    flagged,
  ),
  probe('provider.timeout_ms', review({}, { timeout_ms: 500 }), review({}, { timeout_ms: 600 }), flagged),
  probe('recursion_depth_max', review({ recursion_depth_max: 1 }), review({ recursion_depth_max: 2 }), deep),
  probe(
    'provider_isolation',
    review({ provider_isolation: true }, { name: 'openai' }),
    review({ provider_isolation: false }, { name: 'openai' }),
    byTarget,
  ),
  probe('rationale_capture', returned({ rationale_capture: true }), returned({ rationale_capture: false }), flagged),
  probe(
    'prompt_template',
    review({ prompt_template: 'A {output}' }),
    review({ prompt_template: 'B {output}' }),
    flagged,
  ),
];

export const ASKING_PROBES: KindProbes = {
  'external-moderation': MODERATION,
  'flagged-review': REVIEW,
  'human-oversight': [
    probe('action', { action: 'escalate' }, { action: 'block' }, { answer: 'hi' }),
    probe('timeout_seconds', { timeout_seconds: 60 }, { timeout_seconds: 61 }, { answer: 'hi' }),
  ],
};
