import { pointerStep } from '../../model/index.ts';
import type { PolicyDocument, Callback as WrittenCallback, ToolServer as WrittenServer } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { ToolServer, Webhook } from '../types.ts';
import { endpointOf, fixedHeaders, type Written } from './endpoints.ts';

/** The webhooks of a document; `prometheus` is the page that every gateway has. */
export function compileCallbacks(document: PolicyDocument, report: Report): readonly Webhook[] {
  const seen = new Set<string>();
  return (document.callbacks ?? []).flatMap((callback, index) => {
    const pointer = `/callbacks/${index}`;
    const made = callback.type === 'webhook' ? compileWebhook(callback, pointer, report) : null;
    if (made === null) reportPrometheus(callback, pointer, report);
    const name = made?.url ?? callback.type;
    if (seen.has(name)) reportTwice(report, made === null ? pointer : `${pointer}/url`, callback.type);
    seen.add(name);
    return made ?? [];
  });
}

function compileWebhook(callback: WrittenCallback, pointer: string, report: Report): Webhook {
  const { url, headers, event_filter: filter, signing_secret_env: secret } = callback;
  const at = (key: string): Written => ({ pointer: `${pointer}/${key}`, owner: 'A webhook', report });
  if (url === undefined) {
    report('POLICY_SHAPE', pointer, { message: 'A webhook lacks url.', expected: 'the key url', found: 'nothing' });
  }
  return {
    url: url === undefined ? '' : endpointOf(url, at('url')),
    secret: secret === undefined ? null : { kind: 'env', name: secret },
    headers: fixedHeaders(headers, at('headers')),
    types: filter?.types ?? null,
  };
}

function reportPrometheus(callback: WrittenCallback, pointer: string, report: Report): void {
  const more = Object.keys(callback).filter((key) => key !== 'type');
  for (const key of more) {
    report('POLICY_SHAPE', `${pointer}/${pointerStep(key)}`, {
      message: `A callback of type ${callback.type} has no settings.`,
      expected: 'type alone',
      found: key,
      at: 'key',
    });
  }
}

/** The tool servers of a document, and a finding for each thing in them that contradicts itself. */
export function compileToolServers(document: PolicyDocument, report: Report): readonly ToolServer[] {
  const seen = new Set<string>();
  return (document.tool_servers ?? []).map((server, index) => {
    const pointer = `/tool_servers/${index}`;
    if (seen.has(server.id)) reportTwice(report, `${pointer}/id`, server.id);
    seen.add(server.id);
    return compileToolServer(server, pointer, report);
  });
}

function compileToolServer(server: WrittenServer, pointer: string, report: Report): ToolServer {
  const { id, secret_key_ref: secret, tool_digests: digests = {}, timeout_seconds: timeout } = server;
  const allowed = new Set(server.allowed_tools);
  for (const name of Object.keys(digests)) {
    if (allowed.has(name)) continue;
    report('POLICY_SHAPE', `${pointer}/tool_digests/${pointerStep(name)}`, {
      message: `Tool server ${id} pins a tool that it does not allow.`,
      expected: 'a name of allowed_tools',
      found: name.slice(0, 60),
      at: 'key',
    });
  }
  const approved = server.require_approval ?? [];
  for (const [index, name] of approved.entries()) {
    if (allowed.has(name)) continue;
    report('POLICY_SHAPE', `${pointer}/require_approval/${index}`, {
      message: `Tool server ${id} asks a person about a tool that it does not allow.`,
      expected: 'a name of allowed_tools',
      found: name.slice(0, 60),
    });
  }
  const at: Written = { pointer: `${pointer}/url`, owner: `Tool server ${id}`, report };
  return {
    id,
    url: endpointOf(server.url, at),
    secret:
      secret?.env !== undefined
        ? { kind: 'env', name: secret.env }
        : secret?.store !== undefined
          ? { kind: 'store', name: secret.store }
          : null,
    apiKeyHeader: (server.api_key_header ?? 'authorization').toLowerCase(),
    apiKeyPrefix: server.api_key_prefix ?? 'Bearer ',
    idleTimeoutMs: (timeout ?? 120) * 1000,
    allowedTools: allowed,
    approvedTools: new Set(approved),
    toolDigests: new Map(Object.entries(digests)),
  };
}

function reportTwice(report: Report, pointer: string, found: string): void {
  report('POLICY_DUPLICATE_ENTRY', pointer, {
    message: `${found} stands twice.`,
    expected: 'every one once',
    found: `${found} again`,
  });
}
