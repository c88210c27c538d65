import { compilePolicyText } from '../gateway/io/configuration.ts';
import { readBundle } from '../src/core/bundle/index.ts';
import type { JsonObject, OrgUid, RepoPath, Sha256Hex } from '../src/core/model/index.ts';
import { createMemory } from '../src/core/policy/index.ts';
import { nodeHash } from '../src/host/index.ts';
import {
  decodeEnrolmentCode,
  encodeSecret,
  type GatewayKey,
  generateGatewayKey,
  requestSigner,
} from '../src/trust/index.ts';

// A gateway without a process: a real client of the control plane, with a key of its own, signed requests, real
// acknowledgements and events. What it does with a bundle is the test's to say. It trusts what it is served: verifying is
// tested elsewhere.

/** How a host takes new content: it runs it, refuses it with a code, or dies of it. */
export type Loading = 'runs' | 'dies' | { readonly refuses: string };

export interface Loaded {
  readonly policyText: string;
  readonly bytes: number;
}

export interface SimulatedOptions {
  readonly url: string;
  readonly uid: OrgUid;
  readonly gateway: string;
  readonly nowMs: () => number;
  readonly loads: (content: Loaded) => Loading;
}

interface Running {
  readonly digest: Sha256Hex;
  readonly generation: number;
  readonly policyText: string;
  readonly bytes: number;
}

interface Custom {
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
}

/** What targets.json says of one file. */
interface Target {
  readonly hashes: { readonly sha256: string };
  readonly custom: Custom;
}

const ORDINARY = 'Where is my order?';

export class SimulatedGateway {
  readonly name: string;
  running: Running | null = null;
  /** Every content that it was ever offered. */
  readonly offered = new Set<Sha256Hex>();
  isListed = true;
  #key: GatewayKey = generateGatewayKey();
  #sequence = 0;
  #etag = '';
  #refused: Sha256Hex | null = null;
  #line = { sequence: 0, hash: '0'.repeat(64) };
  readonly #options: SimulatedOptions;

  constructor(options: SimulatedOptions) {
    this.#options = options;
    this.name = options.gateway;
  }

