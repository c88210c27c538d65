import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';
import { DEFINITION, type EditNode, editEntries, editItems, type Pass, PLAIN, readFixed } from './walk.ts';

/** Texts for people and models, in whose place another may stand. */
const FREE: ReadonlySet<string> = new Set(
  'description title $comment server_description instructions examples input_examples'.split(' '),
);

/** Types, addresses, and what opens them: no text that a model reads. */
const UNREAD: ReadonlySet<string> = new Set(
  'type $schema $id $ref url server_url authorization authorization_token expires_at'.split(' '),
);

/** Values that a schema states: all in them is a value, whatever its key. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum']);

/** Words of the interface and of JSON Schema, which say nothing as names of fields. */
const WORDS: ReadonlySet<string> = new Set([
  ...[...FREE, ...UNREAD, ...VALUES],
  ...`function custom name parameters strict input_schema output_schema properties required items additionalProperties anyOf oneOf
  allOf not format pattern minimum maximum minLength maxLength minItems maxItems json_schema schema $defs definitions
  cache_control tools server_label headers allowed_tools require_approval`.split(/\s+/),
]);

/**
 * A tool, a schema, or a choice among tools. Descriptions and examples are texts like others; names, keys, values and grammars are
 * fixed, because what is called by them would not be found any more. Addresses and what opens them are not read.
 */
export const editDefinition: EditNode = (value, role, pass) => {
  if (typeof value === 'string') return fixed(value, pass);
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editDefinition(item, role, pass));
  if (!isJsonObject(value)) return value;
  return editEntries(value, (key, item) => {
    if (!WORDS.has(key)) readFixed(key, DEFINITION, pass);
    if (isUnread(value, key)) return item;
    if (FREE.has(key) && !isJsonObject(item)) return editFree(item, pass);
    return VALUES.has(key) ? fixed(item, pass) : editDefinition(item, role, pass);
  });
};

function isUnread(holder: JsonObject, key: string): boolean {
  return (UNREAD.has(key) && typeof holder[key] === 'string') || (key === 'headers' && holder['type'] === 'mcp');
}

function editFree(value: Json, pass: Pass): Json {
  if (typeof value === 'string') return pass.edit(value, DEFINITION, PLAIN);
  if (Array.isArray(value)) return editItems(value as JsonArray, (item) => editFree(item, pass));
  if (!isJsonObject(value)) return value;
  return editEntries(value, (key, item) => {
    readFixed(key, DEFINITION, pass);
    return editFree(item, pass);
  });
}

/** Reads every text and key, and leaves them. */
function fixed(value: Json, pass: Pass): Json {
  if (typeof value === 'string') readFixed(value, DEFINITION, pass);
  if (Array.isArray(value)) for (const item of value as JsonArray) fixed(item, pass);
  if (!isJsonObject(value)) return value;
  for (const [key, item] of Object.entries(value)) {
    readFixed(key, DEFINITION, pass);
    fixed(item as Json, pass);
  }
  return value;
}
