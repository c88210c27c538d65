import type { JsonObject } from '../../src/core/model/index.ts';
import type { ToolServer } from '../../src/core/policy/index.ts';
import { kindOf, shownTools, valueAsRequest, valueOfRequest } from '../core/index.ts';
import { evaluated } from './begun.ts';
import { settled } from './inquiry.ts';
import type { Governed } from './mcp-policies.ts';

// The list of a server's tools: a model reads their names, descriptions and schemas before it calls any, so they pass the policies
// as what a tool answers does.

/** A list of tools as the caller gets it: those that are as they were pinned, in the words that the input policies leave them. */
export async function listFor(governed: Governed, server: ToolServer, list: JsonObject): Promise<JsonObject> {
  const { service, exchange } = governed;
  const { tools, nextCursor, withheld } = shownTools(server, list, service.tools.pins, service.hash);
  withhold(governed, server, { tools: withheld, why: 'they are not what was pinned', reasonCode: 'mcp.tool_changed' });
  const shown = await worded(governed, server, tools);
  const whose = { server, token: exchange.token?.name ?? null, what: 'cursor' } as const;
  // Its words are for its server alone.
  const cursor = nextCursor === null ? {} : { nextCursor: service.tools.seal(whose, nextCursor) };
  return { tools: shown, ...cursor, ...kindOf(list) };
}

/** The tools as the input policies leave them, without those of which they let nothing through. */
async function worded(
  governed: Governed,
  server: ToolServer,
  tools: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const together = await told(governed, tools);
  if (together.kind === 'passed') return together.tools;
  const passing: JsonObject[] = [];
  if (tools.length > 1) {
    for (const tool of tools) if ((await told(governed, [tool])).kind === 'passed') passing.push(tool);
  }
  // What is stopped only together is not let through in pieces.
  const rest = await told(governed, passing);
  const shown = rest.kind === 'passed' ? rest.tools : [];
  const names = new Set(shown.map(({ name }) => name));
  const stopped = tools.flatMap(({ name }) => (names.has(name) ? [] : [String(name)]));
  withhold(governed, server, { tools: stopped, why: 'a policy stops their words', reasonCode: together.reasonCode });
  return shown;
}

type Told =
  | { readonly kind: 'passed'; readonly tools: readonly JsonObject[] }
  /** Blocked, or a person would have to read it first, and it is not worth that. */
  | { readonly kind: 'stopped'; readonly reasonCode: string };

/** What the input policies come to of the tools, noted. */
async function told(
  { service, exchange, response, facts, call }: Governed,
  tools: readonly JsonObject[],
): Promise<Told> {
  if (tools.length === 0) return { kind: 'passed', tools };
  const { policy } = exchange.snapshot;
  const body = valueAsRequest(call, [...tools]);
  let outcome = evaluated(() => policy.input({ ...facts, body }));
  if (outcome.inquiry !== null) outcome = await settled(service, exchange, response, outcome);
  exchange.steps = [...exchange.steps, ...outcome.steps];
  const { blockedBy, escalatedBy, reasonCode } = outcome;
  const stoppedBy = blockedBy ?? escalatedBy;
  if (stoppedBy !== null) return { kind: 'stopped', reasonCode: stoppedBy.reasonCode };
  if (outcome.body === body) return { kind: 'passed', tools };
  const left = valueOfRequest(outcome.body);
  const kept = Array.isArray(left) ? (left as readonly JsonObject[]) : [];
  const isWhole = tools.every((tool, at) => isSame(tool, kept[at]));
  if (!isWhole) return { kind: 'stopped', reasonCode: reasonCode ?? 'mcp.tool_unreadable' };
  exchange.verdict = 'redact';
  exchange.reasonCode ??= reasonCode;
  return { kind: 'passed', tools: kept };
}

/** Under another name it could not be called, and with a schema of no object a client would take none of the list. */
function isSame(tool: JsonObject, left: unknown): boolean {
  const { name, inputSchema } = (typeof left === 'object' && left !== null ? left : {}) as JsonObject;
  return name === tool['name'] && typeOf(inputSchema) === typeOf(tool['inputSchema']);
}

const typeOf = (schema: unknown): unknown =>
  typeof schema === 'object' && schema !== null ? (schema as JsonObject)['type'] : undefined;

interface Withheld {
  readonly tools: readonly string[];
  readonly why: string;
  readonly reasonCode: string;
}

function withhold({ service, exchange }: Governed, server: ToolServer, { tools, why, reasonCode }: Withheld): void {
  if (tools.length === 0) return;
  service.tools.counters.withheld += tools.length;
  service.log.warn(`tools are withheld: ${why}`, {
    server: server.id,
    tools: tools.slice(0, 20).join(' '),
    request: exchange.requestId,
  });
  const withheld = [...(exchange.tool?.withheld ?? []), ...tools];
  exchange.tool = { server: server.id, method: 'tools/list', tool: null, withheld };
  exchange.verdict = 'redact';
  exchange.reasonCode ??= reasonCode;
}
