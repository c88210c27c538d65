import { emit, oneOf, pathOf } from '../core/kinds/index.ts';
import {
  type Clock,
  type Credentials,
  type FindingCode,
  instantText,
  type JsonObject,
  type OrgSlug,
  ofKind,
  type Random,
  type RepoPath,
} from '../core/model/index.ts';
import type { ReadTree, WriteTree } from '../ports/index.ts';
import { formatToken, tokenDigest } from '../trust/index.ts';
import { FILE_LIMIT_BYTES, openFrame, zeroCounters } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';

export interface TokenParts {
  readonly tree: ReadTree;
  readonly write: WriteTree;
  readonly clock: Clock;
  readonly random: Random;
}

/** Gives a secret to who asked for it. Where that throws, nothing was issued: credentials.yaml is what it was. */
export type ShowToken = (issued: IssuedToken) => void;

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
export async function issueToken(
  parts: TokenParts,
  org: OrgSlug,
  name: string,
  show: ShowToken = () => undefined,
): Promise<Outcome<IssuedToken>> {
  return withToken(parts, { org, name, show }, (found) => minted(parts, found, found.entries));
}

/** Issues a new secret, lets the old ones run out after the manifest's overlap, and removes those that have run out. */
export async function rotateToken(
  parts: TokenParts,
  org: OrgSlug,
  name: string,
  show: ShowToken = () => undefined,
): Promise<Outcome<IssuedToken>> {
  return withToken(parts, { org, name, show }, (found) => {
    const nowMs = parts.clock.nowMs();
    const end = instantText(nowMs + found.overlapHours * HOUR_MS);
    const kept = found.entries.filter((item) => item.token !== name || item.notAfter > instantText(nowMs));
    const entries = kept.map((item) =>
      item.token === name && item.notAfter > end ? { ...item, notAfter: end } : item,
    );
    return minted(parts, found, entries);
  });
}

/** Which secrets of a token: all of them, the one of an id, or those that have run out. */
export type WhichSecrets = 'all' | 'expired' | { readonly id: string };

/**
 * Takes secrets of a token away; takes effect with the next apply. The number of secrets removed. Also for a token whose
 * manifest is gone, so that what it left behind can be removed.
 */
