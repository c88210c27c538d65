import { rmSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import type { BundleData, BundlePrice, BundleToken, DecisionEvent, GatewayEvent } from '../../src/core/model/index.ts';
import { formatToken, tokenDigest } from '../../src/trust/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { ORG, SECRET, sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { type ManagedOptions, type Running, runManaged } from './run.ts';
import { echo, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// The enrolled gateway of one test with its control plane and its providers, all on loopback. Each part ends with the test, also
// with one that fails and with a start that does not come to its end: the last that was started is the first.

/** Ends with the test that starts it. */
export function forTest<T extends { close(): Promise<unknown> }>(part: T): T {
  onTestFinished(async () => {
    await part.close();
  });
  return part;
}

/** What the gateway is to enforce; what is not said is one target without policies, and the data of the sample. */
export interface Published {
  /** The policy document, by the addresses of the providers. */
  readonly policy?: (urls: readonly string[]) => string;
  readonly data?: Partial<BundleData>;
}

type Options = Partial<Omit<ManagedOptions, 'stateDir'>>;

export interface EnrolledStart extends Published {
  /** What each provider, or other service, answers at first; one is started for each. */
  readonly scripts?: readonly TestUpstream['script'][];
  /** The environment of the gateway, beside the key that targets name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How it runs beside loopback and a free port. */
  readonly options?: Options;
}

export interface Asking extends Pick<RequestInit, 'method' | 'signal'> {
  /** The one of the sample; null: none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of a gateway that is enrolled; it may be stopped and started again. */
export interface EnrolledGateway {
  readonly plane: TestPlane;
  readonly host: TestHost;
  readonly upstreams: readonly TestUpstream[];
  /** The first of them. */
  readonly upstream: TestUpstream;
  /** Its state. */
  readonly folder: string;
  /** Since its last start. */
  running(): Running;
  /** Until it has something to serve; as before where no options are given. */
  start(options?: Options): Promise<void>;
  stop(): Promise<void>;
  /** Publishes, and waits until the gateway has it. */
  change(what: Published): Promise<void>;
  publish(what: Published): Promise<string>;
  send(path: string, body?: object | string, how?: Asking): Promise<Response>;
  /** What anybody may read there. */
  page(path: string): Promise<Response>;
  /** A chat request. */
  ask(body?: object | string, how?: Asking): Promise<Response>;
  /** All of this type that the control plane was told. */
  events<T extends GatewayEvent['type']>(type: T): readonly Extract<GatewayEvent, { readonly type: T }>[];
  /** Tells the control plane everything. */
  delivered(): Promise<void>;
  /** The first decision, when the control plane has it. */
  decided(): Promise<DecisionEvent>;
}

/** The request that most tests send. */
export const say = (content = 'hi', more: object = {}) => ({
  ...{ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content }] },
  ...more,
});

/** The status of an answer, with the code of a refusal. */
export async function outcomeOf(response: Response): Promise<string> {
  const text = await response.text();
  const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as { readonly error?: { readonly code: string } };
  return error === undefined ? String(response.status) : `${response.status} ${error.code}`;
}

/** The token of the sample, and another one of its team. */
export const [BOT] = sampleData().tokens as readonly [BundleToken];
export const OTHER = formatToken('tok2', SECRET);
export const OTHER_BOT: BundleToken = {
  ...BOT,
  name: 'other',
  credentials: [{ id: 'tok2', digest: tokenDigest(ORG, 'tok2', SECRET), notBeforeMs: 0, notAfterMs: BOT.notAfterMs }],
};

/** A micro-unit for each token of these models. */
export const pricesOf = (...models: readonly string[]): readonly BundlePrice[] =>
  models.flatMap((model) => sampleData().prices.map((price) => ({ ...price, model })));

/** A gateway that runs. */
export async function startEnrolled(start: EnrolledStart = {}): Promise<EnrolledGateway> {
  const gateway = await enrolGateway(start);
  await gateway.start();
  return gateway;
}

/** A gateway that has never run. */
export async function enrolGateway(wanted: EnrolledStart = {}): Promise<EnrolledGateway> {
  const upstreams: TestUpstream[] = [];
  for (const script of wanted.scripts ?? [echo]) {
    upstreams.push(Object.assign(forTest(await startUpstream()), { script }));
  }
  const [upstream] = upstreams as [TestUpstream, ...TestUpstream[]];
  const host = makeTestHost();
  for (const [name, value] of Object.entries({ UPSTREAM_KEY: 'sk-upstream', ...wanted.variables }))
    host.variables.set(name, value);
  const plane = forTest(await startPlane(host.nowMs));
  const publish = ({ policy = documentOf({ targets: [{}] }), data }: Published): Promise<string> =>
    plane.publish(policy(upstreams.map(({ url }) => url)), data);
  await publish(wanted);
  const folder = plane.enrolledState();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));

  let last: Running | undefined;
  const running = (): Running => {
    if (last === undefined) throw new Error('the gateway does not run');
    return last;
  };
  const stop = async (): Promise<void> => {
    const ending = last;
    last = undefined;
    await ending?.stop(500);
  };
  onTestFinished(stop);

  const send: EnrolledGateway['send'] = (path, body, { token = TOKEN, headers, ...how } = {}) =>
    fetch(`${running().url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...how,
    });
  const events: EnrolledGateway['events'] = (type) =>
    plane.lines.flatMap(({ event }) => (event.type === type ? [event as never] : []));
  return {
    ...{ plane, host, upstreams, upstream, folder, running, publish, stop, send, events },
    async start(options = wanted.options) {
      const listen = { host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5, ...options };
      last = await runManaged({ ...listen, stateDir: folder }, host);
      await until(() => running().service.snapshot !== null, 'a snapshot');
    },
    async change(what) {
      const digest = await publish(what);
      await until(() => running().service.snapshot?.contentDigest === digest, 'the swap');
    },
    page: (path) => fetch(`${running().url}${path}`),
    ask: (body = say(), how) => send('/v1/chat/completions', body, how),
    async delivered() {
      expect(await running().shipping?.drain()).toBe(true);
    },
    async decided() {
      await until(async () => {
        await running().shipping?.drain();
        return events('decision').length > 0;
      }, 'the decision');
      return events('decision')[0] as DecisionEvent;
    },
  };
}
