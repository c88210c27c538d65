import { type Finding, fails, isJsonObject, type Json, pointerStep, type Result } from '../model/index.ts';
import { chainOf, checkChain, checkEntry, judgedPaths, type WrittenEntry } from './check/chain.ts';
import { reportDialect } from './check/dialect.ts';
import { compileLimits } from './check/limits.ts';
import { compileCallbacks, compileToolServers } from './check/outside.ts';
import { createReporter, type Reporter } from './check/reporter.ts';
import { type CompiledRoutes, compileRoutes } from './check/routes.ts';
import { reportSecrets } from './check/secrets.ts';
import { reportShape } from './check/shape.ts';
import { compileTargets } from './check/targets.ts';
import schema from './document.schema.json' with { type: 'json' };
import type { ChainEntry as EntryOptions, PolicyDocument } from './generated/types.ts';
import { validatePolicyDocument } from './generated/validators.js';
import { kindOf } from './kinds/index.ts';
import type { CompiledStep } from './kinds/kind.ts';
import { type ChainEntry, looksAtAnswers, runInput, runOutput } from './run/evaluate.ts';
import { type MemoryBook, NO_MEMORY } from './run/memory.ts';
import { createScanner } from './run/scanner.ts';
import { runTests } from './run/testing.ts';
import { holdBackOf } from './text/filter.ts';
import type { CompiledPolicy, DocumentSite, Limits, RequestFacts, Target } from './types.ts';

/** What is wrong with a document, and what makes the policy of one that may run. */
interface Checked {
  readonly findings: readonly Finding[];
  readonly build: ((means: Means) => CompiledPolicy) | null;
}

/** What a policy needs of whoever runs it. */
interface Means {
  readonly nowMicros: () => number;
  readonly memory: MemoryBook;
}

/**
 * Everything that is wrong with a policy document: its shape, what contradicts itself, what is known but not enforced, and test
 * cases that do not hold. A document without findings above info is exactly what `compileDocument` accepts.
 */
export function checkDocument(document: Json, where: DocumentSite): readonly Finding[] {
  return check(document, where).findings;
}

export interface CompileOptions {
  readonly where: DocumentSite;
  /** A monotonic clock in microseconds, for the durations of steps; without it they are 0. */
  readonly nowMicros?: () => number;
  /** Counts that outlive a request, and the document: it may be replaced while they go on. */
  readonly memory: MemoryBook;
}

/** The document ready to decide, or the findings why it is refused. */
export function compileDocument(document: Json, options: CompileOptions): Result<CompiledPolicy> {
  const { findings, build } = check(document, options.where);
  if (build === null) return { ok: false, findings };
  return { ok: true, value: build({ nowMicros: options.nowMicros ?? noClock, memory: options.memory }), findings };
}

const noClock = (): number => 0;

/** Who answers by a document, as a gateway that runs it knows them; null where the document has not the shape of one. */
export function routesOf(document: Json): Pick<CompiledRoutes, 'targets' | 'groups'> | null {
  const nobody = (): void => undefined;
  return validatePolicyDocument(document) ? compileRoutes(document, compileTargets(document, nobody), nobody) : null;
}

function check(document: Json, where: DocumentSite): Checked {
  const reporter = createReporter(where);
  const { report, findings } = reporter;
  if (isJsonObject(document) && reportDialect(document, report)) return { findings, build: null };
  const told = reportSecrets(document, report);
  const shaped = validatePolicyDocument(document);
  if (!shaped) reportShape(validatePolicyDocument.errors ?? [], { document, pointer: '', schema, report, told });
  checkChain(document, report);
  const routes = shaped ? compileRoutes(document, compileTargets(document, report), report) : null;
  const outside = shaped
    ? { webhooks: compileCallbacks(document, report), toolServers: compileToolServers(document, report) }
    : null;
  const steps = compileBlocks(document, { reporter, told, targets: routes?.targets ?? [], shaped });
  if (!shaped || routes === null || outside === null) return { findings, build: null };
  const limits = compileLimits(document, report);
  const paths = judgedPaths(outside.toolServers);
  const entries = chainOf(document).flatMap((entry) => compileEntry(entry, { steps, routes, paths }, reporter));
  if (findings.some(fails)) return { findings, build: null };
  const build = (means: Means): CompiledPolicy => policyOf(document, { entries, routes, outside, limits, ...means });
  // Cases do not depend on one another, so nothing is remembered between them.
  if (document.testing !== undefined) runTests(document, build({ nowMicros: noClock, memory: NO_MEMORY }), report);
  return { findings, build: findings.some(fails) ? null : build };
}

interface BlockContext {
  readonly reporter: Reporter;
  readonly told: ReadonlySet<string>;
  readonly targets: readonly Target[];
  readonly shaped: boolean;
}

