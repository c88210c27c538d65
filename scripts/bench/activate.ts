// `activate`: the CPU that a gateway spends from a new timestamp to enforced content, over the CPU of nothing but the
// signatures, hashes and documents in it. The disk is written without waiting for it; what that wait adds stands beside.

import crypto, { createPublicKey, hash, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSnapshot } from '../../gateway/core/index.ts';
import { compilePolicyText } from '../../gateway/io/configuration.ts';
import { readBundle } from '../../src/core/bundle/index.ts';
import { emit } from '../../src/core/kinds/index.ts';
import type { JsonObject, RepoPath } from '../../src/core/model/index.ts';
import { readYaml } from '../../src/core/parse/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { tufBytes } from '../../src/trust/key.ts';
import { nodeStateFiles, type StateFiles } from '../../src/trust/read/files.ts';
import { GATEWAY, MemoryFiles, open, Publishing, quickFiles, signerOf } from '../../src/trust/trust.testkit.ts';
import { compileVersion, fleetOrgs, renderFiles, sharedFiles, TEMPLATE, writtenFiles } from '../fleet/index.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';

/** Publications of one measurement: one alone is too short to be measured. */
const ACTIVATIONS = 40;
const MICROS_PER_MS = 1000;
const SEED = 1;
const POLICY_FILE = 'policy-config.yaml' as RepoPath;
const EXPIRES = '2027-06-30T00:00:00Z';

/** The policy text of a generated customer, as its gateway gets it. */
const policyText = (): string => {
  const shared = sharedFiles('127.0.0.1:4100');
  const [org] = fleetOrgs({ orgs: 1, seed: SEED });
  if (org === undefined) throw new Error('Expected an org.');
  const { objects } = renderFiles(compileVersion(shared, TEMPLATE.name, TEMPLATE.version), writtenFiles(org, EXPIRES));
  const policy = objects.find(({ id }) => id.kind === 'Policy');
  const spec = policy?.document['spec'] as { readonly document: JsonObject };
  return emit(spec.document);
};

/** The files of one publication, as a source serves them while it is the newest. */
type Published = ReadonlyMap<string, Uint8Array>;

/** So many publications, each of other content. */
const publishAll = async (): Promise<{ readonly publishing: Publishing; readonly all: readonly Published[] }> => {
  const publishing = new Publishing(undefined, new MemoryFiles(), signerOf('bench'));
  const text = policyText();
  const all: Published[] = [];
  for (let index = 0; index < ACTIVATIONS; index += 1) {
    await publishing.publish({ [GATEWAY]: `# ${index}\n${text}` });
    all.push(new Map(publishing.files.files));
  }
  return { publishing, all };
};

const cpuMs = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MICROS_PER_MS;
};

