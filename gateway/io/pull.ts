import type { Acknowledgement, RepoPath } from '../../src/core/model/index.ts';
import type { MemoryBook } from '../../src/core/policy/index.ts';
import {
  type PollResult,
  provenanceCommit,
  TrustError,
  type VerifiedTarget,
  type Verifier,
} from '../../src/trust/index.ts';
import {
  type ActiveContent,
  makeSnapshot,
  PULL_START,
  type PullEffect,
  type PullEvent,
  type PullState,
  type Snapshot,
  step,
} from '../core/index.ts';
import { compilePolicyText, findingLines } from './configuration.ts';
import type { ControlPlane } from './control.ts';
import type { Log } from './log.ts';
import type { Pace } from './pace.ts';
import type { Freshness } from './service.ts';

// Drives core's pulling: performs its effects and tells it what came of them. A candidate is compiled before it is
// committed to disk, and committed before one assignment makes it active.

export interface PullOptions {
  readonly verifier: Verifier;
  readonly control: Pick<ControlPlane, 'post'>;
  readonly gateway: string;
  readonly pollSeconds: number;
  readonly pace: Pace;
  /** The counts of policies: they go on when a document takes the place of another. */
  readonly memory: MemoryBook;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly freshness: () => Freshness;
  readonly activate: (snapshot: Snapshot | null) => void;
  readonly log: Log;
}

export interface Pull {
  /** Boots from the last known good, with no network, then keeps pulling until stopped. */
  start(): void;
  state(): PullState;
  stop(): void;
}

type PullFact = PullEvent extends infer Event
  ? Event extends PullEvent
    ? Omit<Event, 'nowMs' | 'random'>
    : never
  : never;

type Saying = Pick<Acknowledgement, 'state' | 'code' | 'at'>;

const AGE_CHECK_MS = 60_000;

