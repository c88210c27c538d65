import { createHash } from 'node:crypto';
import type { BundleSink } from '../../src/core/model/index.ts';
import type { CompiledPolicy, Webhook } from '../../src/core/policy/index.ts';
import type { OtlpResource } from '../core/index.ts';
import { errorCode } from './files.ts';
import type { Log } from './log.ts';
import type { Family } from './metrics.ts';
import { createPosts, type PostOptions } from './posts.ts';
import type { Secrets } from './secrets.ts';
import { createFileSink } from './sink-file.ts';
import { createOtlpSink, type OtlpTarget } from './sink-otlp.ts';
import { createSink, type LineSource, type Sink, type SinkCursor, type SinkDriver } from './sink-runner.ts';
import { createWebhookSink } from './sink-webhook.ts';
import { keepSinkCursors, openSinkCursor } from './state.ts';

// All receivers of evidence: those that the operator of this machine named at the start, the webhooks of the document in force
// and the sinks of the Gateway manifest. Each has a cursor of its own.

/** What the operator named. */
export interface SinkFlags {
  /** NDJSON file. */
  readonly eventsFile?: string;
  readonly otlp?: OtlpTarget;
  /** The longest wait for what is not delivered at a stop. */
  readonly stopMs?: number;
  /** Lines gather this long before they are delivered. */
  readonly gatherMs?: number;
  readonly retryMs?: number;
}

export interface SinkSet {
  nudge(): void;
  /** Takes the webhooks of the document in force, and the sinks of its bundle. */
  follow(policy: CompiledPolicy, declared: readonly BundleSink[]): void;
  /** Through which line every receiver has everything; what is further behind than the backlog is not waited for. */
  floor(): number;
  /** How many lines at most wait for receivers. */
  pending(): number;
  drain(): Promise<boolean>;
  families(): readonly Family[];
  /** Delivers what is there, within a bound, and ends. */
  stop(): Promise<void>;
}

