import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/index.ts';
import { toolsOf } from '../index.ts';
import { chat, codesOf, compiled, documentOf, findingsOf, request, target } from '../policy.testkit.ts';
import { NO_MEMORY } from '../run/memory.ts';

const tool = (name: string): JsonObject => ({ type: 'function', function: { name } });

describe('rbac', () => {
  const settings = {
    deny_if_missing: ['X-User-ID'],
    require_auth: true,
    roles: { clerk: { allowed_tools: ['*'], denied_tools: ['refund'] }, guest: { allowed_tools: ['search'] } },
  };
  const policy = compiled(documentOf('rbac', settings));
  const ask = (more: object, tools: readonly JsonObject[] = []) =>
    policy.input(request({ ...chat('hi'), tools }, { headers: new Map([['x-user-id', '7']]), ...more })).reasonCode;

  it.each([
    ['everything in order', {}, [], null],
    ['no header', { headers: new Map() }, [], 'rbac.header_missing'],
    ['an empty header', { headers: new Map([['x-user-id', ' ']]) }, [], 'rbac.header_missing'],
    ['no token', { authenticated: false }, [], 'rbac.unauthenticated'],
    ['an allowed tool', { role: 'guest' }, ['search'], null],
    ['a tool that is not allowed', { role: 'guest' }, ['search', 'mail'], 'rbac.tool_denied'],
    ['any tool', { role: 'clerk' }, ['mail'], null],
    ['a denied tool', { role: 'clerk' }, ['mail', 'refund'], 'rbac.tool_denied'],
    ['a role nobody knows', { role: 'root' }, ['search'], 'rbac.role_unknown'],
    ['no role', {}, ['search'], 'rbac.role_unknown'],
  ])('with %s', (_, more, tools, expected) => {
    expect(ask(more, tools.map(tool))).toBe(expected);
  });

  it('takes the role from the token, never from a header', () => {
    const headers = new Map([
      ['x-user-id', '7'],
      ['x-user-role', 'clerk'],
    ]);
    expect(ask({ headers }, [tool('mail')])).toBe('rbac.role_unknown');
  });

  it('needs X-User-ID by default and says which headers it reads', () => {
    const plain = compiled(documentOf('rbac'));
    expect(plain.headersRead).toEqual(['x-user-id']);
    expect(plain.input(request(chat('hi'))).reasonCode).toBe('rbac.header_missing');
  });

  it('sees every way to offer a tool', () => {
    expect(
      toolsOf({
        tools: [
          tool('a'),
          { type: 'function', name: 'b' },
          { type: 'mcp', server_label: 'c' },
          { type: 'web_search' },
          { type: 'custom', custom: { name: 'd' } },
          7,
        ],
        functions: [{ name: 'e' }],
        tool_choice: tool('f'),
        function_call: { name: 'g' },
      }),
    ).toEqual(['a', 'b', 'mcp', 'c', 'web_search', 'd', '', 'e', 'f', 'g']);
    for (const choice of ['auto', { type: 'auto' }, { type: 'any', disable_parallel_tool_use: true }])
      expect(toolsOf({ tool_choice: choice })).toEqual([]);
  });

  it.each<readonly [string, JsonObject, readonly string[]]>([
    ['a label of a server', { tools: [{ type: 'mcp', server_label: 'search' }] }, ['mcp', 'search']],
    ['tools of a server', { tools: [{ type: 'mcp', allowed_tools: { tool_names: ['drop'] } }] }, ['mcp', 'drop']],
    ['a type with a name', { tools: [{ type: 'shell', name: 'search' }] }, ['shell', 'search']],
    ['two names', { tools: [{ type: 'function', name: 'evil', function: { name: 'search' } }] }, ['search', 'evil']],
    ['two names without a type', { tools: [{ name: 'evil', custom: { name: 'search' } }] }, ['search', 'evil']],
    ['a name that is no text', { tools: [{ name: ['search'] }] }, ['']],
    ['no name', { tools: [{ type: 'function' }] }, ['function']],
    [
      'servers',
      { mcp_servers: [{ type: 'url', name: 'x', tool_configuration: { allowed_tools: ['y'] } }] },
      ['mcp_servers', 'x', 'y'],
    ],
    [
      'a set of a server',
      { tools: [{ type: 'mcp_toolset', mcp_server_name: 'x', configs: { y: {} } }] },
      ['mcp_toolset', 'x', 'y'],
    ],
    ['a search of the web', { web_search_options: {} }, ['web_search_options']],
    [
      'other searches',
      { search_parameters: { mode: 'on' }, enable_search: true, web_search: {} },
      ['search_parameters', 'enable_search', 'web_search'],
    ],
    ['searches that are switched off', { enable_search: false, web_search: false, web_search_options: null }, []],
    [
      'plugins',
      { plugins: [{ id: 'web' }, 'pdf', {}, 7] },
      ['plugins', 'web', 'plugins', 'pdf', 'plugins', 'plugins', ''],
    ],
    ['skills', { container: { skills: [{ type: 'custom', skill_id: 'x' }] } }, ['container.skills', 'x']],
    ['a container without skills', { container: { id: 'x' } }, []],
    [
      'tools inside a tool',
      { tools: [{ type: 'namespace', name: 'search', tools: [tool('evil')] }] },
      ['namespace', 'search', 'evil'],
    ],
    ['tools that were found', { input: [{ type: 'tool_search_output', tools: [tool('evil')] }] }, ['evil']],
    [
      'tools of a message',
      {
        messages: [
          { role: 'system', content: 'x', tools: [tool('evil')] },
          { role: 'user', type: 'mcp_list_tools', tools: [tool('other')] },
        ],
      },
      ['evil', 'other'],
    ],
    ['tools that may be chosen', { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [tool('a')] } }, ['a']],
    [
      'those of chat',
      { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('a')] } } },
      ['a'],
    ],
    [
      'a tool of the provider that is chosen',
      { tool_choice: { type: 'mcp', server_label: 'a', name: 'b' } },
      ['mcp', 'b', 'a'],
    ],
  ])('counts every name and type: %s', (_, body, expected) => {
    expect(toolsOf(body)).toEqual(expected);
  });
});

