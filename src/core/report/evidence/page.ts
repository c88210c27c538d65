import { counted } from '../text.ts';
import { type Html, html, htmlTable } from './html.ts';
import type { EvidencePack, PackChange, PackCheck, PackIntegrity, PackRevocation, Verdicts } from './pack.ts';
import { PACK_FILES } from './pack.ts';
import { PAGE_STYLE } from './style.ts';

/** The pack as a page that a browser shows and prints: no script, nothing loaded, nothing in it that is not in pack.json. */
export function evidencePage(pack: EvidencePack): string {
  const { org, scope, period, made, integrity } = pack;
  const title = `Evidence of ${scope.displayName}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="facts">Organisation <b>${org}</b>, ${pack.orgUid}, of the fleet ${pack.fleet}</p>
<p class="facts">${period.from === null ? 'From the beginning' : when(period.from)} to ${when(period.to)}; every time is UTC</p>
<p class="facts">Made ${when(made.at)} by ${made.by}</p>
${verdict(integrity)}
</header>
<main>
${summary(pack)}
${SECTIONS.map(([name, body], index) => html`<section><h2>${index + 1}. ${name}</h2>\n${body(pack)}</section>\n`)}
</main>
</body>
</html>
`.text;
}

function verdict(integrity: PackIntegrity): Html {
  return integrity.ok
    ? html`<p class="verdict good">The journals, the ledger and the history are whole: every hash, link and number holds.</p>`
    : html`<p class="verdict bad">Not whole: ${brokenWords(integrity).join('; ')}. Section 10 has more.</p>`;
}

/** What is not whole, one sentence each without its full stop. */
export function brokenWords({ events, history }: PackIntegrity): readonly string[] {
  return [
    ...(events.faults === 0 ? [] : [`${counted(events.faults, 'fault')} in journals and ledger`]),
    ...(history.brokenAt === null ? [] : [`the history is broken at entry ${history.brokenAt}`]),
  ];
}

