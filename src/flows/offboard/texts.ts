import type { RepoPath } from '../../core/model/index.ts';
import { FILE_LIMIT_BYTES, type Frame } from '../frame.ts';
import type { Outcome } from '../tokens.ts';

/** The text of a file that was read as a manifest. */
export async function textOf({ reading: { tree } }: Frame, path: RepoPath): Promise<string> {
  const { entries } = await tree.list([path]);
  const bytes = (await tree.read(entries, FILE_LIMIT_BYTES)).get(path);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes ?? new Uint8Array());
}

/** What cannot be written without touching the rest of a file is left to a person. */
export function uneditable(file: RepoPath): Outcome<never> {
  const message = `expected a layout of ${file} in which a field can be added, found another; write it by hand`;
  return { ok: false, code: 'OFFBOARD_UNEDITABLE', message };
}
