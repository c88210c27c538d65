import { emit, pathOf } from '../core/kinds/index.ts';
import {
  type Clock,
  type Credentials,
  type FindingCode,
  instantText,
  type JsonObject,
  type OrgSlug,
  ofKind,
  type Random,
} from '../core/model/index.ts';
import type { ReadTree, WriteTree } from '../ports/index.ts';
import { formatToken, tokenDigest } from '../trust/index.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';

export interface TokenParts {
  readonly tree: ReadTree;
  readonly write: WriteTree;
  readonly clock: Clock;
  readonly random: Random;
}

/** A refusal in words, with its code; nothing was written. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FindingCode; readonly message: string };

export interface IssuedToken {
  readonly token: string;
  readonly id: string;
  /** Shown once; the repository keeps its digest. */
  readonly secret: string;
  readonly notAfter: string;
}

type Entry = Credentials['spec']['tokens'][number];

const HOUR_MS = 3_600_000;

/** Issues a secret for a Token manifest: credentials.yaml gets the digest, the caller the text, once. */
export async function issueToken(parts: TokenParts, org: OrgSlug, name: string): Promise<Outcome<IssuedToken>> {
  return withToken(parts, { org, name }, (found) => {
    const made = mint(parts, found);
    return { entries: [...found.entries, made.entry], value: made.issued };
  });
}

/** Issues a new secret and lets the old ones run out after the manifest's overlap. */
export async function rotateToken(parts: TokenParts, org: OrgSlug, name: string): Promise<Outcome<IssuedToken>> {
  return withToken(parts, { org, name }, (found) => {
    const made = mint(parts, found);
    const end = instantText(parts.clock.nowMs() + found.overlapHours * HOUR_MS);
    const entries = found.entries.map((item) =>
      item.token === name && item.notAfter > end ? { ...item, notAfter: end } : item,
    );
    return { entries: [...entries, made.entry], value: made.issued };
  });
}

/** Takes every secret of a token away; takes effect with the next apply. The number of secrets removed. */
export async function revokeToken(parts: TokenParts, org: OrgSlug, name: string): Promise<Outcome<number>> {
  return withToken(parts, { org, name }, (found) => {
    const entries = found.entries.filter((item) => item.token !== name);
    return { entries, value: found.entries.length - entries.length };
  });
}

/** Every token of an org with the ids and validity of its secrets. */
export async function listTokens(
  parts: Pick<TokenParts, 'tree'>,
  org: OrgSlug,
): Promise<
  Outcome<readonly { readonly token: string; readonly expires: string; readonly credentials: readonly Entry[] }[]>
> {
  const loaded = await load(parts, org);
  if (!loaded.ok) return loaded;
  const entries = entriesOf(loaded.value);
  const tokens = ofKind(loaded.value.desired?.objects ?? [], 'Token');
  const value = tokens.map(({ id, document }) => ({
    token: id.name,
    expires: document.spec.expires,
    credentials: entries.filter((item) => item.token === id.name),
  }));
  return { ok: true, value };
}

interface FoundToken {
  readonly loaded: LoadedOrg;
  readonly name: string;
  readonly expires: string;
  readonly overlapHours: number;
  readonly entries: readonly Entry[];
}

async function withToken<T>(
  parts: TokenParts,
  which: { readonly org: OrgSlug; readonly name: string },
  change: (found: FoundToken) => { readonly entries: readonly Entry[]; readonly value: T },
): Promise<Outcome<T>> {
  const loaded = await load(parts, which.org);
  if (!loaded.ok) return loaded;
  const tokens = ofKind(loaded.value.desired?.objects ?? [], 'Token');
  const token = tokens.find((item) => item.id.name === which.name);
  if (token === undefined) {
    const known = tokens.map((item) => item.id.name).join(', ');
    return {
      ok: false,
      code: 'TOKEN_UNKNOWN',
      message: `expected a Token of ${which.org} (${known}), found ${which.name}`,
    };
  }
  const { expires, rotationOverlapHours } = token.document.spec;
  const found = {
    loaded: loaded.value,
    name: which.name,
    expires,
    overlapHours: rotationOverlapHours,
    entries: entriesOf(loaded.value),
  };
  const { entries, value } = change(found);
  const document: JsonObject = {
    apiVersion: 'tenantry/v1',
    kind: 'Credentials',
    metadata: { name: 'credentials', org: which.org },
    spec: { tokens: entries.map((item) => ({ ...item })) },
  };
  const path = pathOf(which.org, { kind: 'Credentials', environment: null, name: 'credentials' });
  await parts.write.write(new Map([[path, emit(document)]]));
  return { ok: true, value };
}

async function load(parts: Pick<TokenParts, 'tree'>, org: OrgSlug): Promise<Outcome<LoadedOrg>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  const [loaded] = await loadOrgs(frame, [org]);
  if (loaded === undefined) {
    return {
      ok: false,
      code: 'ORG_UNKNOWN',
      message: `expected ${[...frame.orgTrees.keys()].join(', ') || 'an org below orgs/'}, found ${org}`,
    };
  }
  if (loaded.desired === null) {
    const [first] = loaded.findings;
    return {
      ok: false,
      code: 'APPLY_INVALID',
      message: `${org} cannot be rendered: ${first?.message ?? 'see tenantry check'}`,
    };
  }
  return { ok: true, value: loaded };
}

function entriesOf(loaded: LoadedOrg): readonly Entry[] {
  return ofKind(loaded.desired?.objects ?? [], 'Credentials').flatMap((item) => item.document.spec.tokens);
}

function mint(parts: TokenParts, found: FoundToken): { readonly entry: Entry; readonly issued: IssuedToken } {
  const uid = found.loaded.desired?.uid;
  if (uid === undefined) throw new Error('expected a rendered org');
  const id = randomId(parts.random);
  const secret = parts.random.bytes(32);
  const entry: Entry = {
    token: found.name,
    id,
    digest: tokenDigest(uid, id, secret),
    notBefore: instantText(parts.clock.nowMs()),
    notAfter: found.expires,
  };
  return { entry, issued: { token: found.name, id, secret: formatToken(id, secret), notAfter: found.expires } };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 60 random bits as 12 characters; unique enough inside one org and short enough to read out. */
export function randomId(random: Random, length = 12): string {
  return Array.from(random.bytes(length), (byte) => ALPHABET[byte & 31] ?? 'a').join('');
}
