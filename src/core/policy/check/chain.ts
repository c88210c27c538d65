import { isJsonObject, type Json, JUDGED_ENDPOINTS, pointerStep, TOOL_SERVERS_PATH } from '../../model/index.ts';
import type { ChainEntry } from '../generated/types.ts';
import { kindOf } from '../kinds/index.ts';
import type { Report } from '../kinds/kind.ts';
import { isPolicyKind, POLICY_KINDS } from '../kinds/table.ts';
import { suggestion } from './suggest.ts';

/** One entry of the chain as it is written. */
export interface WrittenEntry {
  readonly kind: string;
  /** Of its options, or of the entry, relative to the document. */
  readonly pointer: string;
  readonly options: Json;
}

/** The entries of `policies.chain` that can be read at all. */
export function chainOf(document: Json): readonly WrittenEntry[] {
  const policies = isJsonObject(document) ? document['policies'] : undefined;
  const chain = isJsonObject(policies) ? policies['chain'] : undefined;
  if (!Array.isArray(chain)) return [];
  return (chain as readonly Json[]).flatMap((entry, index): WrittenEntry[] => {
    const pointer = `/policies/chain/${index}`;
    if (typeof entry === 'string') return [{ kind: entry, pointer, options: null }];
    if (!isJsonObject(entry)) return [];
    return Object.entries(entry).map(([kind, options]) => ({
      kind,
      pointer: `${pointer}/${pointerStep(kind)}`,
      options,
    }));
  });
}

/** Reports a kind that does not exist or does not run here; true when it runs. */
export function reportKind(kind: string, pointer: string, report: Report): boolean {
  if (kindOf(kind) !== undefined) return true;
  if (isPolicyKind(kind)) {
    report('POLICY_UNSUPPORTED_KIND', pointer, {
      message: `The policy kind ${kind} is known, but not supported yet.`,
      expected: supportedKinds(),
      found: kind,
      at: 'key',
    });
    return false;
  }
  const meant = suggestion(
    kind,
    POLICY_KINDS.map((entry) => entry.kind),
  );
  report('POLICY_UNKNOWN_KIND', pointer, {
    message: `There is no policy kind ${kind}.`,
    expected: supportedKinds(),
    found: kind,
    at: 'key',
    ...(meant === undefined ? {} : { fix: `Did you mean ${meant}?` }),
  });
  return false;
}

const supportedKinds = (): string =>
  `one of ${POLICY_KINDS.filter((entry) => entry.supported)
    .map((entry) => entry.kind)
    .join(', ')}`;

/** Rules between the chain and the policy section (policy-config.md sections 2.2 and 6). */
export function checkChain(document: Json, report: Report): void {
  const entries = chainOf(document);
  const policy = isJsonObject(document) ? document['policy'] : undefined;
  const blocks = isJsonObject(policy) ? policy : {};
  const seen = new Set<string>();
  for (const { kind, pointer } of entries) {
    if (!reportKind(kind, pointer, report)) continue;
    if (seen.has(kind)) {
      report('POLICY_KIND_TWICE', pointer, {
        message: `${kind} stands twice in the chain.`,
        expected: 'every kind once',
        found: `${kind} again`,
      });
    }
    seen.add(kind);
    if (!Object.hasOwn(blocks, kind)) {
      report('POLICY_CHAIN_WITHOUT_BLOCK', pointer, {
        message: `${kind} is in the chain and has no settings.`,
        expected: `policy.${kind}`,
        found: 'nothing',
        fix: `Add ${kind}: {} below policy.`,
      });
    }
  }
  const audit = entries.findIndex((entry) => entry.kind === 'audit-logger');
  if (audit >= 0 && audit < entries.length - 1) {
    report('POLICY_AUDIT_NOT_LAST', `/policies/chain/${audit}`, {
      message: 'audit-logger is not the last policy of the chain.',
      expected: 'audit-logger at the end',
      found: `${entries.length - 1 - audit} after it`,
    });
  }
  for (const kind of Object.keys(blocks)) {
    const pointer = `/policy/${pointerStep(kind)}`;
    if (seen.has(kind) || entries.some((entry) => entry.kind === kind) || !reportKind(kind, pointer, report)) continue;
    report('POLICY_BLOCK_OUTSIDE_CHAIN', pointer, {
      message: `${kind} has settings and is not in the chain, so it does nothing.`,
      expected: `${kind} in policies.chain`,
      found: 'settings only',
      at: 'key',
    });
  }
}

/** The paths of requests that the policies of a document judge: those that ask a provider, and its tool servers. */
export function judgedPaths(toolServers: readonly { readonly id: string }[]): readonly string[] {
  return [...Object.keys(JUDGED_ENDPOINTS), ...toolServers.map(({ id }) => `${TOOL_SERVERS_PATH}${id}`)];
}

/** Rules inside the options of one entry; `options` has the right shape. `paths`: what a condition may speak of. */
export function checkEntry(
  { kind, pointer }: WrittenEntry,
  options: NonNullable<ChainEntry>,
  paths: readonly string[],
  report: Report,
): void {
  const { when, targeting, stage } = options;
  const start = when?.path;
  if (start !== undefined && !paths.some((path) => path.startsWith(start))) {
    condition(
      report,
      `${pointer}/when/path`,
      `what one of ${paths.join(', ')} begins with`,
      'what none of them begins with',
    );
  }
  if (when?.model?.length === 0) condition(report, `${pointer}/when/model`, 'at least one model', 'an empty list');
  for (const name of Object.keys(when?.header ?? {})) {
    if (name === name.toLowerCase()) continue;
    condition(report, `${pointer}/when/header/${pointerStep(name)}`, name.toLowerCase(), name);
  }
  if ((targeting?.scope === 'team') !== (targeting?.teams !== undefined)) {
    report('POLICY_TARGETING', `${pointer}/targeting`, {
      message: `The targeting of ${kind} contradicts itself.`,
      expected: 'scope: team together with teams',
      found: targeting?.teams === undefined ? 'scope: team without teams' : 'teams without scope: team',
    });
  }
  const phases = kindOf(kind)?.phases ?? [];
  const own = phases.length === 1 ? (phases[0] === 'input' ? 'pre-request' : 'pre-response') : undefined;
  if (stage !== undefined && stage !== own) {
    report('POLICY_UNSUPPORTED_VALUE', `${pointer}/stage`, {
      message:
        own === undefined ? `${kind} always runs on requests and on responses.` : `${kind} runs in one stage only.`,
      expected: own ?? 'no stage',
      found: stage,
    });
  }
}

function condition(report: Report, pointer: string, expected: string, found: string): void {
  report('POLICY_CONDITION', pointer, { message: 'This condition never holds.', expected, found });
}
