import { instantText, type OrgSlug } from '../../core/model/index.ts';
import { oneLine } from '../../core/report/index.ts';
import { type EscalationVerb, isReason } from '../../flows/index.ts';
import type { AskedState, EscalationRow, EscalationStep, NotificationState } from '../../ports/index.ts';
import { answerWith, countOf, requiredOrg, table } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { type TenantClient, tenantClient } from '../tenant.ts';
import { CommandError, EXIT } from '../terminal.ts';

type Shown = Omit<EscalationRow, 'org'>;
interface Detail extends Shown {
  readonly log: readonly EscalationStep[];
  readonly notifications: readonly NotificationState[];
}

const MOST_OF_PAGE = 500;
const HEADER = ['ID', 'STATE', 'CREATED', 'DUE', 'GATEWAY', 'PHASE', 'POLICY', 'REASON', 'TOKEN', 'BY'];

const placeOf = (org: OrgSlug, rest = ''): string => `/api/v1/orgs/${org}/escalations${rest}`;

/** `tenantry escalations list --org`: newest first; what is open unless `--state` says another or `all`. */
export const escalationsList: CommandSpec['run'] = async (context, _args, flags) => {
  const org = requiredOrg(flags);
  const limit = countOf(flags, 'limit', 50);
  const state = stateOf(flags);
  const escalations = await newest(await tenantClient(context, flags), org, { state, limit });
  answerWith(context, { schema: 'tenantry/escalations/v1', org, escalations }, () =>
    escalations.length === 0
      ? `No ${state === '' ? '' : `${state} `}escalations of ${org}.`
      : table(context, HEADER, escalations.map(cellsOf)),
  );
  return EXIT.ok;
};

const STATES: readonly AskedState[] = ['queued', 'claimed', 'resolved', 'open'];

/** The state to ask for; an empty text is all of them. */
function stateOf({ state = 'open' }: Flags): AskedState | '' {
  if (state === 'all') return '';
  const known = STATES.find((item) => item === state);
  if (known !== undefined) return known;
  const words = `expected --state ${STATES.join(', ')} or all, found ${JSON.stringify(state)}`;
  throw new CommandError(EXIT.usage, 'USAGE', words);
}

async function newest(
  client: TenantClient,
  org: OrgSlug,
  { state, limit }: { readonly state: string; readonly limit: number },
): Promise<readonly Shown[]> {
  const rows: Shown[] = [];
  let cursor: string | null = '';
  while (cursor !== null && rows.length < limit) {
    const query = new URLSearchParams({ limit: String(Math.min(limit, MOST_OF_PAGE)) });
    if (state !== '') query.set('state', state);
    if (cursor !== '') query.set('cursor', cursor);
    const page: { readonly items: readonly Shown[]; readonly next: string | null } = await client.get(
      placeOf(org, `?${query}`),
    );
    rows.push(...page.items);
    cursor = page.next;
  }
  return rows.slice(0, limit);
}

function cellsOf(row: Shown): readonly string[] {
  const { id, createdAt, dueAt, gateway, phase, policy, reasonCode, token, claimedBy } = row;
  const by = row.reason === null || row.reason === 'reviewer' ? (claimedBy ?? '-') : row.reason;
  const about = [gateway, phase, policy, reasonCode, token ?? '-', by];
  return [id, stateText(row), instantText(createdAt), instantText(dueAt), ...about];
}

const toolLine = ({ server, tool, argumentsDigest }: NonNullable<Shown['tool']>): string =>
  `Calls tool ${oneLine(tool)} of ${oneLine(server)}, arguments SHA-256 ${oneLine(argumentsDigest)}.`;

const stateText = ({ state, outcome }: Pick<Shown, 'state' | 'outcome'>): string => outcome ?? state;

/** `tenantry escalations show <id> --org`: one with its log and what became of the messages about it. */
export const escalationsShow: CommandSpec['run'] = async (context, [id = ''], flags) => {
  const org = requiredOrg(flags);
  const detail = await (await tenantClient(context, flags)).get<Detail>(placeOf(org, `/${named(id)}`));
  answerWith(context, { schema: 'tenantry/escalation/v1', org, ...detail }, () => {
    const { log, notifications } = detail;
    const steps = log.map(({ at, actor, what, outcome, note }) => [
      ...[instantText(at), actor, what, outcome ?? '-', note ?? '-'],
    ]);
    const told = notifications.map(({ event, kind, to, state, attempts, error }) => [
      ...[event, kind, to, state, String(attempts), error ?? '-'],
    ]);
    return [
      table(context, HEADER, [cellsOf(detail)]),
      ...(detail.tool === undefined ? [] : [toolLine(detail.tool)]),
      `Request ${oneLine(detail.requestId)} of model ${oneLine(detail.model ?? '-')}, queue ${oneLine(detail.queue ?? '-')}.`,
      table(context, ['AT', 'WHO', 'WHAT', 'OUTCOME', 'NOTE'], steps),
      ...(told.length === 0 ? [] : [table(context, ['MESSAGE', 'KIND', 'TO', 'STATE', 'TRIES', 'ERROR'], told)]),
    ].join('\n');
  });
  return EXIT.ok;
};

/** `tenantry escalations claim|unclaim <id> --org`. */
export const escalationsClaim: CommandSpec['run'] = (context, [id = ''], flags) =>
  moved(context, flags, { id, verb: 'claim', body: noteOf(flags) });

export const escalationsUnclaim: CommandSpec['run'] = (context, [id = ''], flags) =>
  moved(context, flags, { id, verb: 'unclaim', body: noteOf(flags) });

/** `tenantry escalations resolve <id> --org --approve|--deny --note`. */
export const escalationsResolve: CommandSpec['run'] = (context, [id = ''], flags) => {
  const { approve, deny } = flags;
  if ((approve === true) === (deny === true))
    throw new CommandError(EXIT.usage, 'USAGE', 'expected either --approve or --deny');
  const note = noteOf(flags);
  if (!isReason(note.note)) {
    const found = note.note === undefined ? 'none' : JSON.stringify(note.note);
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected a --note of 3 to 1000 characters with the reason, found ${found}`,
    );
  }
  return moved(context, flags, {
    id,
    verb: 'resolve',
    body: { outcome: approve === true ? 'approved' : 'denied', ...note },
  });
};

const noteOf = ({ note }: Flags): { readonly note?: string } => (note === undefined ? {} : { note: String(note) });

interface Move {
  readonly id: string;
  readonly verb: EscalationVerb;
  readonly body: object;
}

async function moved(context: CommandContext, flags: Flags, { id, verb, body }: Move) {
  const org = requiredOrg(flags);
  const key = String(flags['key'] ?? `cli-${crypto.randomUUID()}`);
  const path = placeOf(org, `/${named(id)}/${verb}`);
  const client = await tenantClient(context, flags);
  const done = await client.post<Shown & { readonly repeated: boolean }>(path, body, key);
  answerWith(context, { schema: 'tenantry/escalation/v1', org, ...done }, () => {
    const state = `${done.id} is ${stateText(done)}`;
    return done.repeated ? `Nothing done: ${state} already.` : `Done: ${state}.`;
  });
  return EXIT.ok;
}

/** As it may stand in a path. */
function named(id: string): string {
  if (/^esc_[A-Za-z0-9_.-]+$/.test(id)) return id;
  throw new CommandError(EXIT.usage, 'USAGE', `expected the id of an escalation (esc_…), found ${JSON.stringify(id)}`);
}
