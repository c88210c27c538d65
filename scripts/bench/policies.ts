// `policies`: what policies cost inside of the process: 100 rules of a dlp-filter over 20 of the same kinds, on typical bodies.
// Its counters are the times of a chain of six policies, request and answer together.

import type { Json, JsonObject, RepoPath } from '../../src/core/model/index.ts';
import { type CompiledPolicy, compileDocument, createMemory, type RequestFacts } from '../../src/core/policy/index.ts';
import type { Bench, Counters, Prepared } from './bench.ts';

const ROUNDS = 60;
const BATCH = 12;
const CHAIN_ROUNDS = 4_000;

const SENTENCES = [
  'Please find below the summary of the meeting on Tuesday about order 4711 and the open questions from the supplier. ',
  'We agreed to send the contract to legal before Friday, and the internal review follows next week. ',
  'How do I export all rows with a total above 1,200.50 EUR from the table of invoices? ',
  'The function returns null when the key is missing; const value = map.get(key) ?? 0; is what I tried first. ',
  'Der Termin am 12. Mai wurde verschoben, bitte prüfen Sie die neue Uhrzeit im Kalender. ',
];

/** Texts of 100 to 8,000 characters, as chats have them: many short ones and few long ones. */
const TEXTS: readonly string[] = [1, 2, 2, 3, 4, 5, 8, 12, 20, 40, 80].map((count, at) =>
  Array.from({ length: count }, (_, index) => SENTENCES[(at + index) % SENTENCES.length]).join(''),
);

const documentOf = (policy: JsonObject): JsonObject => ({
  pack: { name: 'bench', version: '1.0.0', enabled: true },
  policies: { chain: Object.keys(policy) },
  policy,
  providers: {
    targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o-mini', secret_key_ref: { env: 'OPENAI_KEY' } }],
  },
});

const compiled = (policy: JsonObject): CompiledPolicy => {
  const result = compileDocument(documentOf(policy), {
    where: {
      placeOf: () => ({ file: 'bench' as RepoPath, line: 1, column: 1 }),
      pointer: '',
      org: null,
      object: null,
    },
    memory: createMemory(() => 0),
  });
  if (!result.ok) throw new Error(`Expected a document that compiles, found ${JSON.stringify(result.findings)}`);
  return result.value;
};

const requestOf = (body: Json): RequestFacts => ({
  path: '/v1/chat/completions',
  headers: new Map([['x-user-id', 'ana']]),
  model: 'gpt-4o-mini',
  team: null,
  role: null,
  gateway: 'bench',
  authenticated: true,
  token: null,
  body,
});

const bodies = TEXTS.map((content) => ({ messages: [{ role: 'user', content }] }));
const answers = TEXTS.map((content) => ({ choices: [{ index: 0, message: { role: 'assistant', content } }] }));

/** Rules as people write them: of ten, four with a literal in front, four with one inside, two with classes alone. */
const patternOf = (at: number): string => {
  switch (at % 5) {
    case 0:
      return `C${at}X-[0-9]{7}`;
    case 1:
      return `(?:internal|secret) code ${at}[a-z]{0,4}`;
    case 2:
      return `(?i)\\bproject (?:alpha|beta) ${at}\\b`;
    case 3:
      return `KD${at}/[A-Z]{2}[0-9]{4}`;
    default:
      return `[A-Z]{2}[0-9]{${3 + (at % 9)}}-[A-Z]{${1 + (at % 5)}}`;
  }
};
const rulesOf = (count: number): CompiledPolicy =>
  compiled({ 'dlp-filter': { detect_patterns: Array.from({ length: count }, (_, at) => patternOf(at)) } });

/** Milliseconds of the quickest of many rounds over all bodies: what other programs take is in the slower ones. */
const quickest = (policy: CompiledPolicy): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    for (let turn = 0; turn < BATCH; turn += 1) for (const body of bodies) policy.input(requestOf(body));
    best = Math.min(best, performance.now() - started);
  }
  return best;
};

const SIX: JsonObject = {
  'prompt-injection': { attack_patterns: ['print (your|the) (hidden|system) instructions'] },
  'dlp-filter': { blocked_terms: ['Project Larkspur', 'Nordwind'], detect_patterns: ['NWO-[0-9]{7}'] },
  'pii-detector': {},
  'entity-list-filter': { blocked_entities: ['Nordwind Trading', 'Kowalczyk'] },
  rbac: { deny_if_missing: ['X-User-ID'] },
  'audit-logger': {},
};

/** Processor time of the chain of six, in microseconds, of a request and its answer. */
export const chainTimes = (): Counters => {
  const policy = compiled(SIX);
  const times: number[] = [];
  for (let round = 0; round < CHAIN_ROUNDS; round += 1) {
    const facts = requestOf(bodies[round % bodies.length] ?? null);
    const before = process.cpuUsage();
    policy.input(facts);
    policy.output(facts, answers[round % answers.length] ?? null);
    const { user, system } = process.cpuUsage(before);
    times.push(user + system);
  }
  const sorted = times.slice(CHAIN_ROUNDS / 2).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { 'six.p50.micros': at(0.5), 'six.p99.micros': at(0.99), characters: TEXTS.join('').length };
};

const prepare = async (): Promise<Prepared> => {
  const hundred = rulesOf(100);
  const twenty = rulesOf(20);
  return {
    numerator: async () => quickest(hundred),
    denominator: async () => quickest(twenty),
    counters: chainTimes,
    close: async () => {},
  };
};

export const policies: Bench = {
  name: 'policies',
  title: '100 rules over 20 rules inside of the process; the chain of six policies on a request and its answer',
  unit: 'ms',
  orgs: 1,
  warmUps: 2,
  prepare,
};
