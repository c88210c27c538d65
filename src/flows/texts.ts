import type { Finding, OrgSlug, RepoPath } from '../core/model/index.ts';
import { readingsOf, type TextFile, validateText, wordsOf } from '../core/validate/index.ts';
import type { ReadTree } from '../ports/index.ts';
import { FILE_LIMIT_BYTES } from './frame.ts';

/** What the texts of read files say before anything is parsed; kept only of files that all orgs share. */
export interface Texts {
  readonly inspect: (path: RepoPath, bytes: Uint8Array) => void;
  /** What is wrong with texts below an org's folder. */
  readonly findingsOf: (org: OrgSlug) => readonly Finding[];
  /** What is wrong with texts that all orgs share. */
  readonly sharedFindings: () => readonly Finding[];
  readonly shared: () => readonly TextFile[];
  /** The words that a template (`name@version`) brings to every org that is pinned to it. */
  readonly wordsOf: (pin: string) => ReadonlySet<string>;
  /** Reads the templates that no org made it read, so that the shared files are complete, and the workflows. */
  readonly readRest: (tree: ReadTree) => Promise<void>;
}

/** Not shared with any org, but what is in them runs beside all. */
const WORKFLOWS = '.github/workflows';

export function openTexts(): Texts {
  const decoder = new TextDecoder('utf-8');
  const ofOrgs = new Map<string, Finding[]>();
  const sharedFindings: Finding[] = [];
  const shared = new Map<RepoPath, string>();
  const words = new Map<string, ReadonlySet<string>>();
  const inspect: Texts['inspect'] = (path, bytes) => {
    const text = decoder.decode(bytes);
    const found = validateText({ path, text });
    if (!path.startsWith('orgs/')) {
      if (!path.startsWith(WORKFLOWS)) shared.set(path, text);
      sharedFindings.push(...found);
    } else if (found.length > 0) {
      const org = path.split('/')[1] ?? '';
      ofOrgs.set(org, [...(ofOrgs.get(org) ?? []), ...found]);
    }
  };
  return {
    inspect,
    findingsOf: (org) => ofOrgs.get(org) ?? [],
    sharedFindings: () => sharedFindings,
    shared: () => [...shared].map(([path, text]) => ({ path, text })),
    wordsOf(pin) {
      const known = words.get(pin) ?? templateWords(shared, pin);
      words.set(pin, known);
      return known;
    },
    async readRest(tree) {
      const { entries } = await tree.list(['templates', WORKFLOWS] as readonly string[] as readonly RepoPath[]);
      const unread = entries.filter(({ path, mode }) => mode === '100644' && !shared.has(path));
      const bodies = await tree.read(unread, FILE_LIMIT_BYTES);
      for (const [path, bytes] of bodies) if (bytes !== null) inspect(path, bytes);
    },
  };
}

function templateWords(shared: ReadonlyMap<RepoPath, string>, pin: string): ReadonlySet<string> {
  const folder = `templates/${pin.replace('@', '/')}/`;
  const found = new Set<string>();
  for (const [path, text] of shared) {
    if (!path.startsWith(folder)) continue;
    for (const reading of readingsOf(text)) for (const word of wordsOf(reading)) found.add(word);
  }
  return found;
}
