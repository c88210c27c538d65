// The lists whose every entry must be guarded by a test: without the entry, some test must fail.

import { type Entry, entriesOf } from './entries.ts';
import { type GuardWords, guardsOf } from './guards.ts';

export interface MutationList {
  /** What an entry is, for the table. */
  readonly what: string;
  readonly file: string;
  /** Where the tests that should notice stand, the likeliest first; for a survivor, all tests that import the file follow. */
  readonly tests: readonly string[];
  /** The entries in the text of the file. */
  readonly entries: (source: string) => readonly Entry[];
}

const declared = (what: string, file: string, name: string, tests: string): MutationList => ({
  what,
  file,
  tests: [tests],
  entries: (source) => entriesOf(source, name),
});

/** Every guard of a file; it throws, and refuses by its words. */
const guards = (
  what: string,
  file: string,
  tests: readonly string[],
  words: Partial<GuardWords> = {},
): MutationList => ({
  what,
  file,
  tests,
  entries: (source) => guardsOf(source, { refusals: [], readers: [], ...words }),
});

const READ_TESTS = ['src/trust/read'];
const trust = (name: string, words?: Partial<GuardWords>): MutationList =>
  guards('trust check', `src/trust/read/${name}.ts`, READ_TESTS, words);
const identity = (file: string, tests: readonly string[], refusals: readonly string[]): MutationList =>
  guards('identity check', file, tests, { refusals });
const archive = (name: string, refusals: readonly string[]): MutationList =>
  guards('bundle check', `src/core/bundle/${name}.ts`, ['src/core/bundle'], { refusals });

const WRITE_TESTS = ['src/trust/write'];
const PUBLISHER_TESTS = ['src/io/publisher'];
const S3_TESTS = ['src/io/publisher/s3'];
const OCI_TESTS = ['src/io/publisher/oci/hostile.test.ts', 'src/io/publisher/oci/oci.test.ts'];
const SIGNER_TESTS = ['src/io/signer'];
const SEAT_TESTS = ['src/server/seats.test.ts', 'cases/gateway-flood.test.ts', 'cases/org-flood.test.ts'];
const BODY_TESTS = ['src/server/bodies.test.ts', 'cases/gateway-flood.test.ts'];
const ADOPT_TESTS = ['src/flows/adopt', 'cases/adopt.test.ts'];
const PACK_TESTS = ['cases/evidence-pack.test.ts'];
const ENROL_TESTS = ['gateway/io/enrol.test.ts'];
const INTAKE_TESTS = ['gateway/io/intake.test.ts'];
const CONTROL_TESTS = ['src/flows/control'];
const REVIEW_TESTS = [...CONTROL_TESTS, 'cases/reviews.test.ts'];
const WEBHOOK_TESTS = ['src/io/webhooks'];
const MCP_TESTS = [
  'gateway/io/mcp-limits.test.ts',
  'gateway/io/mcp.test.ts',
  'gateway/io/mcp-managed.test.ts',
  'gateway/io/mcp-reviews.test.ts',
  'gateway/io/mcp-held.test.ts',
  'gateway/io/mcp-words.test.ts',
];
const HELD_TESTS = ['gateway/io/held.test.ts', 'gateway/io/reviews.test.ts'];
const SINK_TESTS = [
  'gateway/core/otlp.test.ts',
  'gateway/io/sink-runner.test.ts',
  'gateway/io/sink-otlp.test.ts',
  'gateway/io/sinks.test.ts',
];
const sink = (file: string, refusals: readonly string[]): MutationList =>
  guards('sink check', file, [...SINK_TESTS, 'gateway/io/tracing.test.ts'], { refusals });
const SCHEMA_TESTS = 'src/core/policy/schema';
const TOOL_TESTS = ['src/core/policy/kinds', 'src/core/policy/run', SCHEMA_TESTS];
const tools = (name: string, refusals: readonly string[]): MutationList =>
  guards('tool check', `src/core/policy/${name}.ts`, TOOL_TESTS, { refusals });

const COST_TESTS = 'src/core/policy/text/cost.test.ts';