export async function revokeToken(
  parts: TokenParts,
  org: OrgSlug,
  name: string,
  which: WhichSecrets = 'all',
): Promise<Outcome<number>> {
  const loaded = await load(parts, org);
  if (!loaded.ok) return loaded;
  const before = entriesOf(loaded.value);
  const own = before.filter((item) => item.token === name);
  const tokens = ofKind(loaded.value.desired?.objects ?? [], 'Token');
  if (own.length === 0 && !tokens.some(({ id }) => id.name === name)) return unknownToken(org, name, tokens);
  const now = instantText(parts.clock.nowMs());
  const isMeant = ({ id, notAfter }: Entry): boolean =>
    which === 'all' || (which === 'expired' ? notAfter <= now : id === which.id);
  if (typeof which === 'object' && !own.some(isMeant)) {
    const ids = own.map(({ id }) => id).join(', ') || 'none';
    return {
      ok: false,
      code: 'TOKEN_UNKNOWN',
      message: `expected a secret of ${name} (${ids}), found ${which.id}; \`tenantry token list\` shows them`,
    };
  }
  const entries = before.filter((item) => item.token !== name || !isMeant(item));
  if (entries.length < before.length) await save(parts, org, entries);
  return { ok: true, value: before.length - entries.length };
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

async function withToken(
  parts: TokenParts,
  which: { readonly org: OrgSlug; readonly name: string; readonly show: ShowToken },
  change: (found: FoundToken) => Outcome<{ readonly entries: readonly Entry[]; readonly value: IssuedToken }>,
): Promise<Outcome<IssuedToken>> {
  const loaded = await load(parts, which.org);
  if (!loaded.ok) return loaded;
  const tokens = ofKind(loaded.value.desired?.objects ?? [], 'Token');
  const token = tokens.find((item) => item.id.name === which.name);
  if (token === undefined) return unknownToken(which.org, which.name, tokens);
  const { expires, rotationOverlapHours } = token.document.spec;
  const found = {
    loaded: loaded.value,
    name: which.name,
    expires,
    overlapHours: rotationOverlapHours,
    entries: entriesOf(loaded.value),
  };
  const changed = change(found);
  if (!changed.ok) return changed;
  const before = await writtenText(parts.tree, loaded.value);
  await save(parts, which.org, changed.value.entries);
  try {
    which.show(changed.value.value);
  } catch (cause) {
    // Nobody has the secret. The next rotation would cut off the one in use for its sake.
    await parts.write.write(new Map([[credentialsOf(which.org), before]]));
    throw cause;
  }
  return { ok: true, value: changed.value.value };
}

/** credentials.yaml as it stands; null where there is none. */
async function writtenText(tree: ReadTree, { org, entries }: LoadedOrg): Promise<string | null> {
  const path = credentialsOf(org);
  const own = entries.filter((entry) => entry.path === path);
  const bytes = (await tree.read(own, FILE_LIMIT_BYTES)).get(path) ?? null;
  return bytes === null ? null : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const credentialsOf = (org: OrgSlug): RepoPath =>
  pathOf(org, { kind: 'Credentials', environment: null, name: 'credentials' });

function unknownToken(
  org: OrgSlug,
  name: string,
  tokens: readonly { readonly id: { readonly name: string } }[],
): Outcome<never> {
  const known = oneOf(
    tokens.map(({ id }) => id.name),
    name,
    'none',
  );
  return { ok: false, code: 'TOKEN_UNKNOWN', message: `expected a Token of ${org} (${known}), found ${name}` };
}

async function save(parts: TokenParts, org: OrgSlug, entries: readonly Entry[]): Promise<void> {
  const document: JsonObject = {
    apiVersion: 'tenantry/v1',
    kind: 'Credentials',
    metadata: { name: 'credentials', org },
    spec: { tokens: entries.map((item) => ({ ...item })) },
  };
  await parts.write.write(new Map([[credentialsOf(org), emit(document)]]));
}

async function load(parts: Pick<TokenParts, 'tree'>, org: OrgSlug): Promise<Outcome<LoadedOrg>> {
  const frame = await openFrame({ tree: parts.tree, isStrict: () => true, counters: zeroCounters() });
  const [loaded] = await loadOrgs(frame, [org]);
  if (loaded === undefined) {
    return {
      ok: false,
      code: 'ORG_UNKNOWN',
      message: `expected ${oneOf([...frame.orgTrees.keys()], org, 'an org below orgs/')}, found ${org}`,
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

/** The entries with one of a new secret; a secret that would never work is not made. */
function minted(
  { clock, random }: Pick<TokenParts, 'clock' | 'random'>,
  found: FoundToken,
  entries: readonly Entry[],
): Outcome<{ readonly entries: readonly Entry[]; readonly value: IssuedToken }> {
  const { name: token, expires: notAfter, loaded } = found;
  const uid = loaded.desired?.uid;
  if (uid === undefined) throw new Error('expected a rendered org');
  const notBefore = instantText(clock.nowMs());
  if (notAfter <= notBefore) {
    const message = `expected a Token that expires after ${notBefore}, found ${token} until ${notAfter}`;
    return { ok: false, code: 'TOKEN_PAST_EXPIRY', message };
  }
  const id = randomId(random);
  const secret = random.bytes(32);
  const entry: Entry = { token, id, digest: tokenDigest(uid, id, secret), notBefore, notAfter };
  const issued = { token, id, secret: formatToken(id, secret), notAfter };
  return { ok: true, value: { entries: [...entries, entry], value: issued } };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 60 random bits as 12 characters; unique enough inside one org and short enough to read out. */
export function randomId(random: Random, length = 12): string {
  return Array.from(random.bytes(length), (byte) => ALPHABET[byte & 31] ?? 'a').join('');
}
