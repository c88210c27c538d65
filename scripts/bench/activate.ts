// `activate`: the CPU that a gateway spends from a new timestamp to enforced content, over the CPU of nothing but the
// signatures, hashes and documents in it. The disk is written without waiting for it; what that wait adds stands beside.

import crypto, { createPublicKey, hash, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSnapshot } from '../../gateway/core/index.ts';
import { compilePolicyText } from '../../gateway/io/configuration.ts';
import { readBundle } from '../../src/core/bundle/index.ts';
import type { RepoPath } from '../../src/core/model/index.ts';
import { readYaml } from '../../src/core/parse/index.ts';
import { createMemory } from '../../src/core/policy/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { openVerifier } from '../../src/trust/index.ts';
import { tufBytes } from '../../src/trust/key.ts';
import { nodeStateFiles, type StateFiles } from '../../src/trust/read/files.ts';
import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { quickFiles } from './clients.ts';
import { type Publications, type Published, publishMany } from './publications.ts';

/** Publications of one measurement: one alone is too short to be measured. */
const ACTIVATIONS = 40;
const MICROS_PER_MS = 1000;
const memory = createMemory(() => 0);
const POLICY_FILE = 'policy-config.yaml' as RepoPath;

const cpuMs = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MICROS_PER_MS;
};

const prepare = async ({ say }: BenchOptions): Promise<Prepared> => {
  say(`publishing ${ACTIVATIONS} times`);
  const publications = await publishMany(ACTIVATIONS);
  const { all, nowMs } = publications;
  const dir = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
  let runs = 0;
  let [requests, bytes] = [0, 0];

  /** A gateway that has the first publication takes all the others, one after the other. */
  const activateAll = async (files: StateFiles): Promise<() => Promise<void>> => {
    let served: Published = all[0] ?? new Map();
    const fetcher = {
      get: async (path: string) => {
        requests += 1;
        const body = served.get(path);
        bytes += body?.length ?? 0;
        return body === undefined ? ({ status: 404 } as const) : ({ status: 200, bytes: body, etag: null } as const);
      },
    };
    runs += 1;
    const verifier = await openVerifier({
      stateDir: join(dir, String(runs)),
      identity: { fleet: publications.fleet, orgUid: publications.org, gateway: publications.gateway },
      root: served.get('1.root.json') ?? new Uint8Array(0),
      fetcher,
      nowMs: () => nowMs,
      hash: nodeHash,
      files,
    });
    const take = async (): Promise<void> => {
      const polled = await verifier.poll();
      if (polled.kind !== 'candidate') throw new Error(`Expected a candidate, found ${JSON.stringify(polled)}.`);
      const compiled = compilePolicyText(polled.target.content.policyText, POLICY_FILE, { mode: 'fast', memory });
      if (!compiled.ok) throw new Error(`Expected a policy, found ${JSON.stringify(compiled.findings[0])}.`);
      const { header, data } = polled.target.content;
      const tenant = { identity: header, environment: header.environment, generation: 1, commit: null, data };
      makeSnapshot(compiled.value, {
        tenant,
        contentDigest: polled.target.custom.contentDigest,
        nowMs,
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
          if (index > 0) await leastOf(publications, publication, { version: index + 1, signatures });
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
  { org, gateway, signer }: Publications,
  files: Published,
  work: { readonly version: number; readonly signatures: number },
): Promise<void> => {
  const read = (path: string): Uint8Array => files.get(path) ?? new Uint8Array(0);
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
    const { sha256 } = targets[`${gateway}/${name}`].hashes;
    const bytes = read(`targets/${gateway}/${sha256}.${name}`);
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