export interface SinkSetOptions {
  readonly flags: SinkFlags;
  readonly source: LineSource;
  /** Where cursors are kept; null: the lines themselves are not kept either. */
  readonly folder: string | null;
  readonly from: OtlpResource;
  readonly posts: PostOptions;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Lines that are kept for a receiver that is away; about 200 MB. Older ones are lost to it. */
const BACKLOG_LINES = 200_000;
const STOP_MS = 2000;

interface WebhookEntry {
  webhook: Webhook;
  readonly sink: Sink;
}

/** Begins with the receivers of the operator. Throws GATEWAY_EVENTS_FILE. */
export function createSinks(options: SinkSetOptions): SinkSet {
  const { flags, source, folder, from, secrets, nowMs, log } = options;
  const posts = createPosts(options.posts);
  // The operator named the collector on this machine, so it may be on a private network.
  const collector = createPosts({ ...options.posts, privateHosts: flags.otlp === undefined ? [] : [flags.otlp.host] });
  const webhooks = new Map<string, WebhookEntry>();
  const fixed: Sink[] = [];

  const sinkOf = (driver: SinkDriver, cursor: SinkCursor): Sink =>
    createSink({ ...flags, driver, source, cursor, log });
  const cursorOf = (name: string): SinkCursor =>
    folder === null ? inMemory(source.head().sequence) : openSinkCursor(folder, name, source.head().sequence);
  /** A disk that keeps no cursor takes nothing away from what is enforced, nor from who is told now. */
  const cursorNow = (name: string): SinkCursor => {
    try {
      return cursorOf(name);
    } catch (error) {
      log.warn('the cursor of a sink cannot be kept', { sink: name, why: errorCode(error) || 'failed' });
      return inMemory(source.head().sequence);
    }
  };
  if (flags.eventsFile !== undefined) fixed.push(fileSink(flags.eventsFile, cursorOf, options, sinkOf));
  if (flags.otlp !== undefined) {
    const driver = createOtlpSink({ target: flags.otlp, posts: collector, resource: from });
    fixed.push(sinkOf(driver, cursorOf(driver.name)));
  }
  // Asked at every flush of the journal, so it is made when it changes.
  let every: readonly Sink[] = fixed;
  const all = (): readonly Sink[] => every;

  const entryOf = (name: string, webhook: Webhook): WebhookEntry => {
    const entry: WebhookEntry = {
      webhook,
      sink: sinkOf(
        createWebhookSink({ webhook: () => entry.webhook, name, posts, secrets, from, nowMs }),
        cursorNow(name),
      ),
    };
    return entry;
  };

  return {
    nudge() {
      for (const sink of all()) sink.nudge();
    },
    follow(policy, declared) {
      const wanted = new Map([
        ...policy.webhooks.map((webhook) => [nameOf(webhook), webhook] as const),
        ...declared.map((sink) => [`sink-${sink.name}`, webhookOf(sink)] as const),
      ]);
      for (const [name, { sink }] of webhooks) {
        if (wanted.has(name)) continue;
        webhooks.delete(name);
        void sink.stop().then(() => forget(folder, all()));
      }
      for (const [name, webhook] of wanted) {
        const known = webhooks.get(name);
        if (known === undefined) webhooks.set(name, entryOf(name, webhook));
        else known.webhook = webhook;
      }
      every = [...fixed, ...[...webhooks.values()].map(({ sink }) => sink)];
      forget(folder, all());
      for (const sink of all()) sink.nudge();
    },
    floor() {
      const head = source.head().sequence;
      const least = Math.min(head, ...all().map((sink) => sink.cursor()));
      return Math.max(least, head - BACKLOG_LINES);
    },
    pending: () => Math.max(0, ...all().map((sink) => sink.pending())),
    async drain() {
      return (await Promise.all(all().map((sink) => sink.drain()))).every(Boolean);
    },
    families: () => familiesOf(all()),
    async stop() {
      const enough = new Promise((resolve) => setTimeout(resolve, flags.stopMs ?? STOP_MS).unref());
      await Promise.race([Promise.all(all().map((sink) => sink.drain())), enough]);
      // What is still under way fails, and is delivered again after the next start.
      await Promise.all([posts.close(), collector.close()]);
      await Promise.all(all().map((sink) => sink.stop()));
    },
  };
}

function forget(folder: string | null, sinks: readonly Sink[]): void {
  if (folder === null) return;
  try {
    keepSinkCursors(folder, new Set(sinks.map(({ name }) => name)));
  } catch {
    // What is left there is forgotten with the next document.
  }
}

function fileSink(
  path: string,
  cursorOf: (name: string) => SinkCursor,
  { source, folder }: SinkSetOptions,
  sinkOf: (driver: SinkDriver, cursor: SinkCursor) => Sink,
): Sink {
  const driver = createFileSink({ path, journal: folder === null ? null : source });
  const cursor = cursorOf(driver.name);
  // The file itself says where to go on, also after a time in which nobody named it and its cursor was forgotten.
  if (driver.through > 0) cursor.write(driver.through);
  return sinkOf(driver, cursor);
}

/** A label that tells receivers apart without their address. */
function nameOf({ url }: Webhook): string {
  return `webhook-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;
}

/** Every decision goes to a sink that a manifest names. */
function webhookOf({ url, secret }: BundleSink): Webhook {
  const { env, store } = secret ?? {};
  const named =
    env === undefined ? ({ kind: 'store', name: store ?? '' } as const) : ({ kind: 'env', name: env } as const);
  return { url, secret: secret === undefined ? null : named, headers: {}, types: null };
}

function inMemory(start: number): SinkCursor {
  let current = start;
  return {
    read: () => current,
    write(sequence) {
      current = sequence;
    },
    flush() {},
  };
}

function familiesOf(sinks: readonly Sink[]): readonly Family[] {
  const counter = (name: string, help: string, of: (sink: Sink) => number): Family => ({
    name: `tenantry_gateway_sink_${name}`,
    type: 'counter',
    help,
    samples: sinks.map((sink) => ({ labels: { sink: sink.name }, value: of(sink) })),
  });
  if (sinks.length === 0) return [];
  return [
    counter('delivered_lines', 'Lines of evidence that a receiver took.', ({ counters }) => counters.delivered),
    counter('failures', 'Batches that a receiver did not take.', ({ counters }) => counters.failures),
    counter('lost_lines', 'Lines that a receiver will not get.', ({ counters }) => counters.lost),
    { ...counter('pending_lines', 'Lines that wait for a receiver.', (sink) => sink.pending()), type: 'gauge' },
  ];
}
