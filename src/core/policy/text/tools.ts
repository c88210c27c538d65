import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';

/**
 * What a request offers to the model: every name of each tool, and the type of each that is no function of the caller. A label is
 * what the caller chooses, so it never stands for the type beside it.
 */
export function toolsOf(body: Json): readonly string[] {
  if (!isJsonObject(body)) return [];
  return [
    ...toolsIn(body['tools']),
    ...toolsIn(body['functions']),
    ...chosen(body['tool_choice']),
    ...chosen(body['function_call']),
    ...listOf(body['mcp_servers']).flatMap((server) => ['mcp_servers', ...labelsOf(server)]),
    ...SEARCHES.filter((field) => !isNone(body[field]) && body[field] !== false),
    ...listOf(body['plugins']).flatMap(pluginNames),
    ...skillsIn(body['container']),
    ...listOf(body['messages']).flatMap((message) => (isJsonObject(message) ? toolsIn(message['tools']) : [])),
    ...listOf(body['input']).flatMap(foundIn),
  ];
}

/** Fields at the root that let a provider search. */
const SEARCHES = ['web_search_options', 'search_parameters', 'enable_search', 'web_search'];

/** What a router runs beside the model. */
function pluginNames(plugin: Json): readonly string[] {
  const id = isJsonObject(plugin) ? plugin['id'] : plugin;
  return ['plugins', ...(isNone(id) ? [] : [textOf(id)])];
}

const isNone = (value: Json | undefined): value is undefined | null => value === undefined || value === null;

/** What stands where a list belongs counts as its one item, so that it is not passed over. */
function listOf(value: Json | undefined): JsonArray {
  if (isNone(value)) return [];
  return Array.isArray(value) ? (value as JsonArray) : [value];
}

const toolsIn = (list: Json | undefined): readonly string[] => listOf(list).flatMap(namesOf);

/** Types of tools that the caller runs itself, which have names of their own. */
const OWN: ReadonlySet<Json | undefined> = new Set([undefined, 'function', 'custom']);

function namesOf(tool: Json): readonly string[] {
  if (typeof tool === 'string') return [tool];
  if (!isJsonObject(tool)) return [''];
  const { type } = tool;
  const labels = [...labelsOf(tool), ...toolsIn(tool['tools'])];
  if (OWN.has(type) && labels.length > 0) return labels;
  return [typeof type === 'string' ? type : '', ...labels];
}

const LABELS = ['name', 'server_label', 'mcp_server_name'];

/** Every name that an object carries, also of what it takes of a server. */
function labelsOf(tool: Json): readonly string[] {
  if (!isJsonObject(tool)) return [''];
  const own = LABELS.flatMap((key) => (isNone(tool[key]) ? [] : [textOf(tool[key])]));
  const held = [tool['function'], tool['custom']].flatMap((holder) =>
    isJsonObject(holder ?? null) ? listOf((holder as JsonObject)['name']).map(textOf) : [],
  );
  const { allowed_tools: allowed, tool_configuration: configuration, configs } = tool;
  const configured = isJsonObject(configuration ?? null) ? (configuration as JsonObject)['allowed_tools'] : undefined;
  return [
    ...[...held, ...own, ...takenBy(allowed), ...takenBy(configured)],
    ...(isJsonObject(configs ?? null) ? Object.keys(configs as JsonObject) : []),
  ];
}

/** A name that is no text is one that no list has. */
const textOf = (name: Json): string => (typeof name === 'string' ? name : '');

/** Names of the tools that are taken of a server: a list of them, or one below `tool_names`; a choice has whole tools here. */
function takenBy(allowed: Json | undefined): readonly string[] {
  if (isJsonObject(allowed ?? null)) {
    const { tool_names: names, tools } = allowed as JsonObject;
    return [...listOf(names).flatMap(namesOf), ...toolsIn(tools)];
  }
  return listOf(allowed).flatMap(namesOf);
}

/** Types of a choice that say how to choose, and are no tools. */
const CHOICES: ReadonlySet<Json | undefined> = new Set(
  'auto any none required tool allowed_tools function custom'.split(' '),
);

/** A choice that forces some tools names them; the words auto, none and required do not. */
function chosen(choice: Json | undefined): readonly string[] {
  if (!isJsonObject(choice ?? null)) return [];
  const { type, ...rest } = choice as JsonObject;
  return type === undefined || CHOICES.has(type)
    ? [...labelsOf(rest), ...toolsIn(rest['tools'])]
    : namesOf(choice ?? null);
}

/** Skills that a container is given: programs that run at the provider. */
function skillsIn(container: Json | undefined): readonly string[] {
  if (!isJsonObject(container ?? null)) return [];
  return listOf((container as JsonObject)['skills']).flatMap((skill) => {
    const id = isJsonObject(skill) ? skill['skill_id'] : undefined;
    return ['container.skills', ...(typeof id === 'string' ? [id] : [])];
  });
}

/** Tools that a search has found, which an item of the input tells of. What a server lists is offered by naming the server. */
function foundIn(item: Json): readonly string[] {
  return isJsonObject(item) && item['type'] !== 'mcp_list_tools' ? toolsIn(item['tools']) : [];
}
