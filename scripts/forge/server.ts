import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Recognised, recognise } from './contract.ts';
import { OPERATIONS, type Reply } from './operations.ts';
import { emptyState, type ForgeState } from './state.ts';

/** Something that goes wrong with the next requests that fit. */
export interface Fault {
  /** primary and secondary: GitHub's two rate limits; broken: a 502 before, lost: a 502 after the work was done. */
  readonly kind: 'primary' | 'secondary' | 'broken' | 'lost';
  readonly times: number;
  /** Operation id; absent: any. */
  readonly operation?: string;
}

export interface Seen {
  readonly operation: string;
  readonly status: number;
}

export interface FakeForge {
  readonly url: string;
  readonly state: ForgeState;
  readonly seen: readonly Seen[];
  /** Every request that GitHub's own description does not allow. A test that ends with one has failed. */
  readonly violations: readonly string[];
  fail(fault: Fault): void;
  /** From now on lists show a new comment or pull request only so many requests later. */
  lag(requests: number): void;
  close(): Promise<void>;
}

export interface FakeForgeOptions {
  readonly owner: string;
  readonly repository: string;
  /** Tokens and whose they are. */
  readonly users: Readonly<Record<string, string>>;
  /** Where a branch of the repository is; absent: the forge knows of no branch. */
  readonly branchOf?: (name: string) => string | undefined;
}

const MOST_BODY_BYTES = 20_000_000;

/** A forge on loopback that answers as GitHub does, and refuses what GitHub's OpenAPI description does not allow. */
export const startFakeForge = async (options: FakeForgeOptions): Promise<FakeForge> => {
  const forge = new Machine(options);
  const server = createServer((request, response) => void forge.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  forge.url = `http://127.0.0.1:${port}`;
  return {
    url: forge.url,
    state: forge.state,
    seen: forge.seen,
    violations: forge.violations,
    fail: (fault) => forge.faults.push({ ...fault }),
    lag: (requests) => {
      forge.lagRequests = requests;
    },
    close: () => closed(server),
  };
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

class Machine {
  readonly state: ForgeState = emptyState();
  readonly seen: Seen[] = [];
  readonly violations: string[] = [];
  readonly faults: { kind: Fault['kind']; times: number; operation?: string }[] = [];
  readonly options: FakeForgeOptions;
  url = '';
  lagRequests = 0;
  private requests = 0;
  private ids = 1000;

  constructor(options: FakeForgeOptions) {
    this.options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = this.requests;
    this.requests += 1;
    const url = new URL(request.url ?? '/', this.url);
    const body = await bodyOf(request);
    const method = request.method ?? 'GET';
    const known = recognise({ method, path: url.pathname, query: url.searchParams, body });
    const fault = known === undefined ? undefined : this.takeFault(known.operation);
    const user = this.userOf(request);
    const early = this.refusal({ known, user, what: `${method} ${url.pathname}` }) ?? faultReply(fault);
    const reply = early ?? this.run(known, { url, body, user: user ?? '', at });
    const shown = fault === 'lost' ? BROKEN : reply;
    this.seen.push({ operation: known?.operation ?? 'none', status: shown.status });
    this.send(response, url, shown);
  }

  private userOf(request: IncomingMessage): string | undefined {
    const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.options.users[token];
  }

  private refusal(of: {
    readonly known: Recognised | undefined;
    readonly user: string | undefined;
    readonly what: string;
  }): Answer | undefined {
    const { known, user, what } = of;
    if (known === undefined) return this.violation(`${what}: no operation that is described`);
    if (known.faults.length > 0) return this.violation(`${what}: ${known.faults.join('; ')}`);
    if (user === undefined) return { status: 401, body: { message: 'Bad credentials' } };
    const { owner, repo } = known.parameters;
    const isOurs = owner === this.options.owner && repo === this.options.repository;
    return isOurs ? undefined : { status: 404, body: { message: 'Not Found' } };
  }

  private violation(text: string): Answer {
    this.violations.push(text);
    return { status: 422, body: { message: text } };
  }

  private run(known: Recognised | undefined, call: Calling): Answer {
    const operation = OPERATIONS[known?.operation ?? ''];
    if (known === undefined || operation === undefined) return this.violation(`${call.url.pathname}: not played here`);
    const reply = operation({
      state: this.state,
      parameters: known.parameters,
      query: call.url.searchParams,
      body: (call.body ?? {}) as Record<string, unknown>,
      user: call.user,
      at: call.at,
      lag: this.lagRequests,
      owner: this.options.owner,
      branchOf: this.options.branchOf ?? (() => undefined),
      nextId: () => {
        this.ids += 1;
        return this.ids;
      },
    });
    const isDescribed = known.statuses.includes(reply.status) || reply.status >= 400;
    if (!isDescribed) throw new Error(`${known.operation} answers ${reply.status}, which is not described`);
    return reply;
  }

  private takeFault(operation: string): Fault['kind'] | undefined {
    const fault = this.faults.find((one) => one.times > 0 && (one.operation ?? operation) === operation);
    if (fault === undefined) return undefined;
    fault.times -= 1;
    return fault.kind;
  }

  private send(response: ServerResponse, url: URL, answer: Answer): void {
    const { list } = answer;
    const page = list === undefined ? undefined : pageOf(list.items, url);
    const wrapped = list?.key === undefined ? page?.items : { total_count: list.items.length, [list.key]: page?.items };
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers, ...page?.headers });
    response.end(answer.status === 204 ? '' : JSON.stringify(list === undefined ? answer.body : wrapped));
  }
}

interface Calling {
  readonly url: URL;
  readonly body: unknown;
  readonly user: string;
  readonly at: number;
}

type Answer = Reply & { readonly headers?: Readonly<Record<string, string>> };

const BROKEN: Answer = { status: 502, body: { message: 'Server Error' } };

const faultReply = (kind: Fault['kind'] | undefined): Answer | undefined => {
  switch (kind) {
    case undefined:
    case 'lost':
      return undefined;
    case 'broken':
      return BROKEN;
    case 'primary': {
      const headers = {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1),
      };
      return { status: 403, headers, body: { message: 'API rate limit exceeded' } };
    }
    case 'secondary': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return { status: 403, headers: { 'retry-after': '1' }, body: { message } };
    }
  }
};

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new Error('a request is larger than any that is expected');
    parts.push(part as Buffer);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
};

/** One page of a list, thirty items unless asked otherwise, with the Link header that leads on. */
const pageOf = (items: readonly unknown[], url: URL) => {
  const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
  const page = Number(url.searchParams.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const headers: Record<string, string> = page < last ? { link: `<${next.href}>; rel="next"` } : {};
  return { items: items.slice((page - 1) * size, page * size), headers };
};
