import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

// Whether what a request costs has a bound that can be told from its bytes: nothing of it lies elsewhere or is compressed, the
// provider adds nothing to it and does nothing beside the answer, and no other price is asked for.

type IsBounded = (value: Json) => boolean;

const never: IsBounded = () => false;
const only =
  (...free: readonly Json[]): IsBounded =>
  (value) =>
    free.includes(value);

/** The fields at the root of a body that decide what it costs, with the values at which there is a bound; null and none are one. */
const ROOTS: ReadonlyMap<string, IsBounded> = new Map<string, IsBounded>([
  ['messages', areHere],
  ['input', areOwnItems],
  ['system', areHere],
  // What the provider keeps.
  ['prompt', (value) => !isJsonObject(value)],
  ['previous_response_id', never],
  ['conversation', never],
  ['thread', never],
  ['container', never],
  ['data_sources', never],
  ['dataSources', never],
  // What it runs or looks for itself.
  ['tools', areOwnTools],
  ['mcp_servers', never],
  ['web_search_options', never],
  ['plugins', never],
  ['search_parameters', never],
  ['enable_search', only(false)],
  ['web_search', only(false)],
  // What it generates beside the answer.
  ['context_management', onlyClears],
  ['compaction', never],
  // Other prices.
  ['modalities', areWords],
  ['service_tier', only('auto', 'default', 'standard', 'standard_only', 'flex')],
  ['speed', only('standard')],
  ['inference_geo', only('global')],
  ['anthropic_beta', (value) => listOf(value).every((beta) => typeof beta === 'string' && !DEARER.test(beta))],
]);

/** The names of the fields at the root that `costIsBounded` reads. */
export const COST_FIELDS: readonly string[] = [...ROOTS.keys()];

/** Betas of Anthropic by which tokens cost more than the price that is held. */
const DEARER = /\b(?:fast-mode|context-1m)/i;

/**
 * False when no bound of what a request costs exists: the provider reads content that it does not hold, generates more than the
 * answer, or asks another price. `betas` is the list of them that a header asks for; null: none.
 */
export function costIsBounded(body: Json, betas: string | null): boolean {
  if (betas !== null && DEARER.test(betas)) return false;
  return !isJsonObject(body) || [...ROOTS].every(([field, isBounded]) => isNone(body[field]) || isBounded(body[field]));
}

const isNone = (value: Json | undefined): value is undefined | null => value === undefined || value === null;

const fieldsOf = (value: Json): JsonObject => (isJsonObject(value) ? value : {});

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [value]);

/** The items of a response's input: none that only names one that the provider keeps, or asks for a summary. */
function areOwnItems(input: Json): boolean {
  return areHere(input) && listOf(input).every((item) => !isJsonObject(item) || !NOT_OWN.has(typeOfItem(item)));
}

const NOT_OWN: ReadonlySet<Json> = new Set(['item_reference', 'compaction_trigger']);

/** A reference may leave its type out, and a message too. */
const typeOfItem = (item: JsonObject): Json =>
  item['type'] ?? (Object.hasOwn(item, 'role') ? 'message' : 'item_reference');

/** Direct items of a conversation. What each is has no say in what is looked at. */
function areHere(items: Json): boolean {
  return listOf(items).every((item) =>
    isJsonObject(item) ? Object.keys(item).every((key) => isFieldHere(item, key)) : isHere(item),
  );
}

/** False when a part of what is said lies elsewhere. What a call of a tool is given is said to the tool. */
function isHere(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).every(isHere);
  if (!isJsonObject(value)) return true;
  const isCall = value['type'] === 'tool_use';
  return Object.keys(value).every((key) => (isCall && key === 'input') || isFieldHere(value, key));
}

function isFieldHere(part: JsonObject, key: string): boolean {
  const value = part[key];
  if (isNone(value)) return true;
  if (key === 'source' && part['type'] === 'document') return isReadable(value) && isHere(value);
  return (PARTS.get(key) ?? (ADDRESS.test(key) ? never : isHere))(value);
}

/** Keys of what is said that may name content elsewhere, hold it compressed, or offer tools. */
const PARTS: ReadonlyMap<string, IsBounded> = new Map<string, IsBounded>([
  ['file', never],
  ['file_id', never],
  ['file_data', never],
  ['video', never],
  ['input_video', never],
  ['audio', isSound],
  ['input_audio', isSound],
  ['image_url', isPicture],
  ['tools', areOwnTools],
  // Of a tool that is added amid a conversation.
  ['definition', (value) => !isJsonObject(value) || areOwnTools(value)],
]);

/** Keys whose value says where content is. Of a picture, whose most tokens are known, it may. */
const ADDRESS = /_ur[il]$/i;

const SOUND = /^(?:data:(?:audio\/[\w.+-]*)?;base64,)?[A-Za-z0-9+/=_-]*$/;

/** Sound that is here: in base64, and not by an address or an id. */
function isSound(value: Json): boolean {
  const { id, url, data } = fieldsOf(value);
  return isNone(id) && isNone(url) && typeof data === 'string' && SOUND.test(data);
}

/** False for a file of another kind where a picture belongs. */
function isPicture(value: Json): boolean {
  const url = isJsonObject(value) ? value['url'] : value;
  return isHere(value) && !(typeof url === 'string' && /^\s*data:(?!image\/)/i.test(url));
}

/** False for a document that lies elsewhere, or whose pages are compressed. */
function isReadable(source: Json): boolean {
  const { type } = fieldsOf(source);
  return type === 'text' || type === 'content';
}

/** False for tools that the provider defines or runs itself: what they add to the input is not in the request. */
function areOwnTools(tools: Json): boolean {
  return listOf(tools).every((tool) => isJsonObject(tool) && OWN.has(tool['type'] ?? 'custom'));
}

const OWN: ReadonlySet<Json> = new Set(['function', 'custom']);

/** False where a provider is to sum a conversation up, which it bills beside the answer. */
function onlyClears(management: Json): boolean {
  const edits = isJsonObject(management) ? (management['edits'] ?? []) : management;
  return listOf(edits).every((edit) => isJsonObject(edit) && String(edit['type']).startsWith('clear_'));
}

/** Sound and pictures in an answer have prices of their own. */
function areWords(modalities: Json): boolean {
  return Array.isArray(modalities) && (modalities as readonly Json[]).every((modality) => modality === 'text');
}
