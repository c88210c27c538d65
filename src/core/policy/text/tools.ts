import { isJsonObject, type Json } from '../../model/index.ts';

/** Names of the tools that a request offers to the model; a tool without a name counts under its type. */
export function toolsOf(body: Json): readonly string[] {
  if (!isJsonObject(body)) return [];
  return [
    ...toolsIn(body['tools']),
    ...toolsIn(body['functions']),
    ...chosen(body['tool_choice']),
    ...chosen(body['function_call']),
  ];
}

function toolsIn(list: Json | undefined): readonly string[] {
  if (list === undefined || list === null) return [];
  return Array.isArray(list) ? (list as readonly Json[]).map(nameOf) : [nameOf(list)];
}

/** A choice that forces one tool names it; the words auto, none and required do not. */
function chosen(choice: Json | undefined): readonly string[] {
  return isJsonObject(choice) ? [nameOf(choice)] : [];
}

function nameOf(tool: Json): string {
  if (typeof tool === 'string') return tool;
  if (!isJsonObject(tool)) return '';
  for (const holder of [tool['function'], tool['custom'], tool]) {
    const name = isJsonObject(holder) ? holder['name'] : undefined;
    if (typeof name === 'string') return name;
  }
  const fallback = tool['server_label'] ?? tool['type'];
  return typeof fallback === 'string' ? fallback : '';
}
