import type { Json, JsonObject } from '../model/index.ts';
import type { Inquiry, Question, ServiceReply } from './index.ts';
import { documentOf } from './policy.testkit.ts';

/** A document with this chain and these settings. */
export const chainOf = (chain: readonly Json[], policy: JsonObject): JsonObject =>
  documentOf('x', {}, { policies: { chain: [...chain] }, policy });

export const MODERATION: JsonObject = {
  'external-moderation': { endpoint: 'https://moderation.example/judge', secret_key_ref: { env: 'MODERATION_KEY' } },
};

/** A review of every answer, with whatever else. */
export const review = (more: JsonObject = {}, provider: JsonObject = {}): JsonObject => ({
  'flagged-review': {
    provider: {
      name: 'judge',
      endpoint: 'https://judge.example/v1/chat/completions',
      model: 'j-1',
      ...KEY,
      ...provider,
    },
    ...more,
  },
});
const KEY = { secret_key_ref: { env: 'JUDGE_KEY' } };

export const replied = (body: Json): ServiceReply => ({ kind: 'answered', body });

/** A chat completion in which the reviewer says this. */
export const reviewed = (content: Json): ServiceReply =>
  replied({ choices: [{ message: { content: typeof content === 'string' ? content : JSON.stringify(content) } }] });

/** The JSON that a question posts. */
export const postOf = (question: Question | undefined): JsonObject =>
  JSON.parse(question?.body ?? 'null') as JsonObject;

/** What an outcome comes to when every question gets its reply from `answer`; counts the rounds of questions. */
export function settledWith<Outcome extends { readonly inquiry: Inquiry<Outcome> | null }>(
  outcome: Outcome,
  answer: (question: Question) => ServiceReply,
): Outcome & { readonly rounds: readonly (readonly string[])[] } {
  const rounds: string[][] = [];
  let current = outcome;
  while (current.inquiry !== null) {
    const { questions, answered } = current.inquiry;
    rounds.push(questions.map(({ policy }) => policy));
    current = answered(questions.map(answer));
  }
  return { ...current, rounds };
}