/** The steps of every supported kind that has settings, in the chain or not: settings outside the chain are checked too. */
function compileBlocks(
  document: Json,
  { reporter, told, targets, shaped }: BlockContext,
): ReadonlyMap<string, CompiledStep> {
  const { report } = reporter;
  const policy = isJsonObject(document) ? document['policy'] : undefined;
  const chained = new Set(shaped ? chainOf(document).map((entry) => entry.kind) : []);
  const steps = new Map<string, CompiledStep>();
  for (const [name, config] of Object.entries(isJsonObject(policy) ? policy : {})) {
    const kind = kindOf(name);
    if (kind === undefined || !isJsonObject(config)) continue;
    const pointer = `/policy/${pointerStep(name)}`;
    const built = kind.build(config, { pointer, report, targets: () => targets, inChain: chained.has(name) });
    if (Array.isArray(built)) reportShape(built, { document, pointer, schema: kind.schema, report, told });
    else steps.set(name, built as CompiledStep);
  }
  return steps;
}

interface EntryContext {
  readonly steps: ReadonlyMap<string, CompiledStep>;
  readonly routes: CompiledRoutes;
  readonly paths: readonly string[];
}

function compileEntry(
  entry: WrittenEntry,
  { steps, routes, paths }: EntryContext,
  { report }: Reporter,
): readonly ChainEntry[] {
  const kind = kindOf(entry.kind);
  const step = steps.get(entry.kind);
  // The shape of the options was checked with the document.
  const options = entry.options as EntryOptions;
  if (options !== null) checkEntry(entry, options, paths, report);
  if (kind === undefined || step === undefined) return [];
  const conditional = options?.when !== undefined || options?.targeting !== undefined;
  return [
    {
      kind: kind.kind,
      namespace: kind.namespace,
      phases: kind.phases,
      conditional,
      step,
      applies: conditional ? conditionOf(options, routes) : () => true,
    },
  ];
}

/** True where all conditions of an entry hold. The team is the token's; model, path and headers are what the request says. */
function conditionOf(options: NonNullable<EntryOptions>, routes: CompiledRoutes): (facts: RequestFacts) => boolean {
  const { path, header, model } = options.when ?? {};
  const meant = model === undefined ? undefined : namesMeaning(model, routes);
  const headers = Object.entries(header ?? {});
  const { teams, gateways } = options.targeting ?? {};
  const named = typeof gateways === 'string' ? [gateways] : gateways;
  return (facts) =>
    (path === undefined || facts.path.startsWith(path)) &&
    headers.every(([name, value]) => facts.headers.get(name) === value) &&
    (meant === undefined || meant.has(facts.model)) &&
    (teams === undefined || (facts.team !== null && teams.includes(facts.team))) &&
    (named === undefined || named.includes(facts.gateway));
}

/**
 * What a caller may ask for and mean one of `models`: their names, groups and aliases behind which a target has one of them,
 * and no name at all (null) where any target has. A condition on a model is not got round by another name of it.
 */
function namesMeaning(models: readonly string[], { targets, groups }: CompiledRoutes): ReadonlySet<string | null> {
  const having = new Set(targets.filter((target) => models.includes(target.model)).map(({ id }) => id));
  const names = new Set<string | null>(models);
  if (having.size > 0) names.add(null);
  for (const [name, group] of groups) {
    const seen = new Set<string>();
    for (let next: typeof group | undefined = group; next !== undefined && !seen.has(next.name); ) {
      seen.add(next.name);
      if (models.includes(next.name) || next.targets.some((id) => having.has(id))) names.add(name);
      next = next.fallback === null ? undefined : groups.get(next.fallback);
    }
  }
  return names;
}

interface Parts extends Means {
  readonly entries: readonly ChainEntry[];
  readonly routes: CompiledRoutes;
  readonly outside: Pick<CompiledPolicy, 'webhooks' | 'toolServers'>;
  readonly limits: Limits;
}

function policyOf(
  document: PolicyDocument,
  { entries, routes, outside, limits, nowMicros, memory }: Parts,
): CompiledPolicy {
  const { name, version, enabled } = document.pack;
  const { candidates, ...providers } = routes;
  const chain = { enabled, entries, targets: candidates, nowMicros, memory };
  const filters = entries.flatMap((entry) => entry.step.filter ?? []);
  return {
    pack: { name, version, enabled },
    chain: entries.map(({ kind, phases, conditional }) => ({ kind, phases, conditional })),
    ...providers,
    limits,
    ...outside,
    headersRead: headersOf(document, entries, limits),
    holdBack: filters.reduce((sum, filter) => sum + holdBackOf(filter), 0),
    scansOutput: entries.some(looksAtAnswers),
    input: (facts) => runInput(chain, facts),
    output: (facts, response, target = null) => runOutput(chain, { facts, target }, response),
    stream: (facts, target = null) =>
      createScanner(
        chain,
        entries.filter((entry) => entry.applies(facts)),
        { facts, target },
      ),
  };
}

function headersOf(document: PolicyDocument, entries: readonly ChainEntry[], limits: Limits): readonly string[] {
  const conditions = chainOf(document as unknown as Json).flatMap(({ options }) =>
    Object.keys((options as EntryOptions)?.when?.header ?? {}),
  );
  const read = entries.flatMap((entry) => entry.step.headersRead ?? []);
  return [...new Set([...conditions, ...read, ...(limits.user?.headerNames ?? [])])].sort();
}
