import type { RunReport } from './processes.ts';
import type { DemoFleet } from './tokens.ts';

export interface OnceParts {
  readonly root: string;
  readonly dir: string;
  readonly demo: DemoFleet;
  readonly report: RunReport;
}

export interface Asked {
  readonly status: number;
  readonly bundle: string;
  readonly text: string;
  readonly error: { readonly code?: string; readonly policy?: string };
}

/** One governed request as a customer's application would send it. */
export async function ask(url: string, token: string, body: object): Promise<Asked> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-user-id': 'ana' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const parsed = JSON.parse(text) as {
    readonly error?: Asked['error'];
    readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
  };
  return {
    status: response.status,
    bundle: response.headers.get('x-tenantry-bundle') ?? '',
    text: parsed.choices?.[0]?.message?.content ?? text,
    error: parsed.error ?? {},
  };
}

export function chat(model: string, content: string, maxTokens = 64): object {
  return { model, max_tokens: maxTokens, messages: [{ role: 'user', content }] };
}
