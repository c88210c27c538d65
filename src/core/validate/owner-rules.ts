// The language of CODEOWNERS as GitHub reads it: the last line that matches decides, a line that cannot be read is skipped.

/** One line that says who owns what. */
export interface OwnerLine {
  readonly line: number;
  readonly pattern: string;
  /** In lower case; none: nobody owns what matches. */
  readonly owners: readonly string[];
}

export interface OwnerFile {
  readonly lines: readonly OwnerLine[];
  /** Numbers of lines that GitHub skips. */
  readonly unreadable: readonly number[];
}

const OWNER = /^(@[A-Za-z0-9][A-Za-z0-9-]{0,38}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?|[^\s@]+@[^\s@]+\.[^\s@]+)$/;

export function readOwnerFile(text: string): OwnerFile {
  const lines: OwnerLine[] = [];
  const unreadable: number[] = [];
  text.split('\n').forEach((raw, index) => {
    const [pattern = '', ...owners] = withoutComment(raw).trim().split(/\s+/);
    if (pattern === '') return;
    const isOdd = pattern.startsWith('!') || /[[\]\\]/.test(pattern) || owners.some((owner) => !OWNER.test(owner));
    if (isOdd) unreadable.push(index + 1);
    else lines.push({ line: index + 1, pattern, owners: owners.map((owner) => owner.toLowerCase()) });
  });
  return { lines, unreadable };
}

function withoutComment(line: string): string {
  const at = line.search(/(^|\s)#/);
  return at < 0 ? line : line.slice(0, at);
}

/** Answers which line decides about a path. Lines of one org are only looked at for paths of that org. */
export function openOwnerFile(file: OwnerFile): (path: string) => OwnerLine | undefined {
  const general: Compiled[] = [];
  const byOrg = new Map<string, Compiled[]>();
  for (const line of file.lines) {
    const steps = stepsOf(line.pattern);
    const [first, org = ''] = steps;
    const isOfOrg = first === 'orgs' && org !== '' && !/[*?]/.test(org);
    const group = isOfOrg ? (byOrg.get(org) ?? []) : general;
    group.push({ line, steps });
    if (isOfOrg) byOrg.set(org, group);
  }
  return (path) => {
    const steps = path.split('/');
    const own = steps[0] === 'orgs' ? lastMatch(byOrg.get(steps[1] ?? '') ?? [], steps) : undefined;
    const other = lastMatch(general, steps);
    return own === undefined || (other !== undefined && other.line > own.line) ? other : own;
  };
}

interface Compiled {
  readonly line: OwnerLine;
  readonly steps: readonly string[];
}

function lastMatch(lines: readonly Compiled[], path: readonly string[]): OwnerLine | undefined {
  return lines.findLast(({ steps }) => matches(steps, path))?.line;
}

/** A pattern as steps from the top: `**` for any number of folders, and at the end for everything below. */
function stepsOf(pattern: string): readonly string[] {
  const isFolder = pattern.endsWith('/');
  const bare = pattern.replace(/^\/+/, '').replace(/\/+$/, '');
  const steps = bare === '' ? [] : bare.split('/');
  const isAnchored = pattern.startsWith('/') || steps.length > 1;
  const last = steps.at(-1);
  // `docs/*` is what lies directly in docs; a name alone is that file, or everything below a folder of that name.
  const isDirect = isAnchored && last === '*' && !isFolder;
  const below = isDirect || last === '**' ? [] : isFolder ? ['*', '**'] : ['**'];
  return [...(isAnchored ? [] : ['**']), ...steps, ...below];
}

/** Step by step, each position of the path at most once for each step: never more than their product. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const step of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (step === '**') for (let to = at; to <= path.length; to += 1) next.add(to);
      else if (at < path.length && fits(step, path[at] ?? '')) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(path.length);
}

/** `*` is any run of characters, `?` one; a star is only ever retried from its last place. */
function fits(step: string, name: string): boolean {
  let [at, to, star, mark] = [0, 0, -1, 0];
  while (to < name.length) {
    if (step[at] === '*') {
      star = at;
      mark = to;
      at += 1;
    } else if (at < step.length && (step[at] === '?' || step[at] === name[to])) {
      at += 1;
      to += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      to = mark;
    } else return false;
  }
  while (step[at] === '*') at += 1;
  return at === step.length;
}
