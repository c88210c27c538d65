import type { IConfiguration, IRegularForbiddenRuleType } from 'dependency-cruiser';

// The import rules of ARCHITECTURE.md. A rule's comment is what the offender reads, so it says why and what to do.
// Every rule has one planted offender in scripts/check/fixtures/imports/<rule name>/, proven by imports.test.ts.

const TEST = '\\.(test|testkit)\\.ts$';
const CORE_PACKAGES = [
  'yaml',
  'js-yaml',
  'ajv',
  'handlebars',
  'fast-json-patch',
  'canonicalize',
  're2js',
  '@eslint-community/regexpp',
];

// A folder with an index.ts of its own. What is not in the index is private to the folder.
const FOLDER =
  'src/core/[^/]+|src/trust|src/ports|src/flows|src/io/[^/]+|src/server|src/cli|src/host|gateway/core|gateway/io';

const PACKAGE = '(^|/)node_modules/';
const packages = (names: readonly string[]): string => `${PACKAGE}(${names.join('|')})(/|$)`;
const BUILTIN_TYPES: IRegularForbiddenRuleType['to']['dependencyTypes'] = ['core'];

/** One rule; everything not excepted is an error. */
const forbid = (
  name: string,
  comment: string,
  from: IRegularForbiddenRuleType['from'],
  to: IRegularForbiddenRuleType['to'],
): IRegularForbiddenRuleType => ({ name, comment, severity: 'error', from, to });

const coreRules = [
  forbid(
    'model-imports-nothing',
    'core/model is the vocabulary that every layer shares, so it depends on nothing. Move what you need into model, or move this code to the stage that uses it.',
    { path: '^src/core/model/', pathNot: TEST },
    { pathNot: '^src/core/model/' },
  ),
  forbid(
    'kinds-only-model',
    'core/kinds describes manifests and nothing else: it imports core/model, and of ajv only the run-time pieces of generated validators.',
    { path: '^src/core/kinds/', pathNot: TEST },
    { pathNot: ['^src/core/(kinds|model)/', `${PACKAGE}ajv/dist/runtime/`] },
  ),
  forbid(
    'core-stages-are-strangers',
    'Stages of core do not know each other; their order lives in flows. Pass the value in as an argument, or move the shared word to core/model.',
    { path: '^src/core/([^/]+)/', pathNot: [TEST, '^src/core/(model|kinds|validate|bundle)/'] },
    { path: '^src/core/', pathNot: '^src/core/($1|model|kinds)/' },
  ),
  forbid(
    'validate-and-bundle-reach',
    'core/validate and core/bundle may use core/{model,kinds,policy,wallet} and no other stage. Let the flow pass in what an earlier stage made.',
    { path: '^src/core/(validate|bundle)/', pathNot: TEST },
    { path: '^src/core/', pathNot: '^src/core/($1|model|kinds|policy|wallet)/' },
  ),
  forbid(
    'core-stays-in-core',
    'core is pure and knows no layer above it. Take what you need as an argument; its type belongs in core/model.',
    { path: '^src/core/', pathNot: TEST },
    { path: '^(src|gateway)/', pathNot: '^src/core/' },
  ),
  forbid(
    'core-no-builtins',
    'core runs without Node: the same code must give the same bytes everywhere. Take Hash, Clock and the like as arguments.',
    { path: '^src/core/', pathNot: TEST },
    { dependencyTypes: BUILTIN_TYPES },
  ),
  forbid(
    'core-packages',
    `core may use these pure packages and no other: ${CORE_PACKAGES.join(', ')}. Adding one is a decision about ARCHITECTURE.md, not about one file.`,
    { path: '^src/core/', pathNot: TEST },
    { path: PACKAGE, pathNot: packages(CORE_PACKAGES) },
  ),
];

