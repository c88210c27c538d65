import { type CommitId, commitId } from '../../core/model/index.ts';
import type { NewCommit, RemoteBranches } from '../../ports/index.ts';
import { asGitError, GitError, remoteEnvironment, startGit } from './process.ts';
import { type GitRunner, gitRunner } from './run.ts';

/** What a remote and a branch may be called here: nothing that git could take for an option or a refspec. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$/;

/** Branches of `remote` as the clone at `dir` reaches it, with the credentials that git has for it. */
export function openRemoteBranches(dir: string, remote: string): RemoteBranches {
  const git = gitRunner(dir);
  const away = gitRunner(dir, remoteEnvironment());
  const at = checkedName(remote);
  return {
    fetch: (names) => withoutCredentials(() => fetchHeads(away, at, names.map(checkedName))),
    commitOn: (commit) => commitOn(git, commit),
    push: (name, commit, seen) =>
      withoutCredentials(() => pushHead(away, { remote: at, name: checkedName(name), commit, seen })),
  };
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new GitError('GIT_FAILED', `expected the name of a branch or remote, found ${JSON.stringify(name)}`);
}

/** Git repeats the address of a remote in what it says, and people put passwords into addresses. */
async function withoutCredentials<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    throw new GitError(cause.code, cause.message.replace(/:\/\/[^/@\s]*@/g, '://'));
  }
}

async function heads(git: GitRunner, remote: string, names: readonly string[]): Promise<ReadonlyMap<string, CommitId>> {
  if (names.length === 0) return new Map();
  const text = await git.text(['ls-remote', '--quiet', remote, ...names.map((name) => `refs/heads/${name}`)]);
  const found = text.split('\n').flatMap((line) => {
    const [id = '', ref = ''] = line.split('\t');
    const [commit, name] = [commitId(id), ref.replace(/^refs\/heads\//, '')];
    return commit !== undefined && names.includes(name) ? [[name, commit] as const] : [];
  });
  return new Map(found);
}

async function fetchHeads(git: GitRunner, remote: string, names: readonly string[]) {
  const found = await heads(git, remote, names);
  if (found.size === 0) return found;
  const refs = [...found.keys()].map((name) => `refs/heads/${name}`);
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance'];
  await git.text(['fetch', ...quiet, remote, ...refs]);
  // A branch that was moved in between brought another commit than the one that was named.
  for (const commit of found.values()) await git.text(['cat-file', '-e', `${commit}^{commit}`]);
  return found;
}

interface Push {
  readonly remote: string;
  readonly name: string;
  readonly commit: CommitId;
  readonly seen: CommitId | null;
}

async function pushHead(git: GitRunner, { remote, name, commit, seen }: Push): Promise<boolean> {
  const ref = `refs/heads/${name}`;
  const args = [
    'push',
    '--quiet',
    '--no-verify',
    `--force-with-lease=${ref}:${seen ?? ''}`,
    remote,
    `${commit}:${ref}`,
  ];
  try {
    await git.text(args);
    return true;
  } catch (cause) {
    const now = (await heads(git, remote, [name])).get(name) ?? null;
    if (now === commit) return true;
    if (now !== seen) return false;
    if (!(cause instanceof GitError)) throw cause;
    throw new GitError(cause.code, `the remote took no push to ${name}: ${cause.message.trimEnd()}`);
  }
}

/** How many commits this process made, so that two at once do not meet in one ref. */
let made = 0;

async function commitOn(git: GitRunner, { parent, files, message }: NewCommit): Promise<CommitId> {
  const [ident, date] = await Promise.all([
    git.text(['var', 'GIT_COMMITTER_IDENT']),
    git.text(['log', '-1', '--format=%ct', parent, '--']),
  ]);
  const who = `${ident.slice(0, ident.lastIndexOf('>') + 1)} ${date.trim()} +0000`;
  made += 1;
  const ref = `refs/tenantry/made-${process.pid}-${made}`;
  const parts = [
    `commit ${ref}\nmark :1\nauthor ${who}\ncommitter ${who}\n${data(`${message.trimEnd()}\n`)}from ${parent}\n`,
    ...[...files].map(([path, text]) =>
      text === null ? `D ${quoted(path)}\n` : `M 100644 inline ${quoted(path)}\n${data(text)}`,
    ),
    'get-mark :1\ndone\n',
  ];
  const id = commitId((await fastImport(git.dir, parts)).trim());
  if (id === undefined) throw new GitError('GIT_FAILED', 'git made no commit');
  // The import cannot do without a ref; the commit can.
  await git.text(['update-ref', '-d', ref]);
  return id;
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

const quoted = (path: string): string =>
  `"${path.replace(/["\\\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))}"`;

function fastImport(dir: string, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startGit(dir, ['fast-import', '--quiet', '--done', '--force', '--date-format=raw'], 'pipe');
    let out = '';
    let said = '';
    child.on('error', (cause) => reject(asGitError(cause, dir)));
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, 2000);
    });
    child.on('close', (status) => {
      if (status === 0) resolve(out);
      else reject(asGitError(new Error(said === '' ? `git fast-import ended with ${status}` : said), dir));
    });
    for (const part of parts) child.stdin?.write(part);
    child.stdin?.end();
  });
}
