import { isJsonObject, type Json } from '../../model/index.ts';
import type { PolicyExternalModeration } from '../generated/types.ts';
import { validatePolicyExternalModeration } from '../generated/validators.js';
import type { Question, SaidText, ServiceReply } from '../types.ts';
import {
  ASKING_NOTE,
  blocking,
  HELD_NOTE,
  headersOf,
  isTooLong,
  type NoAnswer,
  placeOf,
  reportIncomplete,
  scoresOf,
  secretOf,
  spoken,
  warning,
  whyNone,
} from './asking.ts';
import schema from './external-moderation.schema.json' with { type: 'json' };
import { ALLOW, type AskState, type CompileContext, type CompiledStep, policyKind, type StepResult } from './kind.ts';

const OPENAI = 'https://api.openai.com/v1/moderations';

export const externalModeration = policyKind<PolicyExternalModeration>({
  kind: 'external-moderation',
  phases: ['input', 'output'],
  namespace: 'external-moderation',
  controls: [],
  schema,
  validate: validatePolicyExternalModeration,
  notes: [
    "Asks another service whether the texts of a request (of every role) and of an answer may pass; a flagged one is blocked: `external-moderation.flagged`. What it sees and misses is the service's own.",
    ASKING_NOTE,
    '`provider: webhook` (the default) posts `{"phase": "input" | "output", "texts": [{"role", "text"}], "categories", "threshold"}` to `endpoint` and believes only `{"flagged": true | false, "scores": {<category>: 0 to 1}}`, where `scores` may be left out unless `categories` names some. `webhook_headers` are fixed and hold no secret.',
    '`provider: openai-moderation` posts `{"input": [<text>, …]}` and believes only one result for each text, with `flagged` and `category_scores`. It needs `secret_key_ref`. Every other provider of the language is refused by name.',
    'With `categories` only the scores of these count, and an answer without one of them is not believed; without them every score counts, and `flagged` too. A score counts from `threshold` on.',
    '**Different:** `fail_closed` is true unless the document says otherwise (the reference has false): without an answer that can be believed the text is withheld with 503 `moderation_unavailable` and `external-moderation.timeout`, `.unavailable` or `.malformed_answer`. With `fail_closed: false` it passes with the same reason as a warning.',
    HELD_NOTE,
  ],
  compile: (config, context) => {
    const provider = config.provider ?? 'webhook';
    if (config.endpoint === undefined && provider === 'webhook') reportIncomplete('endpoint', context);
    if (config.secret_key_ref === undefined && provider === 'openai-moderation')
      reportIncomplete('secret_key_ref', context);
    reportNoWebhook(config, context);
    const service = provider === 'webhook' ? webhookOf(config, context) : openaiOf(config, context);
    return stepOf(config, service);
  },
});

function reportNoWebhook(config: PolicyExternalModeration, { pointer, report }: CompileContext): void {
  if (config.provider !== 'openai-moderation' || config.webhook_headers === undefined) return;
  report('POLICY_FIELD_WITHOUT_EFFECT', `${pointer}/webhook_headers`, {
    message: 'The service is no webhook, so these headers are never sent.',
    expected: 'webhook_headers together with provider: webhook',
    found: 'provider: openai-moderation',
    at: 'key',
  });
}

/** What a service says of one text, or of all of them. */
interface Judgement {
  readonly flagged: boolean;
  /** Null where it gives none. */
  readonly scores: ReadonlyMap<string, number> | null;
}

/** How one kind of service is asked and read. */
interface Service {
  readonly question: Omit<Question, 'body'>;
  readonly body: (texts: readonly SaidText[], state: AskState) => Json;
  /** Null for what is not of the expected form. */
  readonly read: (answer: Json, count: number) => readonly Judgement[] | null;
}

function questionOf(config: PolicyExternalModeration, endpoint: string, context: CompileContext): Service['question'] {
  const { origin, path } = placeOf(endpoint, 'endpoint', context);
  return {
    policy: 'external-moderation',
    origin,
    path,
    headers: headersOf(config.webhook_headers, 'webhook_headers', context),
    secret: secretOf(config.secret_key_ref),
    timeoutMs: config.timeout_ms ?? 3000,
  };
}

function webhookOf(config: PolicyExternalModeration, context: CompileContext): Service {
  const { categories = [], threshold = 0.5 } = config;
  return {
    question: questionOf(config, config.endpoint ?? OPENAI, context),
    body: (texts, { phase }) => ({
      phase,
      texts: texts.map(({ role, text }) => ({ role, text })),
      categories: [...categories],
      threshold,
    }),
    read: (answer) => {
      const judged = judgementOf(answer, 'scores');
      return judged === null ? null : [judged];
    },
  };
}

function openaiOf(config: PolicyExternalModeration, context: CompileContext): Service {
  const { webhook_headers: _unused, ...rest } = config;
  return {
    question: questionOf(rest, config.endpoint ?? OPENAI, context),
    body: (texts) => ({ input: texts.map(({ text }) => text) }),
    read: (answer, count) => {
      const results = isJsonObject(answer) ? answer['results'] : undefined;
      if (!Array.isArray(results) || results.length !== count) return null;
      const judged = results.map((result: Json) => judgementOf(result, 'category_scores'));
      return judged.every((one) => one !== null && one.scores !== null) ? (judged as readonly Judgement[]) : null;
    },
  };
}

function judgementOf(value: Json, key: string): Judgement | null {
  if (!isJsonObject(value) || typeof value['flagged'] !== 'boolean') return null;
  if (value[key] === undefined) return { flagged: value['flagged'], scores: null };
  const scores = scoresOf(value[key]);
  return scores === null ? null : { flagged: value['flagged'], scores };
}

function stepOf(config: PolicyExternalModeration, service: Service): CompiledStep {
  const { categories = [], threshold = 0.5, fail_closed: failsClosed = true } = config;
  const without = (why: NoAnswer): StepResult => {
    const reason = `external-moderation.${why}`;
    const message = 'The moderation service gave no answer.';
    return failsClosed ? { ...blocking(reason, message), unanswered: true } : warning(reason, message);
  };
  const judge = (reply: ServiceReply, count: number): StepResult => {
    if (reply.kind === 'failed') return without(whyNone(reply));
    const flags = service.read(reply.body, count)?.map((one) => isFlagged(one, categories, threshold));
    if (flags === undefined || flags.includes(null)) return without('malformed_answer');
    return flags.includes(true) ? blocking('external-moderation.flagged', FLAGGED) : ALLOW;
  };
  return {
    ask: (state) => {
      const texts = spoken(state.texts);
      if (texts.length === 0) return ALLOW;
      if (isTooLong(texts)) return blocking('external-moderation.too_long', 'The text is too long to be moderated.');
      const body = JSON.stringify(service.body(texts, state));
      return { question: { ...service.question, body }, judge: (reply) => judge(reply, texts.length) };
    },
  };
}

const FLAGGED = 'A moderation service flagged the text.';

/** Null: a category that counts has no score. */
function isFlagged({ flagged, scores }: Judgement, categories: readonly string[], threshold: number): boolean | null {
  if (categories.length === 0) return flagged || [...(scores?.values() ?? [])].some((score) => score >= threshold);
  const counted = categories.map((name) => scores?.get(name));
  if (counted.includes(undefined)) return null;
  return counted.some((score) => score !== undefined && score >= threshold);
}
