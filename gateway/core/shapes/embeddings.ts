import { isJsonObject, type Json } from '../../../src/core/model/index.ts';
import { readCommon, type Shape, type Wanted, withModelAndLimit } from './shape.ts';
import { embeddingsUsage } from './usage.ts';

/** As many inputs as OpenAI takes in one request. */
const MAX_INPUTS = 2048;

/** POST /v1/embeddings: whole only, and nothing is generated. */
export const EMBEDDINGS: Shape = {
  route: '/v1/embeddings',
  family: 'openai',
  scope: 'embeddings',
  read: readEmbeddings,
  stream: null,
  passages: {
    openai: {
      path: '/v1/embeddings',
      body: (_wanted, body, target) => withModelAndLimit(body, target, { fields: [], isPaid: false }),
      usage: embeddingsUsage,
      translation: null,
    },
  },
};

function readEmbeddings(body: Json): Wanted | string {
  if (!isJsonObject(body)) return 'expected a JSON object';
  const { input } = body;
  const inputs: readonly Json[] = Array.isArray(input) ? input : input === undefined ? [] : [input];
  if (inputs.length === 0) return 'expected "input" to be a text or a list of texts that is not empty';
  if (inputs.length > MAX_INPUTS) return `expected "input" to hold at most ${MAX_INPUTS} texts`;
  if (!inputs.every((item) => typeof item === 'string'))
    return 'expected "input" as text: no policy can read the numbers of tokens';
  const common = readCommon(body);
  if (typeof common === 'string') return common;
  if (common.stream) return 'expected no "stream": embeddings are answered whole';
  return { ...common, body, wantsUsage: true, choices: 0 };
}
