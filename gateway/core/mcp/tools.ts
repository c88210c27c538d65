import { canonicalText } from '../../../src/core/bundle/index.ts';
import {
  type Hash,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type Sha256Hex,
} from '../../../src/core/model/index.ts';
import type { ToolServer } from '../../../src/core/policy/index.ts';

// Tools that are shown are those that the document allows, as they were when they were pinned: a description is an instruction
// to a model, and a server that changes it later changes what the model does.

/** What a gateway knows of the tools of its servers; of servers and tools of documents, so they are bounded. */
export interface ToolPins {
  /** The digest that a tool was first seen with, where the document pins none. */
  readonly first: Map<string, Sha256Hex>;
  /** The digest that it was last seen with. */
  readonly last: Map<string, Sha256Hex>;
}

export function createToolPins(): ToolPins {
  return { first: new Map(), last: new Map() };
}

/** More than the tools of any document; those of former ones go. */
const MOST_PINS = 20_000;

const keyOf = (server: ToolServer, tool: string): string => `${server.url} ${tool}`;

/** SHA-256 of everything that a server says of a tool for people and models, as RFC 8785 has it. */
export function toolDigest(tool: JsonObject, hash: Hash): Sha256Hex {
  return hash.sha256(canonicalText(saidOf(tool)));
}

/** Null for a tool that has no canonical form: a half of a surrogate pair is no text. */
function digestOf(tool: JsonObject, hash: Hash): Sha256Hex | null {
  try {
    return toolDigest(tool, hash);
  } catch {
    return null;
  }
}

/** Without what no digest tells, and a server may change at any time. */
function saidOf(tool: JsonObject): JsonObject {
  const { _meta: _, icons: __, ...said } = tool;
  return said;
}

/** The digest that a tool must have, or undefined where it was never seen and the document pins none. */
export function pinOf(server: ToolServer, tool: string, pins: ToolPins): string | undefined {
  return server.toolDigests.get(tool) ?? pins.first.get(keyOf(server, tool));
}

/** Whether a tool was last seen as something else than what was pinned. */
export function hasChanged(server: ToolServer, tool: string, pins: ToolPins): boolean {
  const last = pins.last.get(keyOf(server, tool));
  return last !== undefined && last !== pinOf(server, tool, pins);
}

export interface ShownTools {
  readonly tools: readonly JsonObject[];
  /** Where the list goes on, as only its server can read it; null: this is its end. */
  readonly nextCursor: string | null;
  /** Allowed tools that are not what was pinned, in the order of the list. */
  readonly withheld: readonly string[];
}

/** Longer ones are not known of any server. */
const MOST_CURSOR = 1000;

/** Of a list of tools those that are allowed and as they were pinned, with all that their digest tells; what is seen is noted. */
export function shownTools(server: ToolServer, result: JsonObject, pins: ToolPins, hash: Hash): ShownTools {
  const tools = Array.isArray(result['tools']) ? (result['tools'] as JsonArray) : [];
  const withheld: string[] = [];
  const names = new Set<string>();
  const shown = tools.filter((tool: Json): tool is JsonObject => {
    const name = isJsonObject(tool) ? tool['name'] : undefined;
    if (!isJsonObject(tool) || typeof name !== 'string' || !server.allowedTools.has(name)) return false;
    const digest = digestOf(tool, hash);
    if (digest !== null) note(pins, keyOf(server, name), digest);
    // Of a name that stands twice, a client may take the other one.
    const isSound = digest !== null && !names.has(name) && !hasChanged(server, name, pins);
    names.add(name);
    if (!isSound) withheld.push(name);
    return isSound;
  });
  const { nextCursor } = result;
  const isCursor = typeof nextCursor === 'string' && nextCursor.length <= MOST_CURSOR;
  const sound = shown.filter((tool) => !withheld.includes(nameOf(tool)));
  return { tools: sound.map(saidOf), nextCursor: isCursor ? nextCursor : null, withheld };
}

const nameOf = (tool: JsonObject): string => String(tool['name']);

function note(pins: ToolPins, key: string, digest: Sha256Hex): void {
  if (pins.last.size >= MOST_PINS) pins.last.clear();
  if (pins.first.size >= MOST_PINS) pins.first.clear();
  pins.last.set(key, digest);
  if (!pins.first.has(key)) pins.first.set(key, digest);
}

/** What `GET /tenantry/tools` shows of a server: no address, no key. */
export function describeTools(server: ToolServer, pins: ToolPins): JsonObject {
  const tools = [...server.allowedTools].map((name): JsonObject => {
    const seen = pins.last.get(keyOf(server, name)) ?? null;
    const pinned = server.toolDigests.get(name) ?? null;
    const state = seen === null ? 'not seen' : hasChanged(server, name, pins) ? 'changed' : 'shown';
    return { name, state, seen, pinned };
  });
  return { id: server.id, tools };
}
