import canonicalJson from '@tufjs/canonical-json';
import type { JsonObject, TrustRole } from '../core/model/index.ts';
import { tufKey } from './key.ts';
import { factsOf } from './layout.ts';
import { bytesOf, GATEWAY, MemoryFiles, ORG, type Publishing } from './trust.testkit.ts';

/** The signed part of a file, to be changed. */
export type Signed = { -readonly [key in keyof JsonObject]: JsonObject[key] };
export type Change = (signed: Signed) => void;

/** The files of a publication, to be changed and signed again by whoever holds a role's key. */
export class Forgery {
  readonly files: MemoryFiles;
  readonly #of: Publishing;

  constructor(of: Publishing) {
    this.#of = of;
    this.files = new MemoryFiles();
    for (const [path, bytes] of of.files.files) this.files.files.set(path, bytes);
  }

  /** The version of the newest snapshot that was published. */
  get snapshotVersion(): number {
    return this.#of.publication?.snapshotVersion ?? 0;
  }

  signed(path: string): Signed {
    const bytes = this.files.files.get(`${ORG}/${path}`) ?? new Uint8Array(0);
    return (JSON.parse(new TextDecoder().decode(bytes)) as { signed: Signed }).signed;
  }

  async put(path: string, role: TrustRole, signed: Signed, signer = this.#of.signer): Promise<Uint8Array> {
    const { keyID } = tufKey(await signer.publicKey(role, ORG, 1));
    const sig = Buffer.from(await signer.sign(role, ORG, 1, bytesOf(canonicalJson.canonicalize(signed)))).toString(
      'hex',
    );
    const bytes = bytesOf({ signatures: [{ keyid: keyID, sig }], signed });
    this.files.files.set(`${ORG}/${path}`, bytes);
    return bytes;
  }

  /** Changes targets, then signs snapshot and timestamp so that they fit: what both seeds together could do. */
  async targets(change: Change): Promise<void> {
    const version = this.#of.publication?.targetsVersion ?? 0;
    const targets = this.signed(`${version}.targets.json`);
    change(targets);
    const bytes = await this.put(`${version + 1}.targets.json`, 'targets', { ...targets, version: version + 1 });
    await this.snapshot((signed) => {
      signed['meta'] = { 'targets.json': named(version + 1, bytes) };
    });
  }

  async snapshot(change: Change): Promise<void> {
    const version = this.snapshotVersion;
    const snapshot = this.signed(`${version}.snapshot.json`);
    change(snapshot);
    const bytes = await this.put(`${version + 1}.snapshot.json`, 'snapshot', { ...snapshot, version: version + 1 });
    await this.timestamp((signed) => {
      signed['meta'] = { 'snapshot.json': named(version + 1, bytes) };
    });
  }

  async timestamp(change: Change, signer = this.#of.signer): Promise<void> {
    const timestamp = this.signed('timestamp.json');
    const signed: Signed = { ...timestamp, version: Number(timestamp['version']) + 1 };
    change(signed);
    await this.put('timestamp.json', 'timestamp', signed, signer);
  }

  /** Replaces the bundle, with length and hash to match, and more of the targets where `change` says so. */
  bundle(bytes: Uint8Array, change: Change = () => undefined): Promise<void> {
    const facts = factsOf(bytes);
    this.files.files.set(`${ORG}/targets/${GATEWAY}/${facts.sha256}.bundle.tar`, bytes);
    return this.targets((signed) => {
      Object.assign(entry(signed, 'bundle.tar'), { length: facts.length, hashes: { sha256: facts.sha256 } });
      change(signed);
    });
  }

  /** Other bytes with the same signatures: what anybody in between could write. */
  respell(path: string, edit: (text: string) => string): void {
    const bytes = this.files.files.get(`${ORG}/${path}`) ?? new Uint8Array(0);
    this.files.files.set(`${ORG}/${path}`, bytesOf(edit(new TextDecoder().decode(bytes))));
  }

  async nextRoot(change: Change): Promise<void> {
    const root = this.signed('1.root.json');
    const signed: Signed = { ...root, version: 2 };
    change(signed);
    await this.put('2.root.json', 'root', signed);
    await this.timestamp(() => undefined);
  }
}

/** A file as another one names it. */
export const named = (version: number, bytes: Uint8Array): JsonObject => {
  const { length, sha256 } = factsOf(bytes);
  return { version, length, hashes: { sha256 } };
};
/** The part of a document below these fields. */
export const at = (value: unknown, ...steps: readonly string[]): Signed =>
  steps.reduce((inner, step) => (inner as Record<string, unknown>)[step], value) as Signed;
/** The target of the gateway. */
export const entry = (signed: Signed, file: string): Signed => at(signed, 'targets', `${GATEWAY}/${file}`);

/** Sets a field. */
export const set =
  (key: string, value: JsonObject[string]): Change =>
  (signed) => {
    signed[key] = value;
  };
