import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compilePolicyText } from '../../gateway/io/configuration.ts';
import { drawFrom } from '../../scripts/soak/draw.ts';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import { bundleDigestOf, canonicalText, packTar } from '../../src/core/bundle/index.ts';
import { BUNDLE_FILES, BUNDLE_FORMAT, type RepoPath } from '../../src/core/model/index.ts';
import { createMemory } from '../../src/core/policy/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { entry, Forgery } from '../../src/trust/forgery.testkit.ts';
import { type PollResult, rotateOrg, type VerifiedTarget } from '../../src/trust/index.ts';
import { FLEET, GATEWAY, ORG, open, Publishing, pull, Source, scratch } from '../../src/trust/trust.testkit.ts';
import { type Draw, mutate, whole } from './mutate.testkit.ts';

// Every published file with its bytes changed at random, given to the real verifier. What is accepted must mean what was
// published; nothing may end in anything but a verdict.

export interface FuzzReport {
  readonly seed: number;
  mutations: number;
  /** Refusals by code. */
  readonly refused: Map<string, number>;
  /** Mutations that were accepted and mean the same. */
  harmless: number;
  /** Mutations of what a bundle holds, signed as by a thief of both seeds, that a gateway could enforce. */
  enforceable: number;
  /** What must not be: accepted with another meaning; ended without a verdict. */
  readonly changed: string[];
  readonly crashed: string[];
  mostRequests: number;
  mostBytes: number;
  slowestMs: number;
  /** How much more memory the process holds at the end than after a tenth of the mutations. */
  grownBytes: number;
}

const POLICY = readFileSync(new URL('../standalone/configs/teams/acme-support.yaml', import.meta.url), 'utf8');
/** One in so many mutations is signed. */
const SIGNED_EVERY = 8;

export async function fuzz(seed: number, times: number): Promise<FuzzReport> {
  const report: FuzzReport = {
    seed,
    mutations: 0,
    refused: new Map(),
    harmless: 0,
    enforceable: 0,
    changed: [],
    crashed: [],
    mostRequests: 0,
    mostBytes: 0,
    slowestMs: 0,
    grownBytes: 0,
  };
  const draw = drawFrom(seed);
  await scratch(async (dir) => {
    const target = await openTarget(join(dir, 'unsigned'));
    const thief = await openThief(join(dir, 'signed'));
    let early = 0;
    for (let run = 0; run < times; run += 1) {
      if (run === Math.floor(times / 10)) early = process.memoryUsage().rss;
      const play = run % SIGNED_EVERY === SIGNED_EVERY - 1 ? thief : target;
      report.mutations += 1;
      const startedMs = performance.now();
      await play(draw, report).catch((error: unknown) => {
        report.crashed.push(`mutation ${run}: ${error instanceof Error ? error.stack : String(error)}`);
      });
      report.slowestMs = Math.max(report.slowestMs, performance.now() - startedMs);
    }
    report.grownBytes = process.memoryUsage().rss - early;
  });
  return report;
}

type Play = (draw: Draw, report: FuzzReport) => Promise<void>;

const signedOf = (bytes: Uint8Array): unknown => {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { readonly signed: unknown }).signed;
  } catch {
    return undefined;
  }
};

const count = (report: FuzzReport, result: PollResult & { readonly kind: 'refused' }): void => {
  report.refused.set(result.code, (report.refused.get(result.code) ?? 0) + 1);
};

const measure = (report: FuzzReport, source: Source): void => {
  report.mostRequests = Math.max(report.mostRequests, source.requests.length);
  report.mostBytes = Math.max(report.mostBytes, source.bytes);
  source.forget();
};

/** A gateway that knows an older publication and asks for the newest, behind a new root; any of its files is changed. */
async function openTarget(dir: string): Promise<Play> {
  const publishing = new Publishing();
  const source = new Source(publishing.files);
  await publishing.publish({ [GATEWAY]: 'zero', other: 'other' });
  const verifier = await open(publishing, dir, { fetcher: source });
  await pull(verifier);
  const before = new Set(publishing.files.files.keys());
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('expected a publication');
  const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
  publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
  await publishing.publish({ [GATEWAY]: POLICY, other: 'other' });
  source.forget();
  const genuine = await verifier.poll();
  if (genuine.kind !== 'candidate') throw new Error(`expected a candidate, found ${JSON.stringify(genuine)}`);
  const asked = new Set(source.requests.filter((path) => publishing.files.files.has(`${ORG}/${path}`)));
  const files = [...publishing.files.files].filter(([path]) => asked.has(path.slice(ORG.length + 1)));
  const foreign = [...publishing.files.files].filter(([path]) => before.has(path));
  source.forget();
  return async (draw, report) => {
    const [name = '', bytes = new Uint8Array(0)] = files[whole(draw, files.length)] ?? [];
    const all = whole(draw, 2) === 0 ? files : foreign;
    const mutated = mutate(bytes, draw, all[whole(draw, all.length)]?.[1] ?? bytes);
    const file = name.slice(ORG.length + 1);
    source.lie = (path, honest) => (path === file ? mutated : honest);
    const result = await verifier.poll();
    measure(report, source);
    if (result.kind === 'refused') count(report, result);
    else if (isSame(result, genuine.target) && isDeepStrictEqual(signedOf(mutated), signedOf(bytes)))
      report.harmless += 1;
    else report.changed.push(`${file}: ${Buffer.from(mutated).toString('base64')}`);
  };
}

const isSame = (result: PollResult, target: VerifiedTarget): boolean =>
  result.kind === 'candidate' && isDeepStrictEqual(result.target, target);

/** What a bundle holds, changed and signed: archive, shapes and policy stand alone before a thief of both seeds. */
async function openThief(dir: string): Promise<Play> {
  const publishing = new Publishing();
  await publishing.publish({ [GATEWAY]: 'zero' });
  await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }));
  const header = { format: BUNDLE_FORMAT, fleet: FLEET, orgUid: ORG, gateway: GATEWAY, environment: 'production' };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const genuine = new Map([
    ['bundle.json', bytes(canonicalText(header))],
    ['data.json', bytes(canonicalText(sampleData))],
    ['policy-config.yaml', bytes(POLICY)],
  ] as const);
  return async (draw, report) => {
    const forgery = new Forgery(publishing);
    const name = BUNDLE_FILES[whole(draw, BUNDLE_FILES.length)] ?? 'data.json';
    const files = new Map(genuine);
    files.set(name, mutate(genuine.get(name) ?? new Uint8Array(0), draw, bytes(POLICY)));
    await forgery.bundle(packTar(files), (signed) => {
      Object.assign(entry(signed, 'bundle.tar')['custom'] as object, {
        contentDigest: bundleDigestOf(files, nodeHash),
      });
    });
    const source = new Source(forgery.files);
    const result = await (await open(publishing, dir, { fetcher: source })).poll();
    measure(report, source);
    if (result.kind === 'refused') return count(report, result);
    if (result.kind !== 'candidate') throw new Error('expected a verdict on what is new, found none');
    const compiled = compilePolicyText(result.target.content.policyText, 'policy-config.yaml' as RepoPath, {
      mode: 'fast',
      memory: createMemory(() => 0),
    });
    if (compiled.ok) report.enforceable += 1;
    else report.refused.set('GATEWAY_POLICY_REFUSED', (report.refused.get('GATEWAY_POLICY_REFUSED') ?? 0) + 1);
  };
}