const middleRules = [
  forbid(
    'trust-imports',
    'trust is the one verifier that publisher and gateway share: core/model, core/bundle, node:crypto, node:fs, node:path and the TUF packages. The network comes in as a fetcher.',
    { path: '^src/trust/', pathNot: TEST },
    {
      pathNot: [
        '^src/trust/',
        '^src/core/(model|bundle)/',
        '^(node:)?(crypto|fs|fs/promises|path)$',
        packages(['tuf-js', '@tufjs/[^/]+']),
      ],
    },
  ),
  forbid(
    'ports-over-model',
    'A port is a promise in the words of core/model, so it imports nothing else.',
    { path: '^src/ports/', pathNot: TEST },
    { pathNot: '^src/(ports|core/model)/' },
  ),
  forbid(
    'ports-types-only',
    'Ports hold types and no code: write `import type` or `export type`.',
    { path: '^src/ports/', pathNot: TEST },
    { path: '^src/', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'flows-imports',
    'A flow is tested with plain objects: it imports core, trust and ports, never an edge, a package or Node. Ask for what you need through a port.',
    { path: '^src/flows/', pathNot: TEST },
    { pathNot: '^src/(flows|core|trust|ports)/' },
  ),
];

const edgeRules = [
  forbid(
    'io-imports',
    'An outbound edge implements a port: it imports ports, core/model, its own packages and Node. Deciding belongs in core, order in flows.',
    { path: '^src/io/', pathNot: TEST },
    { path: '^(src|gateway)/', pathNot: '^src/(io|ports|core/model)/' },
  ),
  forbid(
    'io-no-siblings',
    'Edges are replaced one at a time, so they are strangers. Join them in a flow, through their ports.',
    { path: '^src/io/([^/]+)/', pathNot: TEST },
    { path: '^src/io/', pathNot: '^src/io/$1/' },
  ),
  forbid(
    'host-imports',
    'host implements the small types of core/model (Hash, Clock, Random, ZoneOffset) with Node alone.',
    { path: '^src/host/', pathNot: TEST },
    { pathNot: '^src/(host|core/model)/', dependencyTypesNot: BUILTIN_TYPES },
  ),
  forbid(
    'host-only-from-roots',
    'Clock and randomness are injected: only src/wire.ts and gateway/main.ts take them from host. Take them as an argument.',
    { path: '^(src|gateway)/', pathNot: [TEST, '^src/(host/|wire\\.ts$)', '^gateway/main\\.ts$'] },
    { path: '^src/host/' },
  ),
  forbid(
    'only-wire-builds-edges',
    'src/wire.ts is the one place that builds real clients and servers. Take the port as an argument and let wire pass it in.',
    { path: '^(src|gateway)/', pathNot: [TEST, '^src/(io|server)/', '^src/wire\\.ts$'] },
    { path: '^src/(io|server)/' },
  ),
  forbid(
    'server-imports',
    'The server turns requests into flows: it imports flows, ports and core/{model,report}. What else it does belongs in a flow.',
    { path: '^src/server/', pathNot: TEST },
    { path: '^(src|gateway)/', pathNot: '^src/(server|flows|ports|core/(model|report))/' },
  ),
  forbid(
    'cli-imports',
    'A command turns flags into a flow: it imports flows, ports, core/{model,report} and wire. What else it does belongs in a flow.',
    { path: '^src/cli/', pathNot: TEST },
    { path: '^(src|gateway)/', pathNot: '^src/((cli|flows|ports|core/(model|report))/|wire\\.ts$)' },
  ),
];

const gatewayRules = [
  forbid(
    'gateway-imports',
    'The gateway runs on customer machines: of src it takes core/{model,kinds,parse,policy,wallet,bundle}, trust and (in main.ts) host, nothing else.',
    { path: '^gateway/', pathNot: TEST },
    { path: '^src/', pathNot: '^src/(core/(model|kinds|parse|policy|wallet|bundle)|trust|host)/' },
  ),
  forbid(
    'src-never-gateway',
    'The framework does not know the runtime. What both need belongs in core or trust; a test that joins them belongs in cases/.',
    { path: '^src/', pathNot: TEST },
    { path: '^gateway/' },
  ),
  forbid(
    'gateway-core-pure',
    'gateway/core is step(state, event): itself and core/{model,policy,wallet,bundle}, no Node, no package. Return an effect and let gateway/io do it.',
    { path: '^gateway/core/', pathNot: TEST },
    { pathNot: ['^gateway/core/', '^src/core/(model|policy|wallet|bundle)/'] },
  ),
];

const treeRules = [
  forbid(
    'nothing-imports-scripts',
    'Tools and cases are not a layer: nothing that ships depends on them. Move the code into the layer that owns it.',
    { path: '^(src|gateway)/', pathNot: TEST },
    { path: '^(scripts|cases)/' },
  ),
  forbid(
    'through-the-index',
    "Import another folder's index.ts. What is not exported there is private and may change.",
    { path: `^(${FOLDER})/`, pathNot: [TEST, '/generated/'] },
    { path: `^(${FOLDER})/`, pathNot: ['^$1/', `^(${FOLDER})/index\\.ts$`] },
  ),
  forbid(
    'roots-through-the-index',
    "Import the folder's index.ts. What is not exported there is private and may change.",
    { path: '^(src|gateway)/', pathNot: [TEST, `^(${FOLDER})/`] },
    { path: `^(${FOLDER})/`, pathNot: `^(${FOLDER})/index\\.ts$` },
  ),
  forbid(
    'tests-are-not-imported',
    'A test is run, not imported. Put what tests share into a <name>.testkit.ts; code that ships imports neither.',
    { path: '^(src|gateway|scripts|cases)/', pathNot: TEST },
    { path: TEST },
  ),
  forbid(
    'no-development-packages',
    'What ships uses dependencies, not devDependencies: they are not there on the machine that runs it.',
    { path: '^(src|gateway)/', pathNot: TEST },
    { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'no-unresolved-imports',
    'This import leads nowhere: correct the path (relative, with its .ts extension) or add the package.',
    { path: '^(src|gateway|scripts|cases)/' },
    { couldNotResolve: true },
  ),
  forbid(
    'no-cycles',
    'Files in a cycle can only be understood, tested and moved together. Move what both need into a third file.',
    { path: '^(src|gateway|scripts|cases)/' },
    { circular: true },
  ),
  forbid(
    'no-orphans',
    'Nothing imports this file and it imports nothing: delete it, or import it where it is needed.',
    {
      orphan: true,
      pathNot: [
        TEST,
        '\\.d\\.ts$',
        '/generated/',
        '\\.config\\.(ts|mjs)$',
        '^(scripts|cases)/',
        '^src/cli/(main|thread)\\.ts$',
        '^gateway/main\\.ts$',
      ],
    },
    {},
  ),
];

/** The configuration of dependency-cruiser for this tree. */
export const importRules: IConfiguration & { forbidden: IRegularForbiddenRuleType[] } = {
  forbidden: [...coreRules, ...middleRules, ...edgeRules, ...gatewayRules, ...treeRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^scripts/check/fixtures/|^(dist|coverage)/' },
    tsPreCompilationDeps: 'specify',
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
    },
  },
};
