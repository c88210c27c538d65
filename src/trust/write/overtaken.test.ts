import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import { GATEWAY, MemoryFiles, ORG, Publishing } from '../trust.testkit.ts';

// A publisher whose store is behind reads what others see. What it can follow and what the present key signed stops it; what
// is missing, damaged, malformed or signed by others says nothing, and must not end it either.

type Json = Record<string, unknown>;
type Edit = (file: Json) => unknown;
interface Edits {
  readonly timestamp?: Edit;
  readonly snapshot?: Edit;
  readonly targets?: Edit;
}

/** A store from a backup, behind three publications. */
async function behind(files = new MemoryFiles()): Promise<Publishing> {
  const publishing = new Publishing(ORG, files);
  await publishing.publish({ [GATEWAY]: 'one' });
  const backup = publishing.publication;
  for (const text of ['two', 'three']) await publishing.publish({ [GATEWAY]: text });
  publishing.publication = backup;
  publishing.generation = 0;
  return publishing;
}

/** Rewrites the files that readers see, and names each by the hash that it has then. */
function rewrite(publishing: Publishing, edits: Edits): void {
  const write = (
    name: string,
    edit: Edit = (file) => file,
    links?: { readonly to: string; readonly sha256: string },
  ) => {
    const file = JSON.parse(new TextDecoder().decode(publishing.file(name))) as {
      signed: { meta: Record<string, { hashes: object }> };
    };
    const meta = links === undefined ? undefined : file.signed.meta[links.to];
    if (links !== undefined && meta !== undefined) meta.hashes = { sha256: links.sha256 };
    const bytes = new TextEncoder().encode(JSON.stringify(edit(file as never) ?? file));
    publishing.files.files.set(`${ORG}/${name}`, bytes);
    return createHash('sha256').update(bytes).digest('hex');
  };
  const targets = write('3.targets.json', edits.targets);
  const snapshot = write('3.snapshot.json', edits.snapshot, { to: 'targets.json', sha256: targets });
  write('timestamp.json', edits.timestamp, { to: 'snapshot.json', sha256: snapshot });
}

const outcome = (publishing: Publishing): Promise<string> =>
  publishing.publish({ [GATEWAY]: 'former' }).then(
    () => 'published',
    (error: Error & { readonly code?: string }) => error.code ?? error.message,
  );

/** Says of these files what a place of published files says that cannot give them. */
class Ungiven extends MemoryFiles {
  readonly codes = new Map<string, string>();

  override async get(...[org, path]: Parameters<MemoryFiles['get']>): Promise<Uint8Array | undefined> {
    const code = this.codes.get(path);
    if (code !== undefined) throw Object.assign(new Error(path), { code });
    return super.get(org, path);
  }

  override async putMutable(...[org, path, bytes, over]: Parameters<MemoryFiles['putMutable']>): Promise<void> {
    const isOverlong = this.codes.get(path) === 'PUBLISH_OVERLONG';
    if ((over === 'overlong') !== isOverlong) throw Object.assign(new Error(path), { code: 'PUBLISH_CONFLICT' });
    this.codes.delete(path);
    const standing = await super.get(org, path);
    await super.putMutable(org, path, bytes, isOverlong && standing !== undefined ? nodeHash.sha256(standing) : over);
  }
}

it.each([
  ['timestamp.json', 'PUBLISH_OVERLONG', 'published'],
  ['3.snapshot.json', 'PUBLISH_OVERLONG', 'published'],
  ['3.targets.json', 'PUBLISH_OVERLONG', 'published'],
  ['timestamp.json', 'PUBLISH_DAMAGED', 'PUBLISH_DAMAGED'],
  ['3.snapshot.json', 'PUBLISH_UNREACHABLE', 'PUBLISH_UNREACHABLE'],
])('%s, of which the place says %s, comes to: %s', async (path, code, end) => {
  const files = new Ungiven();
  const publishing = await behind(files);
  files.codes.set(path, code);
  const puts = files.puts;
  expect(await outcome(publishing)).toBe(end);
  expect(files.puts > puts).toBe(end === 'published');
});

it.each<[string, Edits]>([
  ['as they were signed', {}],
  ['with a timestamp and a snapshot that nobody signed', { timestamp: withoutSignatures, snapshot: withoutSignatures }],
])('files %s stop who is behind', async (_, edits) => {
  const publishing = await behind();
  rewrite(publishing, edits);
  expect(await outcome(publishing)).toBe('PUBLISH_OVERTAKEN');
});

const signatureOf = (file: Json): { keyid: string; sig: unknown } =>
  (file['signatures'] as readonly [{ keyid: string; sig: unknown }])[0];

it.each<[string, Edits]>([
  ['a timestamp that names no version', { timestamp: (file) => edited(file, 'meta', { 'snapshot.json': {} }) }],
  ['a timestamp that is a number', { timestamp: () => 7 }],
  [
    'a version that is a text',
    {
      timestamp: (file) =>
        edited(file, 'meta', { 'snapshot.json': { ...metaOf(file, 'snapshot.json'), version: '3' } }),
    },
  ],
  ['a snapshot that names no targets', { snapshot: (file) => edited(file, 'meta', {}) }],
  ['targets that nobody signed', { targets: withoutSignatures }],
  ['targets whose signatures are no list', { targets: (file) => ({ ...file, signatures: { 0: signatureOf(file) } }) }],
  [
    'targets whose signature is no text',
    { targets: (file) => ({ ...file, signatures: [{ ...signatureOf(file), sig: 7 }] }) },
  ],
  [
    'targets of another key',
    { targets: (file) => ({ ...file, signatures: [{ ...signatureOf(file), keyid: 'a'.repeat(64) }] }) },
  ],
  ['targets that were changed', { targets: (file) => edited(file, 'version', 4) }],
  ['a signature of nothing', { targets: (file) => ({ signatures: file['signatures'] }) }],
])('%s stops nobody', async (_, edits) => {
  const publishing = await behind();
  rewrite(publishing, edits);
  expect(await outcome(publishing)).toBe('published');
});

it.each(['3.snapshot.json', '3.targets.json'])(
  '%s that is missing, or is not what was named, stops nobody',
  async (name) => {
    const missing = await behind();
    missing.files.files.delete(`${ORG}/${name}`);
    expect(await outcome(missing)).toBe('published');
    const damaged = await behind();
    const text = new TextDecoder().decode(damaged.file(name));
    damaged.files.files.set(`${ORG}/${name}`, new TextEncoder().encode(`${text} `));
    expect(await outcome(damaged)).toBe('published');
  },
);

function withoutSignatures(file: Json): unknown {
  return { ...file, signatures: [] };
}

function edited(file: Json, field: string, value: unknown): unknown {
  return { ...file, signed: { ...(file['signed'] as object), [field]: value } };
}

function metaOf(file: Json, name: string): object {
  return (file['signed'] as { readonly meta: Record<string, object> }).meta[name] ?? {};
}