  /** Exchanges a one-time code for an identity. */
  async enrol(code: string): Promise<void> {
    const decoded = decodeEnrolmentCode(code);
    if (!decoded.ok) throw new Error('expected an enrolment code');
    const body = {
      orgUid: this.#options.uid,
      gateway: this.name,
      code: encodeSecret(decoded.value.secret),
      publicKey: this.#key.publicKey,
    };
    const answer = await fetch(`${this.#options.url}/api/v1/gateway/enroll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 200) throw new Error(`enrolment of ${this.name}: ${await answer.text()}`);
  }

  /** Asks once for what is new; gives the status of the timestamp. With `waitSeconds` the server may hold it back. */
  async poll(waitSeconds = 0): Promise<number> {
    const more = { 'if-none-match': `"${this.#etag}"`, ...(waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {}) };
    const answer = await this.#get('timestamp.json', more);
    if (answer.status !== 200) return answer.status;
    this.#etag = answer.headers.get('etag')?.replaceAll('"', '') ?? '';
    const snapshot = await this.#json(`${await versionIn(answer, 'snapshot.json')}.snapshot.json`);
    const targets = await this.#json(`${metaVersion(snapshot, 'targets.json')}.targets.json`);
    await this.#take((targets['signed'] as { readonly targets: Readonly<Record<string, Target>> }).targets);
    return answer.status;
  }

  async #take(targets: Readonly<Record<string, Target>>): Promise<void> {
    const target = targets[`${this.name}/bundle.tar`];
    this.isListed = target !== undefined;
    if (target === undefined) {
      this.running = null;
      return;
    }
    const { contentDigest, generation } = target.custom;
    if (generation < (this.running?.generation ?? 0)) throw new Error(`${this.name}: the generation fell`);
    this.offered.add(contentDigest);
    if (contentDigest === this.#refused) return;
    if (contentDigest === this.running?.digest) {
      // The same content under a higher generation is taken as any other, without loading it anew.
      const isKnown = generation === this.running.generation;
      this.running = { ...this.running, generation };
      return isKnown ? undefined : this.acknowledge('active', null);
    }
    const file = await this.#get(`targets/${this.name}/${target.hashes.sha256}.bundle.tar`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const read = readBundle(bytes, { maxBytes: 16 * 1024 * 1024 }, nodeHash);
    if (!read.ok) throw new Error(`${this.name}: ${read.detail}`);
    const { policyText } = read.value;
    const loading = this.#options.loads({ policyText, bytes: bytes.length });
    // Dead, and up again with what it had; it dies anew at each poll, so it does not poll in these tests.
    if (loading === 'dies') return this.acknowledge('active', null);
    if (loading !== 'runs') {
      this.#refused = contentDigest;
      return this.acknowledge('rejected', loading.refuses);
    }
    this.running = { digest: contentDigest, generation, policyText, bytes: bytes.length };
    await this.acknowledge('active', null);
  }

  /** Says what it runs, signed. */
  async acknowledge(state: 'active' | 'rejected' | 'stale', code: string | null): Promise<void> {
    const { running, name } = this;
    const body = { gateway: name, generation: running?.generation ?? 0, contentDigest: running?.digest ?? null };
    await this.#post('ack', JSON.stringify({ ...body, state, code, at: this.#options.nowMs() }));
  }

  /** Decides on ordinary requests with the policy that it runs, and delivers the decisions. */
  async serve(requests: number, status = 200): Promise<void> {
    const { running } = this;
    if (running === null) throw new Error(`${this.name} runs nothing`);
    const compiled = compilePolicyText(running.policyText, 'policy-config.yaml' as RepoPath, {
      memory: createMemory(() => 0),
    });
    if (!compiled.ok) throw new Error(`${this.name}: the policy does not compile`);
    const { verdict } = compiled.value.input({
      path: '/v1/chat/completions',
      headers: new Map(),
      model: 'gpt-4o-mini',
      team: 'desk',
      role: null,
      gateway: this.name,
      token: 'bot',
      authenticated: true,
      body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: ORDINARY }] },
    });
    const lines = Array.from({ length: requests }, (_, index) =>
      this.#lineOf({ id: `r${index}`, verdict, status: verdict === 'block' ? 409 : status }),
    );
    await this.#post('events', lines.join(''));
  }

  /** Delivers the decision of one request of token `app` that was let in with this secret. */
  async use(credential: string | undefined): Promise<void> {
    const said = credential === undefined ? {} : { credential };
    const facts = { id: 'used', requestId: 'req_used', token: 'app', ...said, verdict: 'allow', status: 200 };
    await this.#post('events', this.#lineOf({ ...facts, durationMs: 0 }));
  }

  #lineOf(facts: JsonObject): string {
    const event = {
      type: 'decision',
      at: this.#options.nowMs(),
      contentDigest: this.running?.digest ?? '',
      generation: this.running?.generation ?? 0,
      ...facts,
    };
    const text = JSON.stringify({ sequence: this.#line.sequence + 1, previous: this.#line.hash, event });
    this.#line = { sequence: this.#line.sequence + 1, hash: nodeHash.sha256(text) };
    return `${text}\n`;
  }

  async #post(place: string, body: string): Promise<void> {
    this.#sequence += 1;
    const path = `/api/v1/gateway/${place}`;
    const bytes = new TextEncoder().encode(body);
    const headers = this.#signed('POST', path, bytes);
    const answer = await fetch(`${this.#options.url}${path}`, { method: 'POST', headers, body });
    if (answer.status !== 200) throw new Error(`${this.name} ${place}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  async #json(file: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#get(file);
    if (answer.status !== 200) throw new Error(`${this.name} ${file}: ${answer.status}`);
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  }

  #get(file: string, more: { readonly [name: string]: string } = {}): Promise<Response> {
    const path = `/bundles/${this.#options.uid}/${file}`;
    return fetch(`${this.#options.url}${path}`, {
      headers: { ...this.#signed('GET', path, new Uint8Array(0)), ...more },
    });
  }

  #signed(method: string, path: string, body: Uint8Array): { readonly [name: string]: string } {
    const from = { org: this.#options.uid, gateway: this.name };
    const facts = { method, path, body, timeMs: this.#options.nowMs(), sequence: this.#sequence };
    return requestSigner(this.#key.privateKey, from)(facts);
  }
}

async function versionIn(answer: Response, file: string): Promise<number> {
  return metaVersion((await answer.json()) as Readonly<Record<string, unknown>>, file);
}

function metaVersion(document: Readonly<Record<string, unknown>>, file: string): number {
  const signed = document['signed'] as { readonly meta: Readonly<Record<string, { readonly version: number }>> };
  const version = signed.meta[file]?.version;
  if (version === undefined) throw new Error(`expected ${file} in the metadata`);
  return version;
}
