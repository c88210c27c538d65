import type { OrgSlug, RepoPath } from '../../core/model/index.ts';
import type { FormerGateway } from './applied.ts';

/** One step of the way out. */
export interface OffboardStep {
  readonly id: (typeof ORDER)[number];
  /** unknown: nothing at hand says whether it was done. */
  readonly state: 'done' | 'open' | 'unknown';
  readonly words: string;
  /** As they are typed, one after the other. */
  readonly commands: readonly string[];
}

const ORDER = [
  'retire',
  'merge-retired',
  'approve-retired',
  'apply-retired',
  'stopped',
  'evidence',
  'chargeback',
  'revoke',
  'remove',
  'merge-removed',
  'approve-removed',
  'apply-removed',
] as const;

/** Where an org stands on its way out, after what was written now. */
export interface Progress {
  readonly org: OrgSlug;
  readonly step: 'retired' | 'removed' | 'gone';
  /** False where it was only asked what would be written. */
  readonly isWritten: boolean;
  /** Files outside of the org's directory that were written. */
  readonly beside: readonly RepoPath[];
  /** Of the store; null where it was not looked at, or where it cannot say yet. */
  readonly gateways: readonly FormerGateway[] | null;
}

/** The whole way in its order. */
export function stepsOf(progress: Progress): readonly OffboardStep[] {
  const said = wordsOf(progress);
  return ORDER.map((id) => ({ id, state: stateOf(id, progress), ...said[id] }));
}

function stateOf(id: OffboardStep['id'], { step, isWritten, gateways }: Progress): OffboardStep['state'] {
  const at = ORDER.indexOf(id);
  if (!isWritten && id === (step === 'retired' ? 'retire' : 'remove')) return 'open';
  if (step === 'retired') return id === 'retire' ? 'done' : 'open';
  if (id === 'retire' || id === 'merge-retired' || id === 'remove') return 'done';
  if (step === 'gone') return 'unknown';
  if (at > ORDER.indexOf('remove')) return 'open';
  if (gateways === null) return 'unknown';
  if (id === 'stopped') return gateways.some(({ state }) => state === 'silent') ? 'open' : 'done';
  if (id === 'revoke') return gateways.some(({ state }) => state !== 'revoked') ? 'open' : 'done';
  return at < ORDER.indexOf('stopped') ? 'done' : 'unknown';
}

type Said = Pick<OffboardStep, 'words' | 'commands'>;

function wordsOf(progress: Progress): { readonly [id in OffboardStep['id']]: Said } {
  const { org, beside, gateways } = progress;
  const enrolled = (gateways ?? []).filter(({ state }) => state !== 'revoked').map(({ gateway }) => gateway);
  const revocations = (gateways === null ? ['<gateway>'] : enrolled).map(
    (gateway) => `tenantry gateway revoke ${org}/${gateway}`,
  );
  const again = `tenantry org offboard ${org}`;
  return {
    retire: { words: 'Write `retired` into org.yaml; tokens, gateways and credentials go.', commands: [again] },
    'merge-retired': merging(`Retire ${org}`, [`orgs/${org}`]),
    'approve-retired': approving('that its gateways and tokens end'),
    'apply-retired': applying('Each gateway hears that it is not listed any more, and refuses every request.'),
    stopped: { words: stoppedWords(progress), commands: [`${again} --dry-run`] },
    evidence: {
      words: 'Keep the evidence, once the gateways have delivered the last of it.',
      commands: [`tenantry events verify --org ${org}`, `tenantry evidence ${org}`],
    },
    chargeback: {
      words: 'Keep the last chargeback, while the wallets are still there.',
      commands: [`tenantry wallet show --org ${org}`, `tenantry wallet export --org ${org} > ${org}.csv`],
    },
    revoke: {
      words: 'Take the gateways their identities, once they have stopped: one that is revoked hears nothing more.',
      commands: [`tenantry gateway list --org ${org}`, ...revocations],
    },
    remove: { words: 'Remove the directory and keep name and uid from coming back.', commands: [again] },
    'merge-removed': merging(`Remove ${org}`, [`orgs/${org}`, 'fleet.yaml', ...beside]),
    'approve-removed': approving('that the org is removed (ORG_OFFBOARDED says whether it was retired before)'),
    'apply-removed': {
      ...applying('The history of the org ends with `offboard`; it stays, and so does its evidence.'),
      commands: ['tenantry apply', `tenantry history --org ${org}`],
    },
  };
}

function merging(subject: string, paths: readonly string[]): Said {
  const all = [...new Set(paths)].join(' ');
  return {
    words: 'Commit it as a change of its own, and merge it.',
    commands: [`git add -A ${all}`, `git commit -m '${subject}'`, 'tenantry check --base origin/main'],
  };
}

function approving(what: string): Said {
  return {
    words: `A platform owner who is not the author accepts the hazards: ${what}.`,
    commands: [
      'tenantry diff --base <commit before>',
      'tenantry approve <changeDigest> --base <commit before> --as <handle> --reason <text>',
    ],
  };
}

function applying(after: string): Said {
  return { words: `Apply it; a running controller does. ${after}`, commands: ['tenantry apply'] };
}

function stoppedWords({ gateways }: Progress): string {
  const silent = (gateways ?? []).filter(({ state }) => state === 'silent').map(({ gateway }) => gateway);
  const wait =
    'Wait until each gateway has said that it stopped; one that cannot be reached stops when what it has expires.';
  return silent.length === 0 ? wait : `${wait} Not heard of: ${silent.join(', ')}.`;
}
