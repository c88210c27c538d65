// Many gateways in one process: enrolled clients of a control plane, each with its own key, verifier and state, without the
// part that serves requests.

import { join } from 'node:path';
import type { Dispatcher } from 'undici';
import { makeSnapshot } from '../../gateway/core/index.ts';
import { compilePolicyText } from '../../gateway/io/configuration.ts';
import { createControlPlane } from '../../gateway/io/control.ts';
import { enrol } from '../../gateway/io/index.ts';
import { DEFAULT_PACE } from '../../gateway/io/pace.ts';
import type { PinnedIdentity } from '../../gateway/io/state.ts';
import type { RepoPath } from '../../src/core/model/index.ts';
import { createMemory } from '../../src/core/policy/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { openVerifier, type Verifier } from '../../src/trust/index.ts';
import { nodeStateFiles, type StateFiles, stateFiles } from '../../src/trust/read/files.ts';

const memory = createMemory(() => 0);
const POLICY_FILE = 'policy-config.yaml' as RepoPath;

/** The real file layer without waiting for the disk: every gateway has a disk of its own, and these share one. */
export const quickFiles: StateFiles = stateFiles(async () => {});

export interface GatewayName {
  readonly org: string;
  readonly gateway: string;
}

export interface BenchGateway {
  readonly name: GatewayName;
  readonly identity: PinnedIdentity;
  readonly root: Uint8Array;
}

/** Enrols a gateway with the controller at `url`, whose own token is `token`. */
export const enrolAt = async (
  url: string,
  token: string,
  { name, stateDir }: { readonly name: GatewayName; readonly stateDir: string },
): Promise<BenchGateway> => {
  const made = await fetch(`${url}/api/v1/fleet/enrolments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(name),
  });
  const { code } = (await made.json()) as { readonly code: string };
  const identity = await enrol({ code, source: url, stateDir });
  const root = await nodeStateFiles.read(join(stateDir, 'root.json'));
  if (root === undefined) throw new Error(`Expected a root in ${stateDir}.`);
  return { name, identity, root };
};

/** A gateway that polls when it is told to. */
export interface BenchClient {
  readonly verifier: Verifier;
  /** One poll, and what follows from it; true when new content is enforced. */
  readonly poll: (waitSeconds?: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Opens a gateway on an empty state folder. Nothing is asked yet. */
export const openClient = async ({ identity, root }: BenchGateway, stateDir: string): Promise<BenchClient> => {
  let sequence = 0;
  const control = createControlPlane({
    source: identity.source,
    orgUid: identity.orgUid,
    gateway: identity.gateway,
    privateKey: identity.privateKey,
    sequences: {
      next: () => {
        sequence += 1;
        return sequence;
      },
    },
    nowMs: Date.now,
    pace: DEFAULT_PACE,
  });
  const { fleet, orgUid, gateway } = identity;
  const verifier = await openVerifier({
    stateDir,
    identity: { fleet, orgUid, gateway },
    root,
    fetcher: control.fetcher,
    nowMs: Date.now,
    hash: nodeHash,
    files: quickFiles,
  });
  return {
    verifier,
    close: () => control.close(),
    async poll(waitSeconds) {
      const polled = await verifier.poll(waitSeconds === undefined ? {} : { waitSeconds });
      if (polled.kind === 'refused') throw new Error(`${gateway}: ${polled.code}: ${polled.detail}`);
      if (polled.kind === 'unchanged') return false;
      const { content, custom } = polled.target;
      const compiled = compilePolicyText(content.policyText, POLICY_FILE, { mode: 'fast', memory });
      if (!compiled.ok) throw new Error(`Expected a policy, found ${JSON.stringify(compiled.findings[0])}.`);
      const { header, data } = content;
      const tenant = {
        identity: header,
        environment: header.environment,
        generation: custom.generation,
        commit: null,
        data,
      };
      makeSnapshot(compiled.value, { tenant, contentDigest: custom.contentDigest, nowMs: Date.now() });
      await polled.commit();
      return true;
    },
  };
};

/** Asks for each path with nothing in mind; gives the bytes. */
export const fetchBare = async (to: Dispatcher, url: string, paths: readonly string[]): Promise<number> => {
  let bytes = 0;
  for (const path of paths) {
    const { statusCode, body } = await to.request({ origin: url, path, method: 'GET' });
    const answer = await body.arrayBuffer();
    if (statusCode === 200) bytes += answer.byteLength;
  }
  return bytes;
};