const prepare = async ({ say }: BenchOptions): Promise<Prepared> => {
  say(`publishing ${ACTIVATIONS} times`);
  const { publishing, all } = await publishAll();
  const dir = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  let runs = 0;
  let [requests, bytes] = [0, 0];

  /** A gateway that has the first publication takes all the others, one after the other. */
  const activateAll = async (files: StateFiles): Promise<() => Promise<void>> => {
    let served: Published = all[0] ?? new Map();
    const fetcher = {
      get: async (path: string) => {
        requests += 1;
        const body = served.get(`${publishing.org}/${path}`);
        bytes += body?.length ?? 0;
        return body === undefined ? ({ status: 404 } as const) : ({ status: 200, bytes: body, etag: null } as const);
      },
    };
    runs += 1;
    const verifier = await open(publishing, join(dir, String(runs)), { fetcher, files });
    const take = async (): Promise<void> => {
      const polled = await verifier.poll();
      if (polled.kind !== 'candidate') throw new Error(`Expected a candidate, found ${JSON.stringify(polled)}.`);
      const compiled = compilePolicyText(polled.target.content.policyText, POLICY_FILE, 'fast');
      if (!compiled.ok) throw new Error(`Expected a policy, found ${JSON.stringify(compiled.findings[0])}.`);
      const { header, data } = polled.target.content;
      const tenant = { identity: header, environment: header.environment, generation: 1, data };
      makeSnapshot(compiled.value, {
        tenant,
        contentDigest: polled.target.custom.contentDigest,
        nowMs: publishing.nowMs,
      });
      await polled.commit();
    };
    await take();
    return async () => {
      [requests, bytes] = [0, 0];
      for (const publication of all.slice(1)) {
        served = publication;
        await take();
      }
    };
  };

  const signatures = Math.round((await countVerified(await activateAll(quickFiles))) / (ACTIVATIONS - 1));
  return {
    numerator: async () => cpuMs(await activateAll(quickFiles)),
    denominator: () =>
      cpuMs(async () => {
        for (const [index, publication] of all.entries())
          if (index > 0) await leastOf(publishing, publication, { version: index + 1, signatures });
      }),
    counters: async () => {
      const work = await activateAll(nodeStateFiles);
      const started = performance.now();
      await work();
      const durableMs = performance.now() - started;
      return {
        activations: ACTIVATIONS - 1,
        signaturesEach: signatures,
        requestsEach: requests / (ACTIVATIONS - 1),
        bytesEach: bytes / (ACTIVATIONS - 1),
        durableWallMsEach: durableMs / (ACTIVATIONS - 1),
      };
    },
    close: async () => rm(dir, { recursive: true, force: true }),
  };
};

/**
 * The signatures that one activation checks, a hash of each of its files, and each document parsed once. The verifier checks
 * some signatures twice: it trusts nothing that it finds on its own disk.
 */
const leastOf = async (
  { org, signer }: Publishing,
  files: Published,
  work: { readonly version: number; readonly signatures: number },
): Promise<void> => {
  const read = (path: string): Uint8Array => files.get(`${org}/${path}`) ?? new Uint8Array(0);
  const roles = [
    ['timestamp', 'timestamp.json'],
    ['snapshot', `${work.version}.snapshot.json`],
    ['targets', `${work.version}.targets.json`],
    ['root', '1.root.json'],
  ] as const;
  const parsed = roles.map(([role, path]) => {
    const bytes = read(path);
    hash('sha256', bytes);
    return { role, ...JSON.parse(new TextDecoder().decode(bytes)) };
  });
  for (let at = 0; at < work.signatures; at += 1) {
    const { role, signed, signatures } = parsed[at % parsed.length];
    const x = Buffer.from(await signer.publicKey(role, org, 1)).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    if (!verify(null, tufBytes(signed), key, Buffer.from(signatures[0].sig, 'hex')))
      throw new Error(`Expected a signature of ${role}.`);
  }
  const { targets } = parsed[2].signed;
  for (const name of ['bundle.tar', 'provenance.json']) {
    const { sha256 } = targets[`${GATEWAY}/${name}`].hashes;
    const bytes = read(`targets/${GATEWAY}/${sha256}.${name}`);
    hash('sha256', bytes);
    if (name === 'provenance.json') continue;
    const bundle = readBundle(bytes, { maxBytes: bytes.length }, nodeHash);
    if (!bundle.ok) throw new Error('Expected a bundle.');
    readYaml(bundle.value.policyText, POLICY_FILE, { mode: 'fast' });
  }
};

/** How many signatures `work` checks: every check goes through node's one function. */
const countVerified = async (work: () => Promise<void>): Promise<number> => {
  const original = crypto.verify;
  let count = 0;
  crypto.verify = ((...args: Parameters<typeof verify>) => {
    count += 1;
    return original(...args);
  }) as typeof verify;
  try {
    await work();
  } finally {
    crypto.verify = original;
  }
  return count;
};

export const activate: Bench = {
  name: 'activate',
  title: `CPU of ${ACTIVATIONS - 1} activations without waiting for the disk, over that of their signatures, hashes and documents alone`,
  unit: 'ms',
  orgs: 1,
  prepare,
};
