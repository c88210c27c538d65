/** The paths of a gateway whose requests policies judge (docs/endpoints.md), with the scope of a token that opens each. */
export const JUDGED_ENDPOINTS = {
  '/v1/chat/completions': 'chat',
  '/v1/messages': 'chat',
  '/v1/responses': 'chat',
  '/v1/embeddings': 'embeddings',
} as const;

export type JudgedPath = keyof typeof JUDGED_ENDPOINTS;

/** What the path of a tool server begins with; its id in the policy document follows. Policies judge it, too. */
export const TOOL_SERVERS_PATH = '/mcp/';