function summary({ enforcement, oversight, spend, incidents }: EvidencePack): Html {
  const { requests, verdicts } = enforcement;
  const overrun = spend.accounts.filter(({ excess }) => excess !== '0').length;
  const figures: readonly (readonly [string, number])[] = [
    ['requests', requests],
    ['allowed', verdicts.allow],
    ['redacted', verdicts.redact],
    ['blocked', verdicts.block],
    ['handed to people', oversight.queued],
    ['wallets over their holds', overrun],
    ['incidents', incidents.length],
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

type Section = readonly [name: string, body: (pack: EvidencePack) => Html];

const SECTIONS: readonly Section[] = [
  ['Scope', scopeSection],
  ['Configuration', configurationSection],
  ['Controls', controlsSection],
  ['Enforcement', enforcementSection],
  ['Human oversight', oversightSection],
  ['Spend', spendSection],
  ['Identity', identitySection],
  ['Incidents', incidentsSection],
  ['Isolation', isolationSection],
  ['Integrity, and how to verify', integritySection],
];

function scopeSection({ scope }: EvidencePack): Html {
  const { template, generation, commit, appliedAt, isolation, regions, domains, retired, removed } = scope;
  return html`<p>Applied ${when(appliedAt)} as generation ${generation}, from template ${template} at commit <code>${commit}</code>. Isolation class: ${isolation}. Regions: ${regions === null ? 'any' : regions.join(', ')}. Domains: ${domains.join(', ')}.${retired === null ? '' : ` Retired ${retired}.`}${removed === null ? '' : ` Removed ${removed}; this is what was applied before.`} The content of requests and answers is never stored.</p>
<h3>Gateways</h3>
${htmlTable(
  ['Gateway', 'Environment', 'Workload', 'Region', 'Policy', 'Providers'],
  scope.gateways.map((row) => [
    ...[row.gateway, row.environment, row.workload, row.region, row.policy],
    row.upstreams.map(({ id, provider, region }) => `${id}: ${provider}, ${region}`).join('; '),
  ]),
  'No gateway is applied.',
)}
<h3>Models that were asked within the period</h3>
${htmlTable(
  ['Target', 'Provider', 'Model', 'Requests', 'Input tokens', 'Output tokens'],
  scope.used.map((row) => [
    ...[row.target, row.simulated ? `${row.provider ?? ''} (simulated)` : row.provider, row.model],
    ...[row.requests, row.inputTokens, row.outputTokens],
  ]),
  'None was asked.',
)}`;
}

function mergedWords({ merged }: PackChange): readonly string[] {
  return merged === null ? [] : [`merges ${merged.commit.slice(0, 12)} of ${merged.author}: ${merged.subject}`];
}

function configurationSection({ configuration }: EvidencePack): Html {
  const { changes, policies, acknowledged, inEffect } = configuration;
  return html`<h3>Changes</h3>
${htmlTable(
  ['Applied', 'Committed', 'What', 'Generation', 'Who', 'Commit', 'In words'],
  changes.map((row) => [
    ...[when(row.at), when(row.committedAt), row.action, row.generation, row.actor, shortId(row.commit)],
    wordList([
      ...mergedWords(row),
      ...(row.approval === null ? [] : [`hazards accepted by ${row.approval}`]),
      ...row.words,
    ]),
  ]),
  'Nothing was changed within the period.',
)}
<h3>Policies in force</h3>
${htmlTable(
  ['Policy', 'Version', 'Pack', 'Generation', 'From', 'Until', 'Author', 'Commit', 'SHA-256'],
  policies.map((row) => [
    ...[`${row.environment}/${row.name}`, row.version, row.packVersion, row.generation, when(row.since)],
    ...[row.until === null ? 'now' : when(row.until), row.author, shortId(row.commit), shortId(row.digest)],
  ]),
  'No policy was in force.',
)}
<h3>What gateways ran</h3>
${htmlTable(
  ['Gateway', 'Generation', 'Content', 'First decision', 'Requests'],
  inEffect.map((row) => [
    ...[row.gateway, row.generation, shortId(row.contentDigest), when(row.firstDecisionAt), row.requests],
  ]),
  'No gateway decided anything.',
)}
<h3>What gateways said last</h3>
${htmlTable(
  ['Gateway', 'Generation', 'Content', 'State', 'Since'],
  acknowledged.map((row) => [row.gateway, row.generation, shortId(row.contentDigest), row.state, when(row.since)]),
  'No gateway has said anything.',
)}`;
}

function controlsSection({ controls }: EvidencePack): Html {
  return html`<p>Items of published lists that the applied policies speak to. This is a map for a reader of those lists, not a statement that any of them is fulfilled.</p>
${htmlTable(
  ['Policy', 'Place', 'Kind', 'Holds for', 'Speaks to'],
  controls.map((row) => [
    ...[`${row.environment}/${row.policy}`, row.position === 0 ? null : row.position, row.kind],
    row.isConditional ? 'some requests' : 'every request',
    wordList(row.controls.map(({ id, title }) => `${id}: ${title}`)),
  ]),
  'No policy is applied.',
)}`;
}

function enforcementSection({ enforcement }: EvidencePack): Html {
  const { requests, wentOut, simulated, unread, gateways, policies, reasons } = enforcement;
  return html`<p>${requests} requests were decided; ${wentOut} of them went out to a provider or tool server${simulated === 0 ? '' : `, ${simulated} were answered by the simulator`}.${unread === 0 ? '' : ` ${unread} lines are no event as gateways write them.`} Each decision is a line of ${PACK_FILES.events}.</p>
<h3>By gateway</h3>
${htmlTable(
  ['Gateway', 'Requests', ...VERDICTS],
  gateways.map((row) => [row.gateway, row.requests, ...counts(row)]),
  'None.',
)}
<h3>By policy</h3>
${htmlTable(
  ['Policy', 'Phase', 'Ran', ...VERDICTS, 'Warned', 'Redactions'],
  policies.map((row) => [row.policy, row.phase, row.ran, ...counts(row), row.warn, row.redactions]),
  'None.',
)}
<h3>By reason</h3>
${htmlTable(
  ['Reason', 'Requests'],
  reasons.map((row) => [row.reasonCode, row.requests]),
  'None.',
)}`;
}

const VERDICTS = ['Allowed', 'Redacted', 'Escalated', 'Blocked'];
const counts = ({ allow, redact, escalate, block }: Verdicts): readonly number[] => [allow, redact, escalate, block];

function oversightSection({ oversight }: EvidencePack): Html {
  const { queued, approved, denied, expired, open, medianSeconds, escalations } = oversight;
  const median = medianSeconds === null ? 'No person answered one.' : `Median time to an answer: ${medianSeconds} s.`;
  return html`<p>${queued} requests were handed to people: ${approved} approved, ${denied} denied, ${expired} without an answer in time, ${open} open. ${median}</p>
${htmlTable(
  ['Queued', 'Escalation', 'Gateway', 'Policy', 'Reason', 'Claimed', 'Resolved', 'By', 'Outcome', 'In the end'],
  escalations.map((row) => [
    ...[when(row.queuedAt), row.id, row.gateway, row.policy, row.reasonCode],
    ...[when(row.claimedAt), when(row.resolvedAt), row.by, row.outcome, row.ended],
  ]),
  'None.',
)}`;
}

function spendSection({ spend }: EvidencePack): Html {
  return html`<p>Price book: ${spend.priceBook ?? 'none'}. What a provider bills is not known here; ${PACK_FILES.charges} has the charges in FOCUS columns, to be compared with its invoice.</p>
<h3>Booked within the period</h3>
${htmlTable(
  ['Wallet', 'Its period', 'Currency', 'Settled', 'Over the hold', 'Presumed', 'Credited', 'Charged', 'Added'],
  spend.accounts.map((row) => [
    ...[row.wallet, row.period, row.currency, row.settled, row.excess, row.presumed],
    ...[row.credited, row.charged, row.added],
  ]),
  'Nothing was booked.',
)}
<h3>Booked by people</h3>
${htmlTable(
  ['When', 'Wallet', 'What', 'Amount', 'Currency', 'By', 'Why'],
  spend.adjustments.map((row) => [when(row.at), row.wallet, row.kind, row.amount, row.currency, row.author, row.note]),
  'Nothing.',
)}
<h3>Limits that are applied</h3>
${htmlTable(
  ['Wallet', 'Scope', 'Limit', 'Currency', 'Per', 'When exhausted'],
  spend.limits.map((row) => [row.wallet, row.scope, row.limit, row.currency, row.period, row.whenExhausted]),
  'No wallet is applied.',
)}`;
}

function identitySection({ identity }: EvidencePack): Html {
  return html`<h3>Tokens that are applied</h3>
${htmlTable(
  ['Token', 'Owner', 'Team', 'Scopes', 'Gateways', 'Expires', 'Secrets'],
  identity.tokens.map((row) => [
    ...[row.token, row.owner, row.team, row.scopes.join(', '), row.gateways.join(', '), when(row.expires)],
    wordList(row.credentials.map(({ id, notBefore, notAfter }) => `${id}: ${notBefore} to ${notAfter}`)),
  ]),
  'None.',
)}
<h3>Revoked within the period</h3>
${htmlTable(
  ['Token', 'When', 'How', 'By', 'Complete', 'Last let in after'],
  identity.revocations.map((row) => [
    ...[row.token, when(row.revokedAt), row.by, row.actor, COMPLETE_WORDS[`${row.complete}`], letInFor(row)],
  ]),
  'None.',
)}
<h3>Keys of gateways</h3>
${htmlTable(
  ['Gateway', 'Enrolment', 'Enrolled', 'Ended', 'Public key'],
  identity.gatewayKeys.map((row) => [
    row.gateway,
    row.enrolment,
    when(row.enrolledAt),
    when(row.revokedAt),
    row.publicKey,
  ]),
  'None.',
)}
<h3>Who changed something</h3>
${htmlTable(
  ['Who', 'How often'],
  identity.actors.map((row) => [row.actor, row.actions]),
  'Nobody.',
)}`;
}

const COMPLETE_WORDS = { true: 'yes', false: 'not yet', null: 'not asked' };

function letInFor({ acceptedForMs }: PackRevocation): string {
  if (acceptedForMs === null) return 'not asked';
  return acceptedForMs === 0 ? 'never' : `${(acceptedForMs / 1000).toFixed(1)} s`;
}

function incidentsSection({ incidents }: EvidencePack): Html {
  return htmlTable(
    ['When', 'What', 'By', 'In words'],
    incidents.map((row) => [when(row.at), row.what, row.actor, row.words]),
    'None within the period.',
  );
}

const CHECK_WORDS: { readonly [verdict in PackCheck['verdict']]: string } = {
  held: 'held',
  waived: 'waived',
  broken: 'broken',
  impossible: 'cannot be written',
  'at-change': 'judged at each change',
  elsewhere: 'not decided here',
};

function isolationSection({ isolation }: EvidencePack): Html {
  const rows = isolation.checks.map(({ id, check, verdict: one }) => [
    ...[id, check],
    html`<span class="${one}">${CHECK_WORDS[one]}</span>`,
  ]);
  return html`<p>Each check of the isolation catalogue for this organisation, by a check of the whole fleet at commit <code>${isolation.commit}</code>.</p>
${htmlTable(['Check', 'What would break isolation', 'Verdict'], rows, 'None.')}
<h3>Waivers</h3>
${htmlTable(
  ['Finding', 'Object', 'Owner', 'Approved by', 'Why', 'Until'],
  isolation.waivers.map((row) => [
    ...[row.code, row.object, row.owner, row.approvers.join(', '), row.reason, when(row.expires)],
  ]),
  'None.',
)}`;
}

function integritySection({ integrity, org }: EvidencePack): Html {
  const { events, history, copied, signedBy, retention } = integrity;
  const first = `sha256sum -c ${PACK_FILES.sums}`;
  const second = `openssl pkeyutl -verify -pubin -inkey ${PACK_FILES.key} -rawin -in ${PACK_FILES.sums} -sigfile ${PACK_FILES.signature}`;
  return html`<p>${events.lines} lines of journals are stored; ${history.entries} entries of the history lie in the period.${withheldWords(history)} ${retention}</p>
<h3>Journals, as they stand</h3>
${htmlTable(
  ['Gateway', 'Journal', 'Lines', 'Last', 'SHA-256 of the last', 'Without a decision yet'],
  events.journals.map((row) => [
    ...[row.gateway, row.journal, row.lines, row.lastSequence],
    ...[html`<code>${row.lastHash}</code>`, row.open],
  ]),
  'None.',
)}
<h3>Lines in ${PACK_FILES.events}</h3>
${htmlTable(
  ['Gateway', 'Journal', 'From', 'Through'],
  copied.map((row) => [row.gateway, row.journal, row.from, row.through]),
  'None.',
)}
${integrity.ok ? null : html`<h3>Faults</h3>${wordList([...brokenWords(integrity), ...events.listed])}`}
<h3>How to verify</h3>
<p>With a copy of Tenantry: <code>tenantry evidence ${org} --verify &lt;this folder&gt;</code>. It follows the links of every line, and the roots from the first one to the key that signed. Without one:</p>
<pre>${first}
${second}</pre>
<p>The key is the one that root ${signedBy.rootVersion} names for the role targets, with the id <code>${signedBy.keyId}</code>. The roots are in this folder; each is signed by the one before, and gateways of this organisation have the first one pinned.</p>`;
}

function withheldWords({ withheld }: PackIntegrity['history']): string {
  return withheld === 0 ? '' : ` ${withheld} of them are here without their words, which name somebody else.`;
}

/** An instant as people read it; the page says once that it is UTC. */
function when(instant: string | null): Html | null {
  return instant === null
    ? null
    : html`<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 19)}</time>`;
}

function shortId(id: string | null): string | null {
  return id === null ? null : id.slice(0, 12);
}

/** More lines than these are shown when somebody asks for them. */
const FEW = 6;

function wordList(words: readonly string[]): Html | null {
  if (words.length === 0) return null;
  const list = html`<ul>${words.map((word) => html`<li>${word}</li>`)}</ul>`;
  return words.length <= FEW ? list : html`<details><summary>${words.length} lines</summary>${list}</details>`;
}