describe('data-routing-policy', () => {
  const zero = { zero_data_retention: true, training_opt_out: true, retention_days: 0 };
  const targets = [
    target({ id: 'plain' }),
    target({ id: 'month', data_policy: { training_opt_out: true, retention_days: 30 } }),
    target({ id: 'zero', data_policy: zero }),
    target({ id: 'zdr', zdr: true }),
  ];
  const document = (settings: JsonObject, list: readonly JsonObject[] = targets) =>
    documentOf('data-routing-policy', settings, { providers: { targets: list } });

  it.each([
    [{}, ['plain', 'month', 'zero', 'zdr']],
    [{ require_zero_data_retention: true }, ['zero', 'zdr']],
    [{ require_no_training: true }, ['month', 'zero']],
    [{ max_retention_days: 30 }, ['month', 'zero', 'zdr']],
    [{ max_retention_days: 0 }, ['zero', 'zdr']],
    [{ require_no_training: true, max_retention_days: 0 }, ['zero']],
  ])('with %j leaves %j', (settings, expected) => {
    const outcome = compiled(document(settings)).input(request(chat('hi')));
    expect(outcome).toMatchObject({ verdict: 'allow', targets: expected });
  });

  it('tells which targets it excludes', () => {
    const findings = findingsOf(document({ max_retention_days: 30 }));
    expect(findings.map((item) => [item.code, item.severity, item.place.file])).toEqual([
      ['POLICY_TARGET_EXCLUDED', 'info', '/providers/targets/0'],
    ]);
  });

  it('refuses a document in which none is left', () => {
    const settings = { require_zero_data_retention: true };
    expect(codesOf(document(settings, [target()]))).toEqual(['POLICY_ROUTING_EXCLUDES_ALL']);
    // Nothing would ever come to it, so a wish to be warned only is refused by name.
    expect(codesOf(document({ require_no_training: true, on_no_compliant_provider: 'warn' }, [target()]))).toEqual([
      'POLICY_UNSUPPORTED_VALUE',
    ]);
    const none = { ...documentOf('data-routing-policy', {}), providers: undefined } as unknown as JsonObject;
    expect(codesOf(JSON.parse(JSON.stringify(none)))).toEqual([
      'POLICY_TARGETS_MISSING',
      'POLICY_ROUTING_EXCLUDES_ALL',
    ]);
  });
});

describe('data-routing-policy when none is left at run time', () => {
  // A document cannot come here; the kind is asked directly.
  it('blocks', async () => {
    const { dataRoutingPolicy } = await import('./data-routing-policy.ts');
    const step = dataRoutingPolicy.build(
      { require_no_training: true },
      { pointer: '', report: () => undefined, targets: () => [], inChain: false },
    );
    if (!('input' in step)) throw new Error('expected a step');
    const result = step.input?.({
      facts: request(chat('hi')),
      body: null,
      targets: [],
      memory: NO_MEMORY.of('data-routing-policy'),
    });
    expect(result).toMatchObject({ verdict: 'block', reasonCode: 'data-routing-policy.no_compliant_provider' });
  });
});
