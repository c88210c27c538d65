import type { JsonObject } from '../../../src/core/model/index.ts';
import type { Family } from '../refusal.ts';
import { CHAT } from './chat.ts';
import { EMBEDDINGS } from './embeddings.ts';
import { MESSAGES } from './messages.ts';
import { RESPONSES } from './responses.ts';
import type { Shape } from './shape.ts';

/** Every endpoint that asks a provider. A new one is a file beside these and a line here. */
const SHAPES: readonly Shape[] = [CHAT, RESPONSES, MESSAGES, EMBEDDINGS];

const BY_ROUTE: ReadonlyMap<string, Shape> = new Map<string, Shape>(SHAPES.map((shape) => [shape.route, shape]));

/** The shape of a path, or undefined where the path is none of them. */
export function shapeOf(path: string): Shape | undefined {
  return BY_ROUTE.get(path);
}

/** What Anthropic's clients read of a model beside its name: that it may be asked, and that nothing more is known here. */
const UNTOLD: JsonObject = {
  created_at: '1970-01-01T00:00:00Z',
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
  line: null,
  capabilities: null,
  max_input_tokens: null,
  max_tokens: null,
};

/** The answer of GET /v1/models/<id>, and what GET /v1/models lists of each model, in the form of the family whose client asks. */
export function modelEntry(id: string, family: Family): JsonObject {
  return family === 'openai'
    ? { id, object: 'model', created: 0, owned_by: 'tenantry' }
    : { type: 'model', id, display_name: id, ...UNTOLD };
}

/** The answer of GET /v1/models, in the form of the family whose client asks. */
export function modelList(models: readonly string[], family: Family): JsonObject {
  const data = models.map((id) => modelEntry(id, family));
  if (family === 'openai') return { object: 'list', data };
  return {
    data,
    has_more: false,
    first_id: models[0] ?? null,
    last_id: models.at(-1) ?? null,
  };
}

export const MODELS_PATH = '/v1/models';

/** Which model a path asks for: null for the list of all, undefined where the path is none of models. Names may hold slashes. */
export function modelAt(path: string): string | null | undefined {
  if (path === MODELS_PATH) return null;
  if (!path.startsWith(`${MODELS_PATH}/`)) return undefined;
  try {
    return decodeURIComponent(path.slice(MODELS_PATH.length + 1));
  } catch {
    return undefined;
  }
}