export function createPull(options: PullOptions): Pull {
  const { verifier, control, log, nowMs } = options;
  const { pollMs, maxBackoffMs } = options.pace;
  const settings = { pollSeconds: options.pollSeconds, maxBackoffSeconds: maxBackoffMs / 1000 };
  const abort = new AbortController();
  let state = PULL_START;
  let sleep: NodeJS.Timeout | undefined;
  let ageing: NodeJS.Timeout | undefined;
  let reported: Freshness = 'fresh';

  const tell = (fact: PullFact): void => {
    if (abort.signal.aborted) return;
    const next = step(state, { ...fact, nowMs: nowMs(), random: options.random() } as PullEvent, settings);
    state = next.state;
    for (const effect of next.effects) perform(effect);
  };

  const perform = (effect: PullEffect): void => {
    switch (effect.type) {
      case 'poll':
        void poll(effect.waitSeconds);
        return;
      case 'sleep':
        sleep = setTimeout(() => tell({ type: 'wake' }), effect.ms);
        return;
      case 'stopServing':
        options.activate(null);
        return;
      case 'acknowledge':
        void acknowledge(effect);
        return;
    }
  };

  const acknowledge = async ({ state: kind, code, at }: Saying): Promise<void> => {
    const ack: Acknowledgement = {
      gateway: options.gateway,
      generation: state.active?.generation ?? 0,
      contentDigest: state.active?.contentDigest ?? null,
      state: kind,
      code,
      at,
    };
    const answered = await control.post('/api/v1/gateway/ack', JSON.stringify(ack), { attempts: 3 });
    if (answered.kind !== 'ok')
      log.warn('not acknowledged', { state: kind, why: answered.kind === 'away' ? answered.detail : answered.code });
    tell({ type: 'told', at, outcome: answered.kind === 'away' ? 'lost' : 'heard' });
  };

  const poll = async (waitSeconds: number): Promise<void> => {
    const fact = await attempt(waitSeconds).catch(unkept);
    if (fact !== null) tell(fact);
  };

  /** One poll and what becomes of it; null when pulling was stopped meanwhile. */
  const attempt = async (waitSeconds: number): Promise<PullFact | null> => {
    const result = await ask(waitSeconds);
    return abort.signal.aborted ? null : settleResult(result);
  };

  /** Asks with a deadline for all files together. */
  const ask = async (waitSeconds: number): Promise<PollResult> => {
    const late = new AbortController();
    const reason = new TrustError('TRUST_DEADLINE', `expected all files of a poll within ${pollMs} ms`);
    const timer = setTimeout(() => late.abort(reason), waitSeconds * 1000 + pollMs);
    try {
      return await verifier.poll({ waitSeconds, signal: AbortSignal.any([abort.signal, late.signal]) });
    } finally {
      clearTimeout(timer);
    }
  };

  /** A disk that fails takes nothing away from what is being served; the next poll tries again. */
  const unkept = (error: unknown): PullFact => {
    const code = error instanceof TrustError ? error.code : 'TRUST_DISK';
    const why = error instanceof Error ? error.message : String(error);
    log.warn('the configuration could not be kept on disk', { code, why });
    return { type: 'refused', code };
  };

  const settleResult = async (result: PollResult): Promise<PullFact> => {
    if (result.kind === 'unchanged') return { type: 'unchanged' };
    if (result.kind === 'refused') {
      if (result.code !== 'TRUST_UNREACHABLE' || state.failures === 0)
        log.warn('poll refused', { code: result.code, detail: result.detail });
      return { type: result.code === 'TRUST_NOT_LISTED' ? 'delisted' : 'refused', code: result.code };
    }
    const snapshot = snapshotOf(result.target);
    if (snapshot === undefined) return { type: 'refused', code: 'GATEWAY_POLICY_REFUSED' };
    await result.commit();
    return activate(result.target, snapshot);
  };

  const activate = (target: VerifiedTarget, snapshot: Snapshot): PullFact & { readonly type: 'activated' } => {
    options.activate(snapshot);
    log.info('active', {
      bundle: target.custom.contentDigest.slice(0, 12),
      generation: target.custom.generation,
      version: snapshot.configVersion,
    });
    return { type: 'activated', active: activeOf(target) };
  };

  const snapshotOf = (target: VerifiedTarget): Snapshot | undefined => {
    const compiled = compilePolicyText(target.content.policyText, 'policy-config.yaml' as RepoPath, {
      mode: 'fast',
      memory: options.memory,
    });
    if (!compiled.ok) {
      log.warn('the policy of the bundle cannot be enforced', {
        code: 'GATEWAY_POLICY_REFUSED',
        why: findingLines(compiled.findings)[0] ?? '',
      });
      return undefined;
    }
    const { header, data } = target.content;
    const { fleet, orgUid, gateway, environment } = header;
    const tenant = {
      ...{ identity: { fleet, orgUid, gateway }, environment, data },
      ...{ generation: target.custom.generation, commit: provenanceCommit(target.provenance) },
    };
    return makeSnapshot(compiled.value, { tenant, contentDigest: target.custom.contentDigest, nowMs: nowMs() });
  };

  const checkAge = (): void => {
    const level = options.freshness();
    if (level === reported || state.active === null) return;
    reported = level;
    if (level === 'stale' || level === 'expired') {
      log.warn('the configuration has not been confirmed for too long', { freshness: level });
      tell({ type: 'aged', level });
    }
  };

  return {
    state: () => state,
    start() {
      const good = verifier.lastKnownGood();
      const snapshot = good === null ? undefined : snapshotOf(good);
      if (good !== null && snapshot !== undefined) activate(good, snapshot);
      ageing = setInterval(checkAge, AGE_CHECK_MS);
      tell({ type: 'booted', active: good === null || snapshot === undefined ? null : activeOf(good) });
    },
    stop() {
      abort.abort();
      clearTimeout(sleep);
      clearInterval(ageing);
    },
  };
}

function activeOf(target: VerifiedTarget): ActiveContent {
  return { generation: target.custom.generation, contentDigest: target.custom.contentDigest };
}