const DETECTORS: readonly (readonly [file: string, list: string])[] = [
  ['personal', 'PERSONAL'],
  ['personal', 'PAYMENT'],
  ['personal', 'HEALTH'],
  ['identity', 'ibans'],
  ['identity', 'shaped'],
  ['identity', 'named'],
  ['health', 'dates'],
  ['health', 'zips'],
  ['health', 'ages'],
  ['health', 'SAFE_HARBOR'],
  ['secrets', 'issued'],
  ['secrets', 'SECRETS'],
  ['secrets', 'MARKINGS'],
  ['attacks', 'families'],
  ['hosts', 'INNER_BLOCKS'],
];
const DETECTOR_TESTS = ['src/core/policy/detect', 'src/core/policy/text', 'src/core/policy/kinds'];
const detectors = DETECTORS.map(
  ([file, list]): MutationList => ({
    ...declared('detector', `src/core/policy/detect/${file}.ts`, list, ''),
    tests: DETECTOR_TESTS,
  }),
);

export const mutationLists: readonly MutationList[] = [
  declared('rule', 'src/core/validate/index.ts', 'rules', 'src/core/validate'),
  declared('hazard', 'src/core/plan/hazards/index.ts', 'hazards', 'src/core/plan'),
  declared('loosened cap', 'src/core/plan/hazards/cap.ts', 'LOOSENINGS', 'src/core/plan'),
  declared('fail-open field', 'src/core/plan/hazards/fail-open.ts', 'OPEN', 'src/core/plan'),
  declared('fleet hazard', 'src/core/plan/hazards/fleet.ts', 'fleetHazards', 'src/core/plan'),
  declared('policy kind', 'src/core/policy/kinds/index.ts', 'supported', 'src/core/policy'),
  declared('schema keyword', 'src/core/policy/schema/assertions.ts', 'ASSERTIONS', SCHEMA_TESTS),
  declared('schema keyword', 'src/core/policy/schema/applicators.ts', 'APPLICATORS', SCHEMA_TESTS),
  ...detectors,
  declared('offset', 'src/core/policy/detect/decode.ts', 'OFFSETS', 'src/core/policy/kinds/prompt-injection.test.ts'),
  declared('digit', 'src/core/policy/detect/narrow.ts', 'ZEROS', 'src/core/policy/detect/personal.test.ts'),
  declared('repeated field', 'src/core/policy/text/echo.ts', 'NOTHING', 'src/core/policy/text/echo.test.ts'),
  declared('role', 'src/core/policy/text/visit.ts', 'SPEAKERS', 'src/core/policy/kinds/language-validator.test.ts'),
  declared('role', 'src/core/policy/text/calls.ts', 'RESULT_ROLES', 'src/core/policy/text/calls.test.ts'),
  declared('search', 'src/core/policy/text/tools.ts', 'SEARCHES', 'src/core/policy/kinds/access.test.ts'),
  tools('kinds/agent-firewall', ['text', 'refuse', 'harm', 'fault']),
  tools('kinds/amounts', ['text', 'null']),
  tools('kinds/tool-budget', ['exceeded', 'unassigned']),
  tools('kinds/tool-security', ['text']),
  tools('kinds/tool-validation', ['refused', 'invalid', 'text', 'settings']),
  tools('run/evaluate', ['refusedCall', 'result']),
  tools('run/channels', ['refused', 'null']),
  tools('run/scanner', ['refused']),
  tools('schema/schema', ['unsupported', 'fault']),
  tools('schema/applicators', ['fault']),
  tools('schema/assertions', ['fault', 'pointer']),
  declared('cost field', 'src/core/policy/text/cost.ts', 'ROOTS', COST_TESTS),
  declared('cost field', 'src/core/policy/text/cost.ts', 'PARTS', COST_TESTS),
  guards('cost check', 'src/core/policy/text/cost.ts', [COST_TESTS], { refusals: ['false'] }),
  declared('hosted tool', 'gateway/core/streams/response-items.ts', 'HOSTED', 'gateway/core/streams'),
  declared('hosted tool', 'gateway/core/streams/responses.ts', 'STAGES', 'gateway/core/streams'),
  declared('counter', 'gateway/core/streams/meters.ts', 'COUNTERS', 'gateway/core/streams'),
  guards('usage check', 'gateway/core/shapes/usage.ts', ['gateway/core/shapes', 'gateway/core/streams'], {
    refusals: ['null'],
  }),
  declared('name of a choice', 'gateway/core/shapes/names.ts', 'CHOICES', 'gateway/core/shapes'),
  guards('field check', 'gateway/core/shapes/names.ts', ['gateway/core/shapes'], { refusals: ['name'] }),
  guards('field check', 'gateway/core/shapes/shape.ts', ['gateway/core/shapes'], { refusals: ['text'] }),
  guards('field check', 'gateway/core/shapes/responses.ts', ['gateway/core/shapes', 'gateway/io/shapes.test.ts'], {
    refusals: ['text'],
  }),
  // One of these ends in a circle when it is gone: early, so that nothing waits for that at the end.
  archive('shapes', ['misfit']),
  archive('read', ['refused', 'undefined']),
  archive('tar', ['refused', 'undefined', 'text']),
  archive('decode', ['misfit']),
  trust('checks'),
  // `0` where the timestamp keys are new.
  trust('floors', { refusals: ['null', '0'] }),
  trust('guard', { readers: ['setReferenceTime'] }),
  trust('metadata', { refusals: ['fail'], readers: ['lengthAt', 'hashAt'] }),
  trust('state', { refusals: ['damaged', 'undefined'] }),
  // `0` is the floor of a gateway whose targets keys are new.
  trust('stored-verifier', { refusals: ['null', '0'] }),
  trust('target'),
  trust('tuf'),
  trust('verifier'),
  guards('signing check', 'src/trust/write/root.ts', WRITE_TESTS, { refusals: ['tooFew', 'undefined'] }),
  guards('signing check', 'src/trust/write/first-root.ts', WRITE_TESTS, { refusals: ['undefined'] }),
  guards('signing check', 'src/trust/write/roots.ts', WRITE_TESTS, { refusals: ['return', 'continue', 'false'] }),
  guards('signing check', 'src/trust/write/seen.ts', ['src/trust/write/seen.test.ts'], {
    refusals: ['undefined', 'false'],
  }),
  guards('signing check', 'src/trust/write/compare.ts', ['cases/published-files.test.ts'], {
    refusals: ['undefined', 'false'],
  }),
  guards('signing check', 'src/trust/write/rotate.ts', WRITE_TESTS),
  guards('signing check', 'src/trust/write/publish.ts', WRITE_TESTS),
  guards('target condition', 'src/trust/write/overtaken.ts', ['src/trust/write/overtaken.test.ts'], {
    refusals: ['undefined', '0'],
  }),
  guards('target condition', 'src/trust/write/chain.ts', [...WRITE_TESTS, 'cases/publisher-crash.test.ts']),
  guards('target condition', 'src/trust/write/present.ts', WRITE_TESTS),
  guards('target condition', 'src/io/publisher/files.ts', PUBLISHER_TESTS),
  guards('target condition', 'src/io/publisher/path.ts', PUBLISHER_TESTS),
  guards('target condition', 'src/io/publisher/lock.ts', PUBLISHER_TESTS),
  guards('target condition', 'src/io/publisher/http.ts', PUBLISHER_TESTS),
  guards('target condition', 'src/io/publisher/s3/client.ts', S3_TESTS),
  guards('target condition', 'src/io/publisher/s3/publisher.ts', S3_TESTS),
  guards('target condition', 'src/io/publisher/s3/settings.ts', S3_TESTS),
  guards('target condition', 'src/io/publisher/oci/access.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/client.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/claims.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/manifest.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/publisher.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/repository.ts', OCI_TESTS),
  guards('target condition', 'src/io/publisher/oci/settings.ts', OCI_TESTS),
  guards('freshness step', 'src/trust/freshness.ts', ['src/trust/freshness.test.ts'], {
    refusals: ['expired', 'stale', 'late'],
  }),
  guards('signing check', 'src/io/signer/program.ts', SIGNER_TESTS, { refusals: ['unusable', 'failed', 'undefined'] }),
  guards('signing check', 'src/io/signer/sealed-file.ts', SIGNER_TESTS),
  guards('signing check', 'src/io/signer/seeds.ts', SIGNER_TESTS),
  guards('signing check', 'src/io/signer/command.ts', SIGNER_TESTS),
  guards('signing check', 'src/io/signer/roots.ts', SIGNER_TESTS),
  identity('src/flows/keys/ask.ts', ['src/flows/keys/ask.test.ts'], ['undefined']),
  identity('src/trust/token.ts', ['src/trust/token.test.ts'], ['undefined']),
  identity('src/trust/request.ts', ['src/trust/request.test.ts'], ['refused']),
  identity('src/trust/identity.ts', ['src/trust/identity.test.ts'], ['undefined', 'false']),
  identity('src/trust/enrolment.ts', ['src/trust/enrolment.test.ts'], ['refused', 'undefined']),
  identity('src/flows/control/authenticate.ts', CONTROL_TESTS, [
    'refusal',
    'STAFF_REQUIRED',
    'UNKNOWN_GATEWAY',
    'NOT_FOUND',
    'undefined',
  ]),
  identity(
    'src/flows/control/gateway.ts',
    [...CONTROL_TESTS, 'cases/control-plane.test.ts', 'cases/overrides.test.ts'],
    ['refusal', 'refused', 'malformed', 'NOT_FOUND', 'undefined'],
  ),
  identity(
    'src/flows/control/wallets.ts',
    [...CONTROL_TESTS, 'cases/control-plane.test.ts'],
    ['malformed', 'unknown-wallet', 'unknown-gateway', 'other-period', 'undefined'],
  ),
  identity('src/flows/control/adjust.ts', ['src/flows/control/adjust.test.ts'], ['refusal', 'undefined']),
  identity('src/flows/enrol.ts', ['src/flows/enrol.test.ts'], []),
  identity('src/flows/control/first-root.ts', ['src/flows/enrol.test.ts'], []),
  identity('src/flows/control/bundle-path.ts', CONTROL_TESTS, ['undefined']),
  identity('src/flows/control/parcel.ts', ['cases/control-plane.test.ts'], ['NOT_FOUND', 'undefined']),
  guards('trust check', 'src/trust/parcel.ts', ['src/trust/parcel.test.ts'], { refusals: ['unreadable', 'undefined'] }),
  guards('download check', 'gateway/io/parcel.ts', ['gateway/io/parcel.test.ts'], { refusals: ['undefined'] }),
  guards('download check', 'gateway/io/download.ts', ['gateway/io/download.test.ts'], { refusals: ['undefined'] }),
  identity('gateway/io/enrol.ts', ENROL_TESTS, ['undefined']),
  identity('gateway/io/state.ts', ENROL_TESTS, ['undefined']),
  guards('exclusive use', 'gateway/io/lock.ts', ['gateway/io/lock.test.ts']),
  guards('exclusive use', 'src/io/store/leases.ts', ['src/io/store/sqlite.test.ts'], { refusals: ['heldBy'] }),
  guards('exclusive use', 'src/cli/lease.ts', ['cases/lease.test.ts'], { refusals: ['false'] }),
  guards('fair share', 'src/server/seats.ts', SEAT_TESTS, { refusals: ['undefined'] }),
  guards('fair share', 'src/server/route.ts', SEAT_TESTS, { refusals: ['busy'] }),
  guards('fair share', 'src/server/bodies.ts', BODY_TESTS, { refusals: ['undefined', 'end'] }),
  guards('adoption check', 'src/flows/adopt/draft.ts', ADOPT_TESTS, { refusals: ['refuse'] }),
  guards('adoption check', 'src/flows/adopt/wanted.ts', ADOPT_TESTS, { refusals: ['continue', 'false'] }),
  guards('evidence check', 'src/flows/pack/verify.ts', PACK_TESTS, { refusals: ['refused', 'undefined', 'text'] }),
  guards('evidence check', 'src/flows/pack/pack-facts.ts', PACK_TESTS, { refusals: ['undefined'] }),
  guards('evidence check', 'src/flows/pack/follow.ts', PACK_TESTS, { refusals: ['undefined', 'text'] }),
  guards('evidence check', 'src/flows/pack/others.ts', ['src/flows/pack', ...PACK_TESTS], {
    refusals: ['true', 'false'],
  }),
  guards('evidence check', 'src/trust/write/evidence.ts', PACK_TESTS),
  identity('gateway/io/intake.ts', INTAKE_TESTS, ['reject']),
  identity('gateway/core/admission.ts', ['gateway/core/admission.test.ts'], ['refuse']),
  guards('address check', 'gateway/io/address.ts', ['gateway/io/address.test.ts'], { refusals: ['text'] }),
  guards('breaker step', 'gateway/core/breaker.ts', ['gateway/core/breaker.test.ts'], {
    refusals: ['state', 'opened'],
  }),
  guards('route check', 'gateway/core/routing.ts', ['gateway/core/routing.test.ts'], { refusals: ['text', 'nobody'] }),
  identity('gateway/core/snapshot.ts', ['gateway/core/snapshot.test.ts'], ['break']),
  identity('gateway/core/client.ts', ['gateway/core/client.test.ts'], ['null']),
  guards('review check', 'src/flows/control/escalations.ts', REVIEW_TESTS, {
    refusals: ['refusal', 'NOT_FOUND', 'movedNot'],
  }),
  guards('review check', 'src/flows/control/escalate.ts', REVIEW_TESTS, { refusals: ['NOT_FOUND', 'undefined'] }),
  guards('review check', 'gateway/io/reviews.ts', ['gateway/io/reviews.test.ts']),
  guards('review check', 'gateway/io/tickets.ts', HELD_TESTS),
  guards('review check', 'gateway/io/standing.ts', HELD_TESTS, { refusals: ['undefined'] }),
  guards('webhook check', 'src/io/webhooks/send.ts', WEBHOOK_TESTS, { refusals: ['notSent', 'text'] }),
  guards('webhook check', 'src/io/webhooks/address.ts', WEBHOOK_TESTS, { refusals: ['text'] }),
  guards('inquiry check', 'gateway/io/inquiry.ts', ['gateway/io/inquiry.test.ts'], {
    refusals: ['undefined', 'null', 'failed'],
  }),
  guards('tool server check', 'gateway/io/mcp.ts', MCP_TESTS),
  guards('tool server check', 'gateway/io/mcp-desk.ts', MCP_TESTS, { refusals: ['undefined'] }),
  guards('tool server check', 'gateway/io/mcp-server.ts', MCP_TESTS, { refusals: ['undefined'] }),
  guards('tool server check', 'gateway/io/mcp-tool.ts', MCP_TESTS),
  guards('tool server check', 'gateway/io/mcp-held.ts', MCP_TESTS),
  guards('tool server check', 'gateway/io/mcp-policies.ts', MCP_TESTS),
  guards('tool server check', 'gateway/io/mcp-list.ts', MCP_TESTS),
  guards('limit', 'gateway/core/limits.ts', ['gateway/core/limits.test.ts'], {
    refusals: ['0', 'return', 'continue'],
  }),
  guards('limit', 'gateway/core/window.ts', ['gateway/core/window.test.ts'], {
    refusals: ['NO_WAIT', 'return', 'continue'],
  }),
  guards('limit', 'gateway/io/strangers.ts', ['gateway/io/strangers.test.ts'], {
    refusals: ['return', 'NO_BOUND', 'Refused'],
  }),
  guards('limit', 'gateway/core/rules.ts', ['gateway/core/rules.test.ts'], { refusals: ['null'] }),
  guards('limit', 'gateway/io/limits.ts', ['gateway/io/limits.test.ts'], { refusals: ['null', 'return'] }),
  sink('gateway/io/sinks.ts', ['continue']),
  sink('gateway/io/sink-runner.ts', ['false', 'return', 'lose', 'later']),
  sink('gateway/io/sink-file.ts', ['0']),
  sink('gateway/io/sink-otlp.ts', ['0', 'continue']),
  sink('gateway/io/sink-webhook.ts', ['again']),
  sink('gateway/core/webhook.ts', ['false']),
  sink('gateway/core/otlp.ts', ['null', 'undefined']),
];
