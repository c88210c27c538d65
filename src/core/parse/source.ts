import { idOfPath } from '../kinds/index.ts';
import {
  type Finding,
  type FindingCode,
  finding,
  type ObjectKey,
  type OrgSlug,
  objectKey,
  type Place,
  type RepoPath,
} from '../model/index.ts';

/** The file that is being read, and whose it is by its path. */
export interface Source {
  readonly file: RepoPath;
  readonly org: OrgSlug | null;
  readonly object: ObjectKey | null;
}

export function sourceOf(file: RepoPath): Source {
  const meaning = idOfPath(file);
  if (meaning === undefined || meaning.type === 'template-body') return { file, org: null, object: null };
  return { file, org: meaning.org, object: meaning.type === 'manifest' ? objectKey(meaning.id) : null };
}

/** What a finding of this folder says beside its code. */
export interface Fault {
  readonly code: FindingCode;
  readonly place: Place;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly fix?: string;
  readonly related?: readonly Place[];
}

export function findingOf({ org, object }: Source, { code, ...facts }: Fault): Finding {
  return finding(code, { ...facts, org, object });
}

/** The place of an offset (in UTF-16 units) in a text. */
export function placeAt(file: RepoPath, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { file, line, column: offset - before.lastIndexOf('\n') };
}
